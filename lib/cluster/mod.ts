/** Chats that several listeners serve: opens the connection to the broker, and the parts that work on it. */

import type { BrokerAddress } from "../base/broker_address.ts";
import type { Clock } from "../base/clock.ts";
import { Timers } from "../base/timers.ts";
import type { Elsewhere } from "../hub/elsewhere/elsewhere.ts";
import type { Retain } from "../history/retain.ts";
import type { Log } from "../log/log.ts";
import type { MembersElsewhere } from "../private/members/elsewhere.ts";
import { type Broker, connectBroker } from "./broker/broker.ts";
import { BrokerError } from "./broker/failures.ts";
import { openLog, type StreamHistory } from "./log/mod.ts";
import { hasMembers, membersBucket, openMembers } from "./members/mod.ts";
import { SharedPeople } from "./people/people.ts";
import { SharedSettings } from "./people/settings.ts";

export { BrokerError } from "./broker/failures.ts";

/** The options of {@linkcode openCluster}. */
export interface ClusterOptions {
  readonly address: BrokerAddress;
  /** The password of the address's user. */
  readonly password: string | undefined;
  /** The contents of a file of credentials, in place of user and password. */
  readonly creds: Uint8Array | undefined;
  /** The certificates, as PEM, of authorities that are trusted to sign the broker's certificate. */
  readonly ca: string | undefined;
  /** The number of the broker's servers that keep everything; unchanged if not given. */
  readonly replicas: number | undefined;
  /** Whether this listener serves the chat for members only. All listeners of a chat must do the same. */
  readonly isPrivate: boolean;
  /** The bounds on what is kept. */
  readonly retain: Retain;
  /** The name of this listener, by which people tell it from the others. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns a random name. */
  readonly randomName: () => string;
  /** Called once, with the reason, if the chat on the broker is gone: the listener has to end. */
  readonly onLost: (text: string) => void;
}

/** This listener's part in a chat on a broker. */
export interface Cluster {
  readonly history: StreamHistory;
  readonly elsewhere: Elsewhere;
  /** What a private chat shares; undefined if the chat is open. */
  readonly members: MembersElsewhere | undefined;
  /** The largest payload of a frame that the broker can keep, in bytes. */
  readonly maxFrame: number;
  /** Ends the connection to the broker, after the hub has ended. */
  close(): Promise<void>;
}

/**
 * Joins a chat on a broker, and creates it if there is none.
 *
 * @throws {BrokerError} If that fails, with one line for people.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { log } = options;
  const clock = new Timers(options.clock);
  const broker = await connectBroker({ ...options, name: `chat ${options.name}` });
  try {
    tellState(broker, log);
    const onFailure = (text: string) => log({ event: "failed", text });
    const settings = await SharedSettings.open({ broker, replicas: options.replicas, clock, onFailure });
    const history = await openLog({ ...options, clock, broker, settings });
    const self = options.randomName();
    // A private listener creates the mark of a private chat before it asks who is there, and an open one looks for the mark
    // after it has said that it is there. So of two that start at once, one notices the other.
    const present = () => people.members();
    const members = options.isPrivate
      ? await openMembers({ ...options, clock, broker, self, present })
      : undefined;
    const people: SharedPeople = await SharedPeople.open({ ...options, clock, broker, settings, self });
    await checkKind(broker, { people, isPrivate: options.isPrivate });
    return {
      history,
      elsewhere: people,
      members,
      maxFrame: history.maxFrame,
      async close() {
        people.close();
        members?.close();
        await settings.written();
        await settings.close();
        clock.close();
        await broker.close();
      },
    };
  } catch (error) {
    clock.close();
    await broker.close();
    throw error;
  }
}

/** @throws {BrokerError} If this listener is private and others are open, or the reverse. */
async function checkKind(
  broker: Broker,
  { people, isPrivate }: { people: SharedPeople; isPrivate: boolean },
): Promise<void> {
  const { chat } = broker;
  const [open] = isPrivate ? people.openListeners : [];
  const text = open !== undefined
    ? `The chat ${chat} is open at ${open}: end the listeners without --private first, or give --history another NAME`
    : !isPrivate && await hasMembers(broker)
    ? `The chat ${chat} is private: add --private, or give --history another NAME; ` +
      `to open it, end its listeners and remove its members: nats kv del ${membersBucket(broker)}`
    : undefined;
  if (text === undefined) return;
  people.ending();
  throw new BrokerError(text);
}

/** Logs when the connection to the broker is lost, and when it is back. */
function tellState(broker: Broker, log: Log): void {
  let told = "";
  broker.watch((change) => {
    if (change.state === "lost") {
      log({
        event: "failing",
        what: "broker",
        text: "The connection to the broker is lost: posts wait until it is back",
      });
    } else if (change.state === "back") log({ event: "working", what: "broker" });
    else if (change.text !== told) log({ event: "failed", text: change.text });
    // A refused login is refused again at each attempt, so it is logged once.
    told = change.state === "failed" ? change.text : "";
  });
}

/** The members of a private chat that several listeners serve: opens what they share on the broker. */

import type { Clock } from "../../base/clock.ts";
import type { MembersElsewhere, MembersHere } from "../../private/members/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import type { Broker } from "../broker/broker.ts";
import { findStream } from "../broker/streams.ts";
import { Doors } from "./doors.ts";
import { SharedText } from "./shared_text.ts";

/** The options of {@linkcode openMembers}. */
export interface MembersOptions {
  readonly broker: Broker;
  readonly replicas: number | undefined;
  /** The random name of this run of the listener. */
  readonly self: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns the names of the members who are at other listeners. */
  readonly present: () => Iterable<string>;
  /** Called with the reason if the members are gone from the broker, or cannot be used: the listener has to end. */
  readonly onLost: (text: string) => void;
}

/** The members, until they are closed. */
export interface OpenMembers extends MembersElsewhere {
  close(): void;
}

/**
 * Opens the members of a chat, and makes the bucket for them if there is none.
 *
 * @throws {BrokerError} If that fails.
 */
export async function openMembers(options: MembersOptions): Promise<OpenMembers> {
  const { broker, replicas, self, clock, log, present, onLost } = options;
  let here: MembersHere | undefined;
  const text = await SharedText.open({
    broker,
    bucket: membersBucket(broker),
    key: "members",
    replicas,
    clock,
    changed: () => here?.changed(),
    lost: onLost,
  });
  const doors = new Doors({ broker, self, log });
  let stop = () => {};
  return {
    self,
    get version() {
      return text.version;
    },
    attach(door) {
      here = door;
      stop = doors.serve(door);
      // Something may have been written since the door was opened.
      door.changed();
    },
    refresh: () => text.refresh(),
    replace: (next, revision) => text.replace(next, revision),
    fail: onLost,
    isUsed: (run, id) => doors.isUsed(run, id),
    present,
    tried: (client, isRight) => doors.tried(client, isRight),
    close() {
      stop();
      text.close();
    },
  };
}

/** Returns whether the chat is one for members only. */
export async function hasMembers(broker: Broker): Promise<boolean> {
  const found = await broker.attempt(() => findStream(broker.manager, `KV_${membersBucket(broker)}`));
  return found !== undefined;
}

/** Returns the name of the bucket of a chat's members. */
export function membersBucket({ chat }: Broker): string {
  return `chat-${chat}-members`;
}

/** The listener: runs a chat, from the sockets that accept connections to the hub that they are passed to. */

import { Acceptor } from "./listener/acceptor.ts";
import { SYSTEM_CLOCK } from "./base/clock.ts";
import type { Duplex } from "./connection/duplex.ts";
import { type Endpoint, formatEndpoint } from "./base/address.ts";
import { EXIT, Exit, messageOf } from "./base/errors.ts";
import { Entrance } from "./listener/entrance.ts";
import type { OpenPage } from "./listener/web.ts";
import type { BrokerCommand } from "./cli/broker.ts";
import type { WebCommand } from "./cli/mod.ts";
import { Gate } from "./listener/gate.ts";
import { invitation, reachableEndpoints } from "./listener/invitation.ts";
import { Health } from "./listener/health.ts";
import { listen } from "./listener/listen.ts";
import { Socket } from "./listener/socket.ts";
import { openStore, type Store, type StoreOptions } from "./listener/store.ts";
import type { Door } from "./private/door.ts";
import type { MembersElsewhere } from "./private/members/elsewhere.ts";
import type { Retain } from "./history/retain.ts";
import type { Durability } from "./history/sqlite/schema.ts";
import { Hub } from "./hub/hub.ts";
import type { Limits } from "./base/limits.ts";
import type { Log } from "./log/log.ts";
import { OnceLog } from "./log/once.ts";
import type { Value } from "./pickle/values/values.ts";
import { memoryDuplex } from "./connection/memory_duplex.ts";

/** The options of {@linkcode serve}. */
export interface ServeOptions {
  /** The name or address to listen on; every address of the machine if not given. */
  readonly host?: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  readonly greeting?: Value | undefined;
  readonly replay: number;
  /** The file of the history; in memory if not given. */
  readonly history?: string | undefined;
  /** The broker that keeps the messages for several listeners, in place of a file. */
  readonly broker?: BrokerCommand | undefined;
  /** The password of the broker's user. */
  readonly brokerPassword?: string | undefined;
  readonly durability?: Durability | undefined;
  readonly retain?: Retain | undefined;
  /** The token that makes a peer an operator; nobody becomes one if not given. */
  readonly operatorToken?: string | undefined;
  /** The page for browsers; none if not given. */
  readonly web?: WebCommand | undefined;
  readonly limits: Limits;
  /** Whether pickles that need numpy are relayed; true if not given. */
  readonly numpy?: boolean | undefined;
  readonly version: string;
  readonly log: Log;
  /** Opens the door of a private chat, which is closed at the end; the chat is open if not given. */
  readonly openDoor?: OpenDoor | undefined;
  /** Ends the listener, which then writes waiting frames, says goodbye to all peers, and closes. */
  readonly signal: AbortSignal;
  /** Returns the addresses of the machine's interfaces. If given, the log contains the commands by which others join. */
  readonly interfaces?: () => readonly string[];
  /** Called with the port when the listener is listening. */
  readonly onListening?: (port: number) => void;
  /** Runs the operator at the listener's own terminal, on one end of a connection in memory, until they leave. */
  readonly seat?: (duplex: Duplex) => Promise<void>;
}

/** Opens the door of a private chat. If other listeners serve it too, `shared` is what they share. */
export type OpenDoor = (shared: MembersElsewhere | undefined) => Promise<Door>;

/** The address of the operator's own connection in the log. */
export const TERMINAL = "terminal";

/**
 * Runs a chat until the signal ends it.
 * @throws {Exit} If it cannot listen, cannot open its history, or loses the history later.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const health = new Health();
  const log = health.watch(options.log);
  // The sockets come first, so that the history file stays unchanged if it cannot listen.
  const listeners = await listen(options);
  const stop = () => {
    for (const listener of listeners) listener.close();
  };
  const lost = new AbortController();
  const store = await openStoreOr(stop, {
    ...options,
    log,
    isPrivate: options.openDoor !== undefined,
    port: listeners[0]!.addr.port,
    onLost: (text) => lost.abort(new Exit(EXIT.failed, text)),
  });
  const { history, elsewhere } = store;
  const door = await options.openDoor?.(store.members).catch(async (error) => {
    stop();
    elsewhere?.ending();
    await history.close();
    await store.close();
    throw error;
  });
  const limits = { ...options.limits, maxFrame: Math.min(options.limits.maxFrame, store.maxFrame) };
  const signal = AbortSignal.any([options.signal, lost.signal]);
  const hub = new Hub({
    limits,
    numpy: options.numpy,
    clock: SYSTEM_CLOCK,
    log,
    randomName,
    atTurnsEnd: (then) => void setImmediate(then),
    version: options.version,
    replay: options.replay,
    greeting: options.greeting,
    history,
    elsewhere,
    operatorToken: options.operatorToken,
    isReserved: door && ((nick) => door.isReserved(nick)),
    memory: () => Deno.memoryUsage().rss,
  });
  if (door) door.dismiss = (member, text) => hub.dismiss(member, text);
  const once = new OnceLog(log, SYSTEM_CLOCK);
  const gate = new Gate(limits);
  const entrance = new Entrance({ hub, gate, clock: SYSTEM_CLOCK, log, once, door });
  const page = await openPage({ ...options, limits, log }, { hub, entrance, health, door }).catch(
    async (error) => {
      stop();
      door?.close();
      await hub.end();
      await store.close();
      throw error;
    },
  );
  const places = listeners.map(({ addr }) => addr);
  for (const addr of places) log({ event: "listening", address: formatEndpoint(endpointOf(addr)) });
  for (const address of reachableEndpoints(places, options.interfaces?.() ?? [])) {
    log({ event: "reachable", address, command: invitation(address) });
  }
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  options.onListening?.(listeners[0]!.addr.port);
  const seated = seatAt(hub, options);
  const acceptor: Acceptor = new Acceptor({
    clock: SYSTEM_CLOCK,
    once,
    signal,
    take: (conn) => {
      prepare(conn);
      const socket = new Socket(conn);
      void entrance.admit(socket, endpointOf(conn.remoteAddr), { release: () => socket.release() })
        .then(() => acceptor.retry());
    },
  });
  await Promise.all(listeners.map((listener) => acceptor.run(listener)));
  log({ event: "ending" });
  door?.close();
  await hub.end();
  await store.close();
  await page?.close();
  await seated;
  if (lost.signal.aborted) throw lost.signal.reason;
}

/** Opens the history. If that fails, closes the sockets. */
async function openStoreOr(stop: () => void, options: StoreOptions): Promise<Store> {
  try {
    return await openStore(options, randomName);
  } catch (error) {
    stop();
    throw error;
  }
}

/** Serves the page for browsers, if requested. Its modules are loaded only then, so that other listeners start sooner. */
async function openPage(
  { web, limits, log, interfaces }: ServeOptions,
  { hub, entrance, health, door }: {
    hub: Hub;
    entrance: Entrance;
    health: Health;
    door: Door | undefined;
  },
): Promise<OpenPage | undefined> {
  if (web === undefined) return undefined;
  const { openPage } = await import("./listener/web.ts");
  return await openPage(web, {
    limits,
    clock: SYSTEM_CLOCK,
    log,
    admit: (duplex, from) => entrance.admit(duplex, from, { isBrowser: true }),
    openMemory: (from, giveWay) => hub.openMemory(from, giveWay),
    closed: door?.certificate,
    interfaces: interfaces?.() ?? [],
    figures: () => hub.figures(),
    loopDelays: () => hub.loopDelays,
    health,
  });
}

/** Connects the operator's terminal, if there is one. An error of the terminal does not end the listener. */
async function seatAt(hub: Hub, { seat, log }: ServeOptions): Promise<void> {
  if (seat === undefined) return;
  const [near, far] = memoryDuplex();
  const failed = (error: unknown) =>
    log({ event: "failed", text: `The operator's terminal failed: ${messageOf(error)}` });
  const gone = hub.accept(far, { host: TERMINAL, address: TERMINAL, isAtTerminal: true }).catch(failed);
  await seat(near).catch(failed);
  near.close();
  await gone;
}

/** Disables Nagle's algorithm on a connection, and enables TCP keepalive. */
function prepare(conn: Deno.TcpConn): void {
  try {
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
  } catch {
    // It is already closed, and the next read will report that.
  }
}

function randomName(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

function endpointOf({ hostname: host, port }: Deno.NetAddr): Endpoint {
  return { host, port };
}

/** `chat --serve`, from the command to the exit status: the listener, its log, and the operator at its terminal. */

import type { ServeCommand } from "../cli/mod.ts";
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../connection/duplex.ts";
import { EXIT } from "../base/errors.ts";
import { type OpenDoor, serve, TERMINAL } from "../listener.ts";
import { type Log, type LogEvent, logLine, logText } from "../log/log.ts";
import { lossyLog } from "../log/lossy.ts";
import { isNews } from "./operator_news.ts";
import { Output } from "../view/output.ts";
import type { ListenerIo } from "./io.ts";
import { formatEndpoint } from "../base/address.ts";
import { DEFAULT_PORT } from "../base/limits.ts";
import { reachableAddresses } from "./invitation.ts";
import type { MembersElsewhere } from "../private/members/elsewhere.ts";
import type { OperatorCommand, PrivateChat } from "../private/private_chat.ts";
import type { OperatorScreen } from "./operator_screen.ts";
import { makeToken } from "../base/token.ts";

/** The answer to Ctrl-Z at a listener in the foreground. */
const NOT_SUSPENDED = "Ctrl-Z would stop the chat for everybody: use another terminal for other commands";

/** The longest time for writing the last lines of the log, in milliseconds. */
const LAST_OUTPUT_MS = 250;

/**
 * Runs a listener until it is ended. If a person sits at its terminal and `--quiet` was not given, they are its
 * operator and use the same screen as in a connector. Otherwise the listener logs to standard error.
 *
 * @returns The exit status.
 * @throws {Exit} If it cannot listen, or cannot open its history.
 */
export async function runListener(command: ServeCommand, io: ListenerIo): Promise<number> {
  const { stdin, stdout, env, ending } = io;
  // Before the screen, because an error would garble the screen.
  const given = env("CHAT_OPERATOR_TOKEN") || undefined;
  const errors = new Output(io.stderr);
  let status: number = EXIT.done;
  const attended = !command.quiet && stdin.isTerminal() && stdout.isTerminal();
  let chat: PrivateChat | undefined;
  const screen = !attended ? undefined : await openScreen(io, {
    interrupt: () => {
      status = EXIT.interrupted;
      ending.abort();
    },
    ownCommands: () => chat?.commands ?? NO_COMMANDS,
  });
  const log = logTo(errors, { command, io, screen });
  const refuse = () => log({ event: "failed", text: NOT_SUSPENDED });
  io.suspension?.addEventListener("suspend", refuse);
  // A random token is shown only to an operator at the screen, because a log is not secret.
  const operatorToken = given ?? (screen && makeToken(io.random));
  try {
    let { port } = command;
    const openDoor: OpenDoor = async (shared) => {
      chat = await openPrivate(command, io, { log, screen, port: () => port, shared });
      return chat.door;
    };
    await serve({
      ...command,
      version: io.version,
      ...(io.interfaces ? { interfaces: io.interfaces } : {}),
      operatorToken,
      brokerPassword: env("CHAT_BROKER_PASSWORD") || undefined,
      log,
      signal: ending.signal,
      openDoor: command.private ? openDoor : undefined,
      onListening: (actual) => {
        port = actual;
        screen?.welcome(given === undefined ? operatorToken : undefined);
        void chat?.showCode();
      },
      ...(screen === undefined
        ? {}
        : { seat: (duplex: Duplex) => screen.seat(duplex, { io, log, nick: command.nick }) }),
    });
  } finally {
    chat?.close();
    io.suspension?.removeEventListener("suspend", refuse);
    await lastLines(errors, io.clock);
  }
  return status;
}

const NO_COMMANDS: ReadonlyMap<string, OperatorCommand> = new Map();

/** Opens the operator's screen. Its modules are loaded only here, so that other listeners start sooner. */
async function openScreen(
  io: ListenerIo,
  options: Parameters<typeof OperatorScreen.open>[1],
): Promise<OperatorScreen> {
  const { OperatorScreen } = await import("./operator_screen.ts");
  return await OperatorScreen.open(io, options);
}

/** Opens a private chat. */
async function openPrivate(
  { host, nick }: ServeCommand,
  { env, clock, random, interfaces }: ListenerIo,
  { log, screen, port, shared }: {
    log: Log;
    screen: OperatorScreen | undefined;
    port: () => number;
    shared: MembersElsewhere | undefined;
  },
): Promise<PrivateChat> {
  const { PrivateChat } = await import("../private/private_chat.ts");
  const { stateFolder } = await import("../private/state_folder.ts");
  const [reachable] = reachableAddresses([host ?? "::"], interfaces?.() ?? []);
  const name = reachable ?? host ?? "HOST";
  return await PrivateChat.open({
    folder: stateFolder({ os: Deno.build.os, env }),
    clock,
    random: (size) => random(size).slice(),
    log,
    elsewhere: shared,
    sharedCode: env("CHAT_CODE") || undefined,
    attended: screen !== undefined,
    operator: nick,
    where: () => port() === DEFAULT_PORT ? name : formatEndpoint({ host: name, port: port() }),
    note: (text) => void screen?.note(text),
  });
}

/** Writes the log to the operator's screen, and to standard error unless that is the same terminal. */
function logTo(errors: Output, { command, io, screen }: Logging): Log {
  const lineOf = (event: LogEvent) =>
    logLine(event, { json: command.logJson, time: new Date(io.clock.now()) });
  const isTorn = screen !== undefined && io.stderr.isTerminal();
  const written = lossyLog((event) => {
    const full = errors.line(lineOf(event));
    const flush = () => void errors.flush().catch(() => {});
    // The first line after a screen is written when the screen is erased.
    if (isTorn) screen.gone.then(flush);
    else flush();
    return full;
  });
  if (screen === undefined) return written;
  const noted = command.logJson
    ? lossyLog((event) => screen.note(lineOf(event)))
    : screen.logOn(io.clock, logText);
  return (event) => {
    if (event.event === "reachable") screen.invitations.push(logText(event));
    if (screen.isOpen && isNews(event, TERMINAL)) noted(event);
    if (!screen.isOpen || !isTorn) written(event);
  };
}

interface Logging {
  readonly command: ServeCommand;
  readonly io: ListenerIo;
  readonly screen: OperatorScreen | undefined;
}

/** Writes the rest of the log, unless nobody reads it. */
async function lastLines(errors: Output, clock: Clock): Promise<void> {
  const time = Promise.withResolvers<void>();
  const stop = clock.after(LAST_OUTPUT_MS, time.resolve);
  await Promise.race([time.promise, errors.flush().catch(() => {})]);
  stop();
}

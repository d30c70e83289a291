/** Parser of the command line. It returns a command, or refuses the command line with an error of one line. */

import {
  type HostAndPort,
  readAddress,
  readHostAndPort,
  readHosts,
  readListenHost,
  readListenPlace,
  readListenPort,
  readPort,
} from "./address.ts";
import { type BrokerCommand, readBroker } from "./broker.ts";
import { GivenOptions } from "./given.ts";
import { layered, type Layers } from "./layers.ts";
import { formatConfig, type ShownSection } from "./show_config.ts";
import { HELP_TOPICS, type HelpTopic, type Shell, SHELLS } from "./options.ts";
import { readLimits } from "./limits.ts";
import { Source, STANDARD_INPUT } from "./sources.ts";
import {
  type Given,
  MOST_COUNT,
  readChoice,
  readCount,
  readName,
  readObject,
  readRetain,
  readTime,
  refused,
} from "./values.ts";
import { readOptions } from "./words.ts";
import type { Endpoints } from "../base/address.ts";
import { UsageError } from "../base/errors.ts";
import type { Retain } from "../history/retain.ts";
import { DEFAULT_PORT, DEFAULT_REPLAY, type Limits } from "../base/limits.ts";
import type { Value } from "../pickle/values/values.ts";

const LONGEST_TIMEOUT_MS = 7 * 24 * 3600 * 1000;

/** `chat --serve`. */
export interface ServeCommand {
  readonly kind: "serve";
  /** The name or address to listen on, without brackets; every address if not given. */
  readonly host?: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly greeting?: Value;
  /** The file of the history; in memory, or on a broker, if not given. */
  readonly history?: string;
  /** The broker that keeps the messages for several listeners. */
  readonly broker?: BrokerCommand;
  readonly retain?: Retain;
  readonly durability: "os" | "disk";
  readonly replay: number;
  readonly limits: Limits;
  /** Whether pickles that need numpy are relayed. */
  readonly numpy: boolean;
  /** The page for browsers; none if not given. */
  readonly web?: WebCommand;
  /** The operator's nick. */
  readonly nick?: string;
  /** Whether only members are let in. */
  readonly private?: true;
  readonly quiet: boolean;
  readonly logJson: boolean;
}

/** `chat --serve --web`. */
export interface WebCommand {
  /** The name or address to serve the page on; every address if not given. */
  readonly host: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** The files of a certificate and its key; without them the page is not encrypted. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly trustProxy: boolean;
  /** The address, besides this machine, that may request figures. */
  readonly metricsFrom: string | undefined;
}

/** `chat --connect`. */
export interface ConnectCommand {
  readonly kind: "connect";
  /** The listeners of the chat, of which one is enough. */
  readonly hosts: Endpoints;
  /** Whether an open chat is refused. */
  readonly private?: true;
  readonly nick?: string;
  readonly room?: string;
  /** Whether the nick, the room or several hosts were set for this command, so that the other end must be a chat. */
  readonly greet: boolean;
  /** The objects, texts and files to post instead of the input. */
  readonly send: readonly (Value | Source)[];
  /** The nick of the only person who gets the posts. */
  readonly to?: string;
  /** The number of past messages to request. If not given, the listener decides, and for a pipe it is 0. */
  readonly replay?: number;
  /** The time after which to leave with status 3, in milliseconds. */
  readonly timeout?: number;
  readonly receive?: number;
  readonly last?: number;
  readonly stats: boolean;
  readonly follow: boolean;
  /**
   * The form of JSON lines, if lines are JSON: "exact" can be read back; "plain" is what other programs expect.
   */
  readonly json: false | "exact" | "plain";
  /** Whether only the bodies of messages are printed. */
  readonly bodies: boolean;
  readonly trace: boolean;
  readonly reconnect: boolean;
  readonly color: "auto" | "always" | "never";
  readonly bell: "off" | "mention" | "all";
  readonly plainScreen: boolean;
}

/** The command of a command line. `usage` stands for an empty one, which gets the short help. */
export type Command =
  | ServeCommand
  | ConnectCommand
  | { readonly kind: "help"; readonly topic: HelpTopic }
  | { readonly kind: "version"; readonly json: boolean }
  | { readonly kind: "forget"; readonly host: string; readonly port: number }
  | { readonly kind: "completions"; readonly shell: Shell }
  | { readonly kind: "show-config"; readonly text: string }
  | { readonly kind: "usage" };

/**
 * Reads a command line.
 *
 * @param args The words behind the program's name, as in `Deno.args`.
 * @param layers The settings below the command line; none if not given.
 * @returns The command. `--help` and `--version` take precedence over everything else.
 * @throws {UsageError} If the command line is not valid, with one line of advice.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const command = parseCommandLine(["--connect", "[::1]:4000", "--send", "{1: 'hi'}"]);
 * assertEquals(command.kind === "connect" && command.hosts, [{ host: "::1", port: 4000 }]);
 * assertEquals(command.kind === "connect" && command.send, [new Map([[1, "hi"]])]);
 * ```
 */
export function parseCommandLine(args: readonly string[], layers: Layers = {}): Command {
  if (args.length === 0) return { kind: "usage" };
  checkEncoding(args);
  const topic = readHelpTopic(args);
  if (topic !== undefined) return { kind: "help", topic };
  if (args.includes("--version") || args.includes("-V")) {
    return { kind: "version", json: args.includes("--json") };
  }
  const typed = readOptions(args);
  const given = new GivenOptions(layered(typed, layers));
  const shell = given.one("completions", (word) => readChoice(word, SHELLS));
  if (shell !== undefined) {
    given.checkAlone("completions");
    return { kind: "completions", shell };
  }
  const forgotten = given.one("forget", readHostAndPort);
  if (forgotten !== undefined) {
    given.checkAlone("forget");
    return { kind: "forget", host: forgotten.host, port: forgotten.port ?? DEFAULT_PORT };
  }
  given.checkTogether();
  if (given.has("show-config")) return { kind: "show-config", text: showConfig(typed, layers) };
  if (given.has("serve")) return serveCommand(given);
  if (given.has("connect")) return connectCommand(given);
  throw new UsageError("write --serve to start a chat, or --connect HOST to join one");
}

/** Returns the page of `--show-config`, for the end on the command line or for both. Invalid values are errors. */
function showConfig(typed: ReadonlyMap<string, readonly string[]>, layers: Layers): string {
  const { config = null, configAt } = layers;
  const head = config === null ? { missing: configAt } : { path: config.path };
  const sectionOf = (
    end: "serve" | "connect",
    typed: ReadonlyMap<string, readonly string[]>,
  ): ShownSection => {
    const settings = layered(typed, layers);
    const given = new GivenOptions(settings);
    if (end === "serve") serveCommand(given);
    else connectCommand(given);
    return { name: end, end, settings, defaults: true };
  };
  if (typed.has("serve")) return formatConfig(head, [sectionOf("serve", typed)]);
  if (typed.has("connect")) return formatConfig(head, [sectionOf("connect", typed)]);
  const hosts = Array.from(config?.hosts ?? [], ([name, settings]): ShownSection => ({
    name: `host.${name}`,
    end: "connect",
    settings,
    defaults: false,
  }));
  const connect = sectionOf("connect", new Map([...typed, ["connect", ["localhost"]]]));
  const serve = sectionOf("serve", new Map([...typed, ["serve", [""]]]));
  return formatConfig(head, [connect, serve, ...hosts]);
}

/** Refuses an argument that is not UTF-8. The runtime replaces each byte that it cannot decode with U+FFFD. */
function checkEncoding(args: readonly string[]): void {
  const broken = args.find((word) => word.includes("\ufffd"));
  if (broken === undefined) return;
  throw new UsageError(
    `the argument ${broken} is not UTF-8; where U+FFFD is meant, write '\\ufffd' in an object`,
  );
}

/** Reads `--help TOPIC`. Without a topic, the help is that of the end on the command line. */
function readHelpTopic(args: readonly string[]): HelpTopic | undefined {
  const at = args.findIndex((word) => /^(?:-h|--help)$|^--help=/.test(word));
  if (at === -1) return undefined;
  const next = args[at]!.startsWith("--help=") ? args[at]!.slice("--help=".length) : args[at + 1];
  if (next !== undefined && !next.startsWith("-")) {
    return readChoice({ name: "help", value: next }, HELP_TOPICS);
  }
  if (args.includes("--serve")) return "serve";
  return args.some((word) => /^--connect(?:=|$)/.test(word)) ? "connect" : "common";
}

function serveCommand(given: GivenOptions): ServeCommand {
  given.checkEnd("serve");
  return {
    kind: "serve",
    ...given.property("host", readListenHost),
    port: given.one("port", readListenPort) ?? DEFAULT_PORT,
    ...given.property("greeting", readObject),
    ...readHistory(given),
    ...given.property("retain", readRetain),
    durability: given.one("durability", (word) => readChoice(word, ["os", "disk"])) ?? "os",
    replay: given.one("replay", readReplay) ?? DEFAULT_REPLAY,
    limits: readLimits(given),
    numpy: !given.has("no-numpy"),
    ...given.property("web", (place) => webCommand(given, place)),
    ...given.property("nick", readName),
    ...given.property("private", () => true as const),
    quiet: given.has("quiet"),
    logJson: given.has("log-json"),
  };
}

/** Reads the place in which the messages are kept. */
function readHistory(given: GivenOptions): Pick<ServeCommand, "history" | "broker"> {
  const broker = readBroker(given);
  return broker === undefined ? given.property("history", (file) => file.value) : { broker };
}

function readReplay(count: Given): number {
  return readCount(count, { least: 0, most: MOST_COUNT });
}

/** Reads the options that post something: first texts, then objects and files, then bytes. */
function readPosts(given: GivenOptions): (Value | Source)[] {
  const posts = [
    ...given.all("say", ({ value }) => value),
    ...given.all("send", readObjectOrSource),
    ...given.all("send-bytes", ({ value }) => new Source(value, "bytes")),
  ];
  const inputs = posts.filter((post) => post instanceof Source && post.path === STANDARD_INPUT);
  if (inputs.length > 1) throw new UsageError("the input can be posted once: leave one - out");
  if (posts.length === 0 && given.has("to")) {
    throw new UsageError("--to needs a post: write --say, --send or --send-bytes too");
  }
  return posts;
}

/** Reads an object, or the name of a file that contains one. */
function readObjectOrSource(given: Given): Value | Source {
  const { value } = given;
  if (value === STANDARD_INPUT) return new Source(value, "object");
  return value.startsWith("@") && value.length > 1 ? new Source(value.slice(1), "object") : readObject(given);
}

function readJsonStyle({ name, value }: Given): "exact" | "plain" {
  if (value === "") return "exact";
  if (value === "plain") return "plain";
  throw refused({ name, value }, "write --json or --json=plain");
}

function webCommand(given: GivenOptions, place: Given): WebCommand {
  const file = ({ value }: Given) => value;
  const { host, port } = readListenPlace(place);
  return {
    host,
    port,
    cert: given.one("web-cert", file),
    key: given.one("web-key", file),
    trustProxy: given.has("web-trust-proxy"),
    metricsFrom: given.one("metrics-from", readAddress),
  };
}

/** Gives each host its port: its own, or that of --port. */
function endpointsOf(hosts: readonly HostAndPort[], otherPort: number | undefined): Endpoints {
  if (otherPort !== undefined && hosts.every(({ port }) => port !== undefined && port !== otherPort)) {
    throw new UsageError(`--connect says port ${hosts[0]!.port} and --port ${otherPort}: leave one out`);
  }
  const [first, ...others] = hosts.map(({ host, port }) => ({
    host,
    port: port ?? otherPort ?? DEFAULT_PORT,
  }));
  return [first!, ...others];
}

function connectCommand(given: GivenOptions): ConnectCommand {
  given.checkEnd("connect");
  const hosts = given.one("connect", readHosts) ?? [{ host: "", port: undefined }];
  const count = (count: Given) => readCount(count, { least: 1, most: MOST_COUNT });
  return {
    kind: "connect",
    hosts: endpointsOf(hosts, given.one("port", readPort)),
    ...given.property("private", () => true as const),
    ...given.property("nick", readName),
    ...given.property("room", readName),
    greet: given.isExplicit("nick") || given.isExplicit("room") || hosts.length > 1,
    send: readPosts(given),
    ...given.property("to", readName),
    ...given.property("replay", readReplay),
    ...given.property("timeout", (time) => readTime(time, { least: 1, most: LONGEST_TIMEOUT_MS })),
    ...given.property("receive", count),
    ...given.property("last", count),
    stats: given.has("stats"),
    follow: given.has("follow"),
    json: given.one("json", readJsonStyle) ?? false,
    bodies: given.has("bodies"),
    trace: given.has("trace"),
    reconnect: !given.has("no-reconnect"),
    color: given.one("color", (word) => readChoice(word, ["auto", "always", "never"])) ?? "auto",
    bell: given.one("bell", (word) => readChoice(word, ["off", "mention", "all"])) ?? "mention",
    plainScreen: given.has("plain-screen"),
  };
}

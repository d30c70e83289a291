/** The options of the command line: one table, from which the parser and the pages of `--help` are made. */

import { formatSize, formatTime } from "./units.ts";
import { DEFAULT_PORT, DEFAULT_REPLAY, LIMIT_OPTIONS, type LimitName, LIMITS } from "../base/limits.ts";

/** The pages of the help that can be named. */
export const HELP_TOPICS = ["serve", "connect", "limits", "all"] as const;

/** A page of the help: the common options, all of one end, the limits, or everything. */
export type HelpTopic = "common" | (typeof HELP_TOPICS)[number];

/** The shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of those shells. */
export type Shell = (typeof SHELLS)[number];

/** The end that an option belongs to: the listener, the connector, both, or neither, as `--help`. */
export type End = "serve" | "connect" | "both" | "none";

/** One option. */
export interface Option {
  /** Its name, without the dashes. */
  readonly name: string;
  /** The letter of its short form, such as `-h`. */
  readonly short?: string;
  /** The placeholder of its argument: `NAME`, the choices as `os|disk`, in brackets where it may be left out. A switch has none. */
  readonly argument?: string;
  readonly end: End;
  /** The part of the help that shows it: `common` options stand in the short one. */
  readonly group: "common" | "more" | "limits";
  /** One line about it, without the default. */
  readonly about: string;
  /** The default, in words or as it is typed. */
  readonly default?: string;
  readonly repeatable?: true;
  /** Whether it is allowed only on a command line, and not in a configuration file. */
  readonly typedOnly?: true;
  /** Whether `--no-limits` lifts it. */
  readonly lifted?: true;
}

const MAIN_OPTIONS = [
  { name: "serve", typedOnly: true, end: "serve", group: "common", about: "start a chat on this machine" },
  {
    name: "host",
    argument: "ADDR",
    end: "serve",
    group: "more",
    about: "the address or name to listen on",
    default: "every address",
  },
  {
    name: "port",
    argument: "N",
    end: "both",
    group: "common",
    about: "the port; for --serve, 0 is any free one",
    default: String(DEFAULT_PORT),
  },
  {
    name: "history",
    argument: "FILE",
    end: "serve",
    group: "common",
    about: "keep messages in FILE or on NATS",
    default: "1M in memory",
  },
  {
    name: "broker-creds",
    argument: "FILE",
    end: "serve",
    group: "more",
    about: "credentials for --history nats://HOST/NAME",
  },
  {
    name: "broker-ca",
    argument: "FILE",
    end: "serve",
    group: "more",
    about: "trust this authority for the broker's TLS",
  },
  {
    name: "replicas",
    argument: "N",
    end: "serve",
    group: "more",
    about: "number of the broker's servers with a copy",
    default: "1",
  },
  {
    name: "retain",
    argument: "AGE|N|SIZE",
    end: "serve",
    group: "more",
    about: "what to keep: 30d,10000,10G or all",
    default: "10G",
  },
  {
    name: "durability",
    argument: "os|disk",
    end: "serve",
    group: "more",
    about: "ack when the system has it, or the disk",
    default: "os",
  },
  {
    name: "replay",
    argument: "N",
    end: "both",
    group: "more",
    about: "past messages for a new member",
    default: `${DEFAULT_REPLAY}; a pipe: 0`,
  },
  {
    name: "greeting",
    argument: "OBJECT",
    end: "serve",
    group: "more",
    about: "send this first, in place of welcome",
  },
  {
    name: "quiet",
    end: "serve",
    group: "common",
    about: "no operator at this terminal; for a service",
  },
  {
    name: "private",
    end: "both",
    group: "common",
    about: "encrypted, for people with a code (experimental)",
  },
  {
    name: "web",
    argument: "[ADDR:]PORT",
    end: "serve",
    group: "common",
    about: "serve a page for browsers there",
  },
  {
    name: "web-cert",
    argument: "FILE",
    end: "serve",
    group: "more",
    about: "encrypt the page: its certificate",
  },
  {
    name: "web-key",
    argument: "FILE",
    end: "serve",
    group: "more",
    about: "the key of the certificate; both are PEM",
  },
  {
    name: "web-trust-proxy",
    end: "serve",
    group: "more",
    about: "believe X-Forwarded-For of a proxy in front",
  },
  {
    name: "metrics-from",
    argument: "ADDR",
    end: "serve",
    group: "more",
    about: "who may read the figures",
    default: "this machine",
  },
  { name: "log-json", end: "serve", group: "more", about: "write the log as JSON, one object a line" },
  {
    name: "connect",
    typedOnly: true,
    argument: "HOST[:PORT],...",
    end: "connect",
    group: "common",
    about: "join a chat; IPv6 in brackets: [::1]:1243",
  },
  {
    name: "nick",
    argument: "NAME",
    end: "both",
    group: "common",
    about: "your name; with --serve the operator's",
  },
  {
    name: "room",
    argument: "NAME",
    end: "connect",
    group: "common",
    about: "the room to enter",
    default: "lobby",
  },
  {
    name: "send",
    typedOnly: true,
    argument: "OBJECT",
    end: "connect",
    group: "common",
    about: "post this (@FILE, - for the input), leave",
    repeatable: true,
  },
  {
    name: "say",
    argument: "TEXT",
    end: "connect",
    group: "common",
    about: "post this text as it is and leave",
    repeatable: true,
    typedOnly: true,
  },
  {
    name: "send-bytes",
    argument: "FILE",
    end: "connect",
    group: "more",
    about: "post the bytes of a file (- is the input)",
    repeatable: true,
    typedOnly: true,
  },
  {
    name: "to",
    argument: "NICK",
    end: "connect",
    group: "more",
    about: "post to this person alone",
    typedOnly: true,
  },
  {
    name: "timeout",
    argument: "TIME",
    end: "connect",
    group: "more",
    about: "leave with status 3 after this time",
  },
  {
    name: "bodies",
    end: "connect",
    group: "more",
    about: "print the bodies of messages alone",
  },
  {
    name: "receive",
    typedOnly: true,
    argument: "N",
    end: "connect",
    group: "common",
    about: "leave after N messages",
  },
  {
    name: "last",
    typedOnly: true,
    argument: "N",
    end: "connect",
    group: "more",
    about: "print the last N messages and leave",
  },
  {
    name: "stats",
    typedOnly: true,
    end: "connect",
    group: "more",
    about: "print how busy the server is and leave",
  },
  {
    name: "follow",
    end: "connect",
    group: "more",
    about: "stay after the end of a piped input",
  },
  {
    name: "json",
    argument: "[=plain]",
    end: "connect",
    group: "common",
    about: "lines of JSON, exact, or plain for jq",
  },
  {
    name: "trace",
    end: "connect",
    group: "more",
    about: "show each read of a frame on standard error",
  },
  {
    name: "no-reconnect",
    end: "connect",
    group: "more",
    about: "leave when the connection is lost",
  },
  {
    name: "color",
    argument: "auto|always|never",
    end: "connect",
    group: "more",
    about: "colors on the screen",
    default: "auto",
  },
  {
    name: "bell",
    argument: "off|mention|all",
    end: "connect",
    group: "more",
    about: "when to ring the terminal's bell",
    default: "mention",
  },
  {
    name: "plain-screen",
    end: "connect",
    group: "more",
    about: "no cursor movement, for screen readers",
  },
  {
    name: "forget",
    argument: "HOST[:PORT]",
    end: "none",
    group: "more",
    about: "forget the key of a private chat",
  },
  {
    name: "help",
    typedOnly: true,
    short: "h",
    argument: "[TOPIC]",
    end: "none",
    group: "common",
    about: "more help: serve, connect, limits or all",
  },
  {
    name: "version",
    typedOnly: true,
    short: "V",
    end: "none",
    group: "common",
    about: "print the version; with --json, the build",
  },
  {
    name: "completions",
    typedOnly: true,
    argument: "SHELL",
    end: "none",
    group: "more",
    about: "completions for bash, zsh, fish or powershell",
  },
  {
    name: "no-numpy",
    end: "serve",
    group: "more",
    about: "refuse objects that need numpy to load",
  },
  {
    name: "config",
    argument: "FILE",
    end: "both",
    group: "more",
    about: "settings to read",
    default: "~/.config/chat/config.toml",
    typedOnly: true,
  },
  { name: "no-config", end: "both", group: "more", about: "read no configuration file", typedOnly: true },
  {
    name: "show-config",
    end: "both",
    group: "more",
    about: "print the settings and their sources",
    typedOnly: true,
  },
  {
    name: "no-limits",
    end: "serve",
    group: "limits",
    about: "lift the limits marked with *",
  },
] as const satisfies readonly Option[];

/** The name of an option that sets no limit. */
export type MainOption = (typeof MAIN_OPTIONS)[number]["name"];

/** Returns the option of a limit: `maxFrame` is `max-frame`. */
export function optionOfLimit(name: LimitName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Every option, in the order of the help. */
export const OPTIONS: readonly Option[] = [...MAIN_OPTIONS, ...LIMIT_OPTIONS.map(limitOption)];

/** Every option by its name. */
export const OPTIONS_BY_NAME: ReadonlyMap<string, Option> = new Map(
  OPTIONS.map((option) => [option.name, option]),
);

function limitOption(limit: LimitName): Option {
  const { kind, value, about, ...rest } = LIMITS[limit];
  return {
    name: optionOfLimit(limit),
    argument: { size: "SIZE", count: "N", time: "TIME" }[kind],
    end: "serve",
    group: "limits",
    about,
    default: kind === "size" ? formatSize(value) : kind === "time" ? formatTime(value) : String(value),
    ...rest,
  };
}

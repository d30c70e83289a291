/** The manual page chat(1) in mdoc(7), made from the table of options and the texts of `--help`. */

import { LIFTED, STATUS, UNITS, VALUES } from "./help.ts";
import { type End, type Option, OPTIONS } from "./options.ts";

const ABOUT =
  "Python programs join the same room with their standard library: a message is a ten-byte header " +
  "and a pickled object. Nothing that arrives can run code. An open chat is not encrypted and has no accounts: " +
  "use it in a network that you trust, or through a tunnel. A chat that --private starts is encrypted, and only " +
  "its members get in.";

/** The longest line of the source that mandoc(1) accepts without a warning. */
const WIDTH = 78;

/**
 * Returns the manual page.
 *
 * @param date The day of the edition, in UTC.
 * @returns The source of the page, whose lines end with a newline.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatManual } from "./manual.ts";
 *
 * const page = formatManual(new Date("2026-12-01"));
 * assertStringIncludes(page, ".Dd December 1, 2026\n.Dt CHAT 1\n.Os\n");
 * ```
 */
export function formatManual(date: Date): string {
  const day = date.toLocaleDateString("en-US", {
    year: "numeric",
    month: "long",
    day: "numeric",
    timeZone: "UTC",
  });
  const lines = [
    `.Dd ${day}`,
    ".Dt CHAT 1",
    ".Os",
    ".Sh NAME",
    ".Nm chat",
    ".Nd both ends of a conversation, for people and Python programs",
    ".Sh SYNOPSIS",
    ".Nm",
    ".Fl Fl serve",
    ".Op Ar option ...",
    ".Nm",
    ".Fl Fl connect Ar HOST Ns Op Cm \\&: Ns Ar PORT",
    ".Op Ar option ...",
    ".Sh DESCRIPTION",
    ".Nm",
    ".Fl Fl serve",
    "starts a chat on this machine.",
    ".Nm",
    ".Fl Fl connect",
    "joins one, from a terminal or with a pipe for its input and output.",
    ...text(ABOUT),
    ...section("Options of --serve", ofEnd("serve", false)),
    ...section("Options of --connect", ofEnd("connect", false)),
    ...section("Options of both, and others", [...ofEnd("both", false), ...ofEnd("none", false)]),
    ...section("Limits of --serve", ofEnd("serve", true)),
    ".Pp",
    ...text(LIFTED),
    ".Ss Values",
    ...text(VALUES),
    ...text(UNITS),
    ".Sh ENVIRONMENT",
    ".Bl -tag -width Ds",
    ".It Ev CHAT_OPERATOR_TOKEN",
    "The token by which others become operators of a chat that",
    ".Fl Fl serve",
    "starts.",
    ".It Ev CHAT_NICK",
    "Your name, where",
    ".Fl Fl nick",
    "does not give one.",
    ".It Ev CHAT_CODE",
    "The code of a private chat: the one that lets this end in, or, with",
    ".Fl Fl serve Fl Fl private ,",
    "a reusable one.",
    ".It Ev CHAT_BROKER_PASSWORD",
    "The password of the user in",
    ".Fl Fl history Ar nats://USER@HOST/NAME .",
    ".It Ev STATE_DIRECTORY , XDG_STATE_HOME , HOME , LOCALAPPDATA",
    "The folder of the keys, members and known hosts of private chats: the first,",
    "or a folder below the others.",
    ".It Ev NO_COLOR",
    "If it is set, no colors are used unless",
    ".Fl Fl color Cm always",
    "asks for them.",
    ".It Ev TERM",
    "The kind of the terminal.",
    ".It Ev TZ",
    "The time zone of the times on the screen.",
    ".El",
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ".It Pa ~/.config/chat/config.toml",
    "Options of both ends, and hosts by name.",
    ".El",
    ".Sh EXIT STATUS",
    ...text(STATUS.replace(/^Exit status: /, "")),
    ".Sh EXAMPLES",
    ...[
      ["Start a chat whose messages outlive it:", "chat --serve --history chat.db"],
      ["Join it:", "chat --connect localhost --nick alice"],
      [
        "Join one of several listeners, and the next one if that is lost:",
        "chat --connect n1,n2:4000,[::1]",
      ],
      ["Post from a script:", "echo 'the build is done' | chat --connect localhost --nick builder"],
      ["Post an object:", "chat --connect localhost --send \"{'temperature': 21.5}\""],
      ["Wait for one message:", "chat --connect localhost --receive 1"],
    ].flatMap(([about, command]) => [`${escape(about!)}`, `.Dl ${escape(command!)}`, ".Pp"]).slice(0, -1),
  ];
  return lines.join("\n") + "\n";
}

function ofEnd(end: End, limits: boolean): Option[] {
  return OPTIONS.filter((option) => option.end === end && (option.group === "limits") === limits);
}

function section(title: string, options: readonly Option[]): string[] {
  return [`.Ss ${escape(title)}`, ".Bl -tag -width Ds", ...options.flatMap(item), ".El"];
}

function item({ name, short, argument, about, default: value, lifted }: Option): string[] {
  const flags = [...(short === undefined ? [] : [`Fl ${short}`]), `Fl Fl ${name}`].join(" , ");
  const sentence = `${about[0]!.toUpperCase()}${about.slice(1)}.`;
  return [
    `.It ${flags}${argument === undefined ? "" : ` Ar ${escape(argument)}`}`,
    escape(sentence),
    ...(value === undefined ? [] : [`The default is ${escape(value)}.`]),
    ...(lifted ? ["*"] : []),
  ];
}

/** Returns the lines of a paragraph. Each sentence begins a new line. */
function text(paragraph: string): string[] {
  const lines: string[] = [];
  for (const sentence of paragraph.split(/(?<=[.;]) (?=[A-Z0-9])/)) {
    let line = "";
    for (const word of sentence.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (escape(longer).length > WIDTH) lines.push(escape(line));
      line = escape(longer).length > WIDTH ? word : longer;
    }
    lines.push(escape(line));
  }
  return lines;
}

/** Escapes the characters of a text that mdoc would interpret. */
function escape(plain: string): string {
  let escaped = plain;
  for (const [found, written] of ESCAPES) escaped = escaped.replaceAll(found, written);
  return escaped;
}

const ESCAPES: readonly (readonly [RegExp | string, string])[] = [
  ["\\", "\\e"],
  [/^(?=[.'])/g, "\\&"],
  ["-", "\\-"],
  ["|", "\\(ba"],
  ["[", "\\(lB"],
  ["]", "\\(rB"],
  ['"', "\\(dq"],
  ["'", "\\(aq"],
  [/ (?=[.,:;()])/g, " \\&"],
];

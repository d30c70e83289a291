import { COMMAND_NAMES, type CommandContext, readLine } from "../../lib/terminal/commands.ts";
import { assertEquals, assertFalse, assertStringIncludes } from "../assert.ts";

const HERE: CommandContext = {
  room: "lobby",
  nick: "ann",
  partner: { nick: "bob", isGone: false },
  oldest: 40,
};

Deno.test("readLine posts a line without a slash, and one slash of two", () => {
  assertEquals(readLine("hi", HERE), { is: "post", body: "hi" });
  assertEquals(readLine("//usr/bin", HERE), { is: "post", body: "/usr/bin" });
});

Deno.test("readLine asks about a command behind blanks and posts nothing of it", () => {
  const blanks = [
    " ",
    "   ",
    "\t",
    "\n",
    "\u00A0",
    "\u3000",
    "\u200B",
    "\uFEFF",
    "\u2060 ",
    "\u2800",
    "\u3164",
    "\u00AD",
  ];
  for (const blank of blanks) {
    for (const line of ["/op d5ap-5rpd", "/OP d5ap-5rpd", "/op", "/msg bob psst", "/opp d5ap-5rpd"]) {
      const command = readLine(blank + line, HERE);
      assertEquals(command.is, "wrong", JSON.stringify(blank + line));
      if (command.is !== "wrong") continue;
      assertStringIncludes(
        command.text,
        line.startsWith("/msg") ? "did you mean /msg?" : "did you mean /op?",
      );
      assertFalse(command.text.includes("d5ap"), "the secret is not shown");
    }
  }
});

Deno.test("readLine posts a text after blanks that is not a command", () => {
  for (const text of [" /usr/bin/env", " /", "  // join", " hi /op x", " /opening-night", "\t/home/op"]) {
    assertEquals(readLine(text, HERE), { is: "post", body: text });
  }
});

Deno.test("readLine turns a command into a message of the protocol", () => {
  const said: [string, unknown][] = [
    ["/nick Zoé", { type: "nick", nick: "Zoé" }],
    ["/part", { type: "leave", room: "lobby" }],
    ["/part ops", { type: "leave", room: "ops" }],
    ["/names", { type: "who", room: "lobby" }],
    ["/WHO ops ", { type: "who", room: "ops" }],
    ["/rooms", { type: "rooms" }],
    ["/topic all of it", { type: "topic", room: "lobby", text: "all of it" }],
    ["/history", { type: "history", room: "lobby", before: 40, limit: undefined }],
    ["/history 20", { type: "history", room: "lobby", before: 40, limit: 20 }],
    ["/stats", { type: "stats" }],
    ["/kick bob be nice", { type: "kick", room: "lobby", nick: "bob", text: "be nice" }],
    ["/mute bob", { type: "mute", room: "lobby", nick: "bob", text: undefined }],
    ["/ban bob", { type: "ban", nick: "bob", text: undefined }],
    ["/ban 10.0.0.7 enough", { type: "ban", address: "10.0.0.7", text: "enough" }],
    ["/unban ::1", { type: "unban", address: "::1", text: undefined }],
    ["/op secret", { type: "op", token: "secret" }],
  ];
  for (const [line, message] of said) assertEquals(readLine(line, HERE), { is: "say", message } as never);
});

Deno.test("readLine posts for the commands that are posts", () => {
  assertEquals(readLine("/msg bob hi  there", HERE), { is: "post", to: "bob", body: "hi  there" });
  assertEquals(readLine("/r hi", HERE), { is: "post", to: "bob", body: "hi" });
  assertEquals(readLine("/me waves", HERE), { is: "post", body: "* ann waves" });
  assertEquals(readLine("/say /etc", HERE), { is: "post", body: "/etc" });
  assertEquals(readLine("/send [1, 'a']", HERE), { is: "post", body: [1, "a"] });
});

Deno.test("readLine does not send a command that it does not know, and suggests the intended one", () => {
  const wrong: [string, string][] = [
    ["/jion ops", "did you mean /join?"],
    ["/", "see /help"],
    ["/xyzzyx", "see /help"],
    ["/constructor", "there is no command /constructor"],
    ["/etc/hosts is broken", "to post this, begin with //"],
    ["/q bob hi", "/msg NICK TEXT"],
    ["/nick", "/nick NAME: changes your name"],
    ["/msg bob", "/msg NICK TEXT"],
    ["/history many", "is not a number"],
    ["/send [1,", "line 1"],
    ["/send @data.json", "chat --connect HOST --send @data.json"],
  ];
  for (const [line, text] of wrong) {
    const command = readLine(line, { ...HERE });
    assertEquals(command.is, "wrong", line);
    if (command.is === "wrong") assertStringIncludes(command.text, text);
  }
  assertEquals(readLine("/r hi", { ...HERE, partner: undefined }).is, "wrong");
});

Deno.test("/join takes the whole rest for the room: the listener refuses one with a blank", () => {
  assertEquals(readLine("/join ops ", HERE), { is: "go", room: "ops" });
  assertEquals(readLine("/join a b", HERE), { is: "go", room: "a b" });
});

Deno.test("/help shows all commands, or one of them, with its slash or without", () => {
  assertEquals(readLine("/help", HERE), { is: "help" });
  assertEquals(readLine("/help topic", HERE), { is: "help", about: "topic" });
  assertEquals(readLine("/help /Topic", HERE), { is: "help", about: "topic" });
  const wrong = { is: "wrong", text: "there is no /jion; did you mean /join?" } as const;
  assertEquals(readLine("/help jion", HERE), wrong);
});

Deno.test("every command is known by its name in any case", () => {
  for (const name of COMMAND_NAMES) {
    const command = readLine(`/${name.toUpperCase()} 1 2`, HERE);
    if (command.is === "wrong") {
      assertFalse(command.text.toLowerCase().startsWith(`there is no /${name}`), command.text);
    }
  }
});

Deno.test("readLine knows the names that commands have in other chats", () => {
  const same: [string, string][] = [
    ["/j ops", "/join ops"],
    ["/q", "/quit"],
    ["/exit", "/quit"],
    ["/w bob hi", "/msg bob hi"],
    ["/query bob hi", "/msg bob hi"],
    ["/dm bob hi", "/msg bob hi"],
    ["/leave ops", "/part ops"],
    ["/list", "/rooms"],
    ["/WHO", "/names"],
    ["/help j", "/help join"],
  ];
  for (const [alias, line] of same) {
    assertEquals(readLine(alias, HERE), readLine(line, HERE), alias);
    assertFalse(readLine(alias, HERE).is === "wrong", alias);
  }
});

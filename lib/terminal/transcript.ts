/** The transcript: converts events to the lines that a person reads. */

import { LOBBY } from "../protocol/message.ts";
import { format } from "../pickle/repr/format.ts";
import type { Value } from "../pickle/values/values.ts";
import { reasonOf } from "../base/errors.ts";
import { clean, nameKey } from "../base/text.ts";
import type { KeptBody } from "../view/folded.ts";
import { Days } from "./days.ts";
import { LastSearch } from "./last_search.ts";
import { PendingPosts } from "./dock/pending.ts";
import { ReplayMarks } from "./replay_marks.ts";
import { KnownRooms, type Place } from "./known_rooms.ts";
import { PresenceNotes } from "./presence.ts";
import { MessageLines, type MessageRoom } from "./rows/message_lines.ts";
import type { Style } from "./style/style.ts";
import { linesOfTold } from "./told.ts";
import type { ChatEvent, Dict, LinkState, Mode, Said, Told } from "../view/view.ts";

/** The events at which the bell rings. */
export type Bell = "off" | "mention" | "all";

/** The options of a {@linkcode Transcript}. */
export interface TranscriptOptions {
  readonly style: Style;
  readonly bell: Bell;
  /** The requested nick; undefined if none was requested. */
  readonly nick?: string | undefined;
  /** Returns the time in ms since 1970. */
  readonly now: () => number;
  /** Returns the space for an object; if left out, that of a narrow screen. */
  readonly room?: () => MessageRoom;
  /** Whether the terminal opens links. */
  readonly opensLinks?: boolean;
}

const BELL = "\x07";

/** The answer to a line that is typed after /quit. */
export const NOT_SENT = "not sent: you are leaving; /quit again leaves at once";

/** Converts events to lines, and keeps their information about rooms and people. */
export class Transcript {
  readonly rooms = new KnownRooms();
  readonly ignored = new Set<string>();
  readonly #presence = new PresenceNotes();
  readonly #options: TranscriptOptions;
  readonly #style: Style;
  readonly #messages: MessageLines;
  readonly #marks = new ReplayMarks();
  /** The posts of this end that are not acked. */
  readonly pending = new PendingPosts();
  nick = "";
  mode: Mode | null = null;
  link: LinkState | null = null;
  /** The time in ms at which a lost connection is tried again. */
  retryAt = 0;
  trace = false;
  /** The host of the other end; "" if it is not reached by an address. */
  #host = "";
  #isPrivate = false;
  #mention: RegExp | null = null;
  readonly #days = new Days();
  #lines: string[] = [];
  /** Whether this end was in chat mode before, so that replayed messages are missed ones. */
  #wasReady = false;
  /** The reason for the loss of the connection that was shown last. */
  #reason = "";
  /** The last ban of this end that was shown. */
  #ban = "";
  /** The nick that this end asked for last; "" once it was answered. */
  wanted = "";
  readonly search = new LastSearch();
  /** The last renaming that was shown. */
  #rename = "";

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#style = options.style;
    this.#messages = new MessageLines(options);
  }

  /** Handles an event and returns the lines to show, each safe for a terminal. */
  tell(event: ChatEvent): string[] {
    this.#lines = [];
    if (this.trace) this.#trace(event);
    this.#tell(event);
    return this.#lines;
  }

  /** The joins and leaves since the last line, in one note for each room. A dock shows them until `settle`. */
  get presence(): string[] {
    return this.#presence.texts;
  }

  /** Returns the notes of {@linkcode Transcript.presence} as lines, which come before any further line. */
  settle(): string[] {
    if (this.#presence.isEmpty) return [];
    const lines = this.presence.map((note) => this.#style.as("dim", note));
    this.#presence.clear();
    return lines;
  }

  /** Whether there are so many joins and leaves that they should be written now. */
  get isCrowded(): boolean {
    return this.#presence.isFull;
  }

  /** Returns a text of this end's own as lines, dim or as an error. */
  say(text: string, kind: "dim" | "error" = "dim"): string[] {
    return clean(text, { newlines: true }).split("\n").map((line) => this.#style.as(kind, `-- ${line}`));
  }

  /** Finds the body of an object or of a shortened text; undefined if it is not kept. */
  kept(label: string): KeptBody | undefined {
    return this.#messages.find(label, this.rooms.here);
  }

  #tell(event: ChatEvent): void {
    switch (event.kind) {
      case "message":
        return this.#message(event.message, event.replayed, event.own);
      case "told":
        return this.#told(event.message, event.own);
      case "object":
        return void this.#lines.push(
          this.#messages.body(event.value, { origin: undefined, head: "", replayed: false }),
        );
      case "replay":
        return this.#replay(event);
      case "replayed":
        return this.#rule(this.#marks.end(event.room));
      case "posted":
        if (this.mode === "plain") return this.#printPost(event.dict, this.#options.now() / 1000, undefined);
        return this.pending.add(event.ref, { dict: event.dict, since: this.#options.now() });
      case "refused":
        this.pending.take(event.ref);
        return this.#refused(event.text, event.dict.get("body"));
      case "bye":
        // The reason is shown by the end of the link, or on the way out.
        return;
      case "link":
        return this.#linked(event.state);
      case "problem":
        return void this.#lines.push(...this.say(event.text, "error"));
      case "note":
        return void this.#lines.push(...this.say(event.text));
      case "acked":
        return this.#acked(event);
    }
  }

  #message(message: Said, replayed: boolean, own: boolean): void {
    const { room, from, to, at, id } = message;
    const isHidden = !own && this.ignored.has(nameKey(from));
    const old = room !== undefined && replayed ? this.#marks.came(room, { isHidden }) : undefined;
    if (old === "found" && id !== undefined) this.search.found(room!, id);
    if (isHidden) return;
    const isPrivate = to !== undefined;
    if (room !== undefined && !own && !replayed) {
      // Only the room on the screen has the mark; the others have their count.
      const fresh = this.#marks.fresh(room);
      if (room === this.rooms.here) this.#rule(fresh);
    }
    this.#newDay(at);
    const isNews = !own && (!replayed || old === "missed");
    // A message that was found says nothing about those between it and the others.
    if (room !== undefined && !isPrivate && old !== "found") this.#saw(room, message);
    const mention = !own && !replayed && (isPrivate || this.#mentions(message.body));
    const line = this.#messages.line(
      {
        at,
        room: isPrivate ? undefined : room,
        here: this.rooms.here,
        from,
        to: !isPrivate ? "" : ` → ${own ? clean(to) : "you"}`,
        own,
        mention,
        replayed,
        found: old === "found",
      },
      message.body,
      id,
    );
    const rings = this.#options.bell === "all"
      ? !own && !replayed
      : this.#options.bell === "mention" && mention;
    this.#lines.push(rings ? line + BELL : line);
    if (!isNews) return;
    if (isPrivate) return this.rooms.talks.heard(from, { at, line });
    if (room === undefined) return;
    const named = room === this.rooms.here ? 0 : this.#messages.placeOf(room).length;
    this.rooms.count(room, { line: line.slice(named), mention });
  }

  #saw(room: string, { from, id }: Said): void {
    this.rooms.saw(room, from);
    if (id !== undefined) this.rooms.shown(room, id);
  }

  /** Switches to a room that this end is in; returns what is unread there, at most the newest ten messages. */
  switchTo(room: string): string[] {
    return [...this.say(`in ${room}`), ...this.#recap(this.rooms.go(room))];
  }

  /**
   * Goes to a place with news: switches to a room, or shows a person's private messages, which `/r` answers from then on.
   *
   * @param isShown Whether a line is on the screen, so that it is not shown again.
   */
  goTo(place: Place, isShown: (line: string) => boolean): string[] {
    if ("room" in place) return this.switchTo(place.room);
    const { person } = place;
    const { here, talks } = this.rooms;
    const read = talks.turnTo(person);
    const isAbove = read.lines.length === read.count && read.lines.every(isShown);
    const rest = here === "" ? "" : `; a line without it goes to ${here}`;
    return [
      ...isAbove ? [] : [...this.say(`private messages of ${person}`), ...this.#recap(read)],
      ...this.say(`/r TEXT answers ${person}${rest}`),
    ];
  }

  #recap({ count, lines }: ReturnType<KnownRooms["go"]>): string[] {
    if (count === 0) return [];
    const text = lines.length < count ? `${count} unread, the last ${lines.length}` : `${count} unread`;
    return [this.#style.as("dim", `──── ${text} ────`), ...lines];
  }

  /** Prints a post of this end when it is stored, or at once if the other end does not ack posts. */
  #printPost(dict: Dict, at: number, id: number | undefined): void {
    this.#newDay(at);
    const [to, room] = [dict.get("to"), dict.get("room")];
    if (typeof to === "string") this.rooms.talks.read(to);
    const whom = typeof to === "string" ? ` → ${clean(to)}` : "";
    const where = typeof room === "string" && typeof to !== "string" ? room : undefined;
    const origin = {
      at,
      room: where,
      here: this.rooms.here,
      from: this.nick || "you",
      to: whom,
      own: true,
      mention: false,
      replayed: false,
    };
    this.#lines.push(this.#messages.line(origin, dict.get("body") ?? null, id));
  }

  /** Own posts are not echoed, so their ids come from their acks. */
  #acked({ ref, id, at }: Extract<ChatEvent, { kind: "acked" }>): void {
    const dict = this.pending.take(ref);
    if (dict === undefined) return;
    const [to, room] = [dict.get("to"), dict.get("room")];
    if (id !== undefined && typeof to !== "string" && typeof room === "string" && this.rooms.has(room)) {
      this.rooms.shown(room, id);
    }
    this.#printPost(dict, at, id);
  }

  #refused(text: string, body: Value | undefined): void {
    const back = typeof body === "string" ? " (Ctrl-Y brings it back)" : "";
    const lines = clean(`not sent: ${reasonOf(text)}${back}`, { newlines: true }).split("\n");
    for (const [index, line] of lines.entries()) {
      this.#lines.push(this.#style.as("error", `${index === 0 ? "✗" : " "} ${line}`));
    }
  }

  #mentions(body: Value): boolean {
    return typeof body === "string" && this.#mention !== null && this.#mention.test(body);
  }

  #setNick(nick: string): void {
    this.nick = nick;
    const escaped = nick.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    this.#mention = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "iu");
  }

  #newDay(at: number): void {
    this.#rule(this.#days.at(at, this.#options.now()));
  }

  #rule(text: string | null): void {
    if (text !== null) this.#lines.push(this.#style.as("dim", `──── ${text} ────`));
  }

  #note(text: string): void {
    this.#lines.push(this.#style.as("dim", text));
  }

  #replay({ room, count, asked, words }: Extract<ChatEvent, { kind: "replay" }>): void {
    const wasHere = this.#wasReady && this.rooms.has(room) && this.rooms.of(room).oldest !== undefined;
    const requested = words === undefined ? "asked" : "found";
    const old = asked ? requested : wasHere ? "missed" : "before";
    this.#rule(this.#marks.begin(room, { count, old, words, goesOn: this.search.goesOn }));
    if (asked && count === 0) {
      this.#note(
        words === undefined
          ? "-- there are no older messages"
          : `-- nothing ${this.search.goesOn ? "older " : ""}found in ${clean(room)}: ${clean(words)}`,
      );
    }
  }

  #linked(state: LinkState): void {
    const before = this.link;
    if ("address" in state) this.#host = state.address.replace(/:\d+$/, "");
    if (state.is === "open") this.#isPrivate = state.isPrivate;
    this.link = state;
    if (state.is === "lost") this.retryAt = this.#options.now() + state.retryMs;
    // Each reconnect goes through the same states. The prompt shows them, so one line is enough.
    if (!this.#wasReady && state.is === "connecting") {
      this.#note(`-- connecting to ${clean(state.address)} … (Ctrl-C stops)`);
    } else if (!this.#wasReady && state.is === "greeting") {
      this.#note(`-- waiting for ${clean(state.address)} to answer … (Ctrl-C stops)`);
    }
    if (state.is === "lost" && (before?.is === "ready" || state.reason !== this.#reason)) {
      this.#reason = state.reason;
      const seconds = Math.max(1, Math.round(state.retryMs / 1000));
      const does = state.next === undefined
        ? `retrying in ${seconds} s (Enter: now)`
        : `trying ${state.next}`;
      this.#lines.push(...this.say(`${state.reason}; ${does}`, "error"));
    }
    if (state.is !== "ready") return;
    this.mode = state.mode;
    if (state.mode === "plain") this.#note("-- the other end is not a chat: each line is sent as it is");
    else if (this.#wasReady) this.#note("-- connected again");
    this.#wasReady = true;
  }

  #told(message: Told, own: boolean): void {
    if (message.type === "welcome") return this.#welcome(message);
    if (message.type === "error") {
      // An error does not name the request that it answers, which may be the entering of a room.
      this.rooms.stay();
      this.wanted = "";
      return void this.#lines.push(...this.say(reasonOf(message.text), "error"));
    }
    const context = {
      rooms: this.rooms,
      ignored: this.ignored,
      presence: this.#presence,
      nick: this.nick,
      own,
    };
    if (message.type === "renamed") {
      // Every room that has both people announces the renaming.
      const rename = `${message.nick} ${message.to}`;
      const again = rename === this.#rename;
      this.#rename = rename;
      own ||= message.to === this.nick;
      if (own) this.#setNick(message.to);
      const lines = linesOfTold(message, { ...context, own });
      const taken = own ? this.#takenBy(message.to) : "";
      if (taken !== "") return this.#note(`-- ${taken}you are ${clean(message.to)}`);
      return again ? undefined : lines.forEach((line) => this.#note(line));
    }
    for (const line of linesOfTold(message, context)) {
      // A room repeats the answer to a ban of somebody who is in it.
      if (message.type !== "left" || line !== this.#ban) this.#note(line);
      if (message.type === "ban") this.#ban = line;
    }
    if (message.type !== "left" || !own) return;
    const next = this.rooms.leave(message.room);
    if (next !== undefined) this.#lines.push(...this.switchTo(next));
  }

  /** Returns the beginning of a note that another nick was given than this end asked for, or "". */
  #takenBy(nick: string): string {
    const { wanted } = this;
    this.wanted = "";
    return wanted === "" || nameKey(wanted) === nameKey(nick) ? "" : `${clean(wanted)} is taken: `;
  }

  #welcome({ nick, room }: Extract<Told, { type: "welcome" }>): void {
    const wanted = this.#wasReady ? this.nick : this.#options.nick ?? nick;
    const taken = nameKey(wanted) === nameKey(nick) ? "" : `${clean(wanted)} is taken: `;
    this.#setNick(nick);
    // It names the room of the hello; after a reconnect the person may look at another one.
    if (this.rooms.here === "" || !this.rooms.has(this.rooms.here)) this.rooms.go(room || LOBBY);
    if (this.#wasReady) return taken === "" ? undefined : this.#note(`-- ${taken}you are ${clean(nick)}`);
    const where = this.#host === "" ? "" : ` on ${clean(this.#host)}`;
    // A private chat gives its members their nicks.
    const rename = this.#isPrivate ? "" : "/nick NAME changes it, ";
    this.#note(`-- ${taken}you are ${clean(nick)}${where} (${rename}/help lists commands)`);
  }

  #trace(event: ChatEvent): void {
    const value = "dict" in event ? event.dict : event.kind === "object" ? event.value : undefined;
    if (value === undefined || event.kind === "posted") return;
    this.#note(clean(`<- ${format(value as Value, { limit: 2000 })}`));
  }
}

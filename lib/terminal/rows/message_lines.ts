/** The lines of messages. */

import { clean } from "../../base/text.ts";
import type { Value } from "../../pickle/values/values.ts";
import { actionOf } from "../../view/action_text.ts";
import { Folded, type KeptBody, type Origin } from "../../view/folded.ts";
import type { ScreenSpace } from "../../view/screen_space.ts";
import { showTime } from "../../view/show.ts";
import type { Style } from "../style/style.ts";
import { folded } from "./fold.ts";
import { linked } from "./links.ts";
import { HANG, seenOf } from "./wrap.ts";

/** The room for a message. */
export interface MessageRoom extends ScreenSpace {
  /** All columns of the screen, of which `width` are left for an object. */
  readonly screen: number;
}

/** The options of {@linkcode MessageLines}. */
export interface MessageLinesOptions {
  readonly style: Style;
  /** Returns the space for a message; that of a narrow screen if not given. */
  readonly room?: () => MessageRoom;
  /** Whether the terminal opens links; false if left out. */
  readonly opensLinks?: boolean;
}

/** The data about a message that is shown before its body. */
export interface MessageOrigin {
  /** Seconds since 1970. */
  readonly at: number;
  /** Its room; undefined for a private one. */
  readonly room: string | undefined;
  /** The room on the screen. */
  readonly here: string;
  readonly from: string;
  /** The text after the nick: an arrow and another nick, or "". */
  readonly to: string;
  /** Whether this end posted it. */
  readonly own: boolean;
  /** Whether it names this person, or is private to them. */
  readonly mention: boolean;
  readonly replayed: boolean;
  /** Whether a search has found it; its id is shown then. */
  readonly found?: boolean;
}

/** The most rows of a text, and of one in a replay; /show shows the rest. */
const TEXT_ROWS = 10;
const REPLAYED_ROWS = 3;
/** The mark between the time and the nick of a message that names this person, or is private. */
const MENTION = "!";

/** Makes lines of messages, and keeps bodies for /show and /save. */
export class MessageLines {
  readonly #options: MessageLinesOptions;
  readonly #folded = new Folded();

  constructor(options: MessageLinesOptions) {
    this.#options = options;
  }

  /** Finds the body of an object or of a shortened text; undefined where it is not kept. */
  find(label: string, here: string): KeptBody | undefined {
    return this.#folded.find(label, here);
  }

  /** Returns the text that names the room of a message if it is not the one on the screen. */
  placeOf(room: string): string {
    return this.#options.style.as("dim", `[${clean(room)}] `);
  }

  /** Returns the line of a message, with its body, and its id if it has one. */
  line(origin: MessageOrigin, body: Value, id: number | undefined): string {
    const { at, room, here, from, to, own, mention, replayed } = origin;
    const { style } = this.#options;
    const elsewhere = room !== undefined && room !== here;
    const number = origin.found ? style.as("dim", `#${id} `) : "";
    const place = number + (elsewhere ? this.placeOf(room) : "");
    const done = actionOf(from, body);
    const nick = clean(from);
    const headOf = (nick: string) => done === null ? `${nick}${to}: ` : `* ${nick}${to} `;
    const text = this.body(done ?? body, {
      origin: id === undefined ? undefined : { room: room ?? "", id, from, at },
      head: `${seenOf(place)}12:00 ${headOf(nick)}`,
      replayed,
      isNamed: origin.found ?? false,
    });
    if (own) return place + style.as("dim", `${showTime(at)} ${headOf(nick)}${HANG}${text}`);
    // Without colours, too, a message that names this person differs from the others.
    const gutter = mention ? style.as("reverse", MENTION) : " ";
    const time = style.as("dim", showTime(at));
    return `${place}${time}${gutter}${headOf(style.nick(nick))}${HANG}${
      mention ? style.as("mention", text) : text
    }`;
  }

  /** Shows a body behind the head of its line, and the command for the rest if it is shortened. */
  body(
    body: Value,
    { origin, head, replayed, isNamed = false }: {
      origin: Origin | undefined;
      head: string;
      replayed: boolean;
      isNamed?: boolean;
    },
  ): string {
    const room = this.#options.room?.();
    const rows = replayed ? REPLAYED_ROWS : TEXT_ROWS;
    const { text: shown, label } = this.#folded.show(
      body,
      origin,
      {
        isNamed,
        room: room && {
          ...room,
          fold: (text, size) =>
            folded(text, { size, command: `/show ${origin?.id ?? "p1"}` }, {
              head,
              columns: room.screen,
              rows,
            }),
        },
      },
    );
    const text = this.#options.opensLinks && typeof body === "string" ? linked(shown) : shown;
    return label === null ? text : `${text} ${this.#options.style.as("dim", `/show ${label}`)}`;
  }
}

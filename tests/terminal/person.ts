/** A person at a screen in an emulated terminal. */

import { Screen } from "../../lib/terminal/screen.ts";
import { Style } from "../../lib/terminal/style/style.ts";
import type { Action, ChatEvent, Said } from "../../lib/view/view.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { Emulator, type EmulatorOptions } from "./emulator.ts";
import { key, typed } from "./keys.ts";

/** Noon of a day, in this place's time. */
export const NOON = new Date(2026, 10, 23, 12, 0).getTime() / 1000;
/** The dict of a message of which only the fields matter. */
export const EMPTY = new Map<Value, Value>();

/** A person at a screen: what happens, what is typed, and what is seen. */
export class Person {
  readonly terminal: Emulator;
  readonly screen: Screen;
  readonly actions: Action[] = [];
  readonly asked: string[] = [];
  /** The time in ms since 1970. */
  time = NOON * 1000;
  #id = 0;
  #ref = 0;

  constructor(
    options: Partial<EmulatorOptions> & {
      style?: Style;
      bell?: "off" | "mention" | "all";
      hosts?: boolean;
      nick?: string;
      opensLinks?: boolean;
      /** Writes a file, as /save does. */
      save?: (file: string, bytes: Uint8Array) => string | null;
      /** Whether the listener acks each post at once; true if left out. */
      acks?: boolean;
    } = {},
  ) {
    const { columns = 60, rows = 12 } = options;
    this.terminal = new Emulator({ columns, rows, ...options });
    this.screen = new Screen({
      columns,
      rows,
      style: options.style ?? new Style("none"),
      bell: options.bell ?? "mention",
      hosts: options.hosts ?? false,
      nick: options.nick,
      opensLinks: options.opensLinks ?? false,
      now: () => this.time,
      hooks: {
        act: (action) => {
          this.actions.push(action);
          if (action.kind !== "post" || this.screen.transcript.mode === "plain") return;
          const { body, room, to } = action;
          const dict = new Map<Value, Value>([["body", body]]);
          if (room !== undefined) dict.set("room", room);
          if (to !== undefined) dict.set("to", to);
          const ref = ++this.#ref;
          this.screen.show({ kind: "posted", ref, dict });
          if (options.acks ?? true) {
            this.screen.show({ kind: "acked", ref, id: undefined, at: NOON, given: false });
          }
        },
        ...options.save ? { save: options.save } : {},
        leave: () => this.asked.push("leave"),
        interrupt: () => this.asked.push("interrupt"),
        retry: () => this.asked.push("retry"),
      },
    });
  }

  /** Enters the lobby as "me", with bob and carol. */
  enter(): this {
    const limits = new Map<string, number>();
    const welcome = {
      protocol: 1,
      nick: "me",
      room: "lobby",
      session: "",
      epoch: "",
      server: "chat",
      version: "0",
      limits,
    };
    this.told({ type: "welcome", ...welcome }, true);
    this.happens({ kind: "link", state: { is: "ready", mode: "chat" } });
    return this.told(
      { type: "joined", room: "lobby", nick: "me", at: NOON, nicks: ["me", "bob", "carol"] },
      true,
    );
  }

  happens(event: ChatEvent): this {
    this.screen.show(event);
    return this.see();
  }

  told(message: Extract<ChatEvent, { kind: "told" }>["message"], own = false): this {
    return this.happens({ kind: "told", message, dict: EMPTY, own });
  }

  hears(body: Value, more: Partial<Said> & { replayed?: boolean; own?: boolean } = {}): this {
    const { replayed = false, own = false, ...rest } = more;
    const message: Said = {
      type: "message",
      body,
      from: "bob",
      at: NOON,
      room: "lobby",
      id: ++this.#id,
      ...rest,
    };
    return this.happens({ kind: "message", message, dict: EMPTY, replayed, own });
  }

  types(text: string, ...names: string[]): this {
    for (const each of [...typed(text), ...names.map(key)]) {
      this.screen.type(each);
      this.see();
    }
    return this;
  }

  pastes(pasted: string): this {
    this.screen.type({ pasted });
    return this.see();
  }

  see(): this {
    for (let text = this.screen.take(); text !== ""; text = this.screen.take()) this.terminal.write(text);
    return this;
  }

  /** Lets so many ms go by. */
  passes(ms: number): this {
    this.time += ms;
    this.screen.tick();
    return this.see();
  }

  /** The posts' bodies, in order. */
  get posted(): Value[] {
    return this.actions.flatMap((action) => action.kind === "post" ? [action.body] : []);
  }

  get lines(): string[] {
    return this.terminal.lines;
  }

  get last(): string {
    return this.lines.at(-2)!;
  }

  get prompt(): string {
    return this.lines.at(-1)!;
  }
}

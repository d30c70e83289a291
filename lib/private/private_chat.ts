/** The listener's side of a private chat: its door, and the operator's commands about members. */

import type { Clock } from "../base/clock.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import type { Log } from "../log/log.ts";
import { formatCode, parseCode } from "./code.ts";
import { Door } from "./door.ts";
import { Inlet } from "./inlet.ts";
import { hasKeys, type ListenerKeys, openKeys } from "./keys.ts";
import { type MembersElsewhere, Unavailable } from "./members/elsewhere.ts";
import { Registry } from "./members/registry.ts";
import { FileMembers, type MemberStore } from "./members/store.ts";
import { PrivateFiles } from "./private_files.ts";
import { makeToken } from "../base/token.ts";

/** The options of {@linkcode PrivateChat.open}. */
export interface PrivateChatOptions {
  /** The folder of its files. */
  readonly folder: string;
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array<ArrayBuffer>;
  readonly log: Log;
  /** The other listeners of the chat, with which it shares its members; undefined if it is the only one. */
  readonly elsewhere?: MembersElsewhere | undefined;
  /** The value of CHAT_CODE. */
  readonly sharedCode?: string | undefined;
  /** Whether an operator sits at the terminal. */
  readonly attended: boolean;
  /** The operator's nick; "operator" if not given. */
  readonly operator?: string | undefined;
  /** Returns the address that others type after --connect. The port is known only when the listener listens. */
  readonly where: () => string;
  /** Shows the operator a line. */
  readonly note: (text: string) => void;
}

/** The file that a running listener locks, because two listeners would overwrite each other's members. */
const LOCK_FILE = "listener.lock";

/**
 * The fewest different characters of CHAT_CODE. A random code has fewer once in a million times. A man in the middle of
 * a first contact can guess a code that a person made up, without asking the listener.
 */
const FEWEST_CHARACTERS = 5;

/** A command of the operator at the listener's terminal. */
export interface OperatorCommand {
  readonly usage: string;
  readonly about: string;
  /** Runs the command. */
  readonly run: (rest: string) => void;
}

/** A private chat on the side of its listener. */
export class PrivateChat {
  readonly door: Door;
  readonly #options: PrivateChatOptions;
  readonly #registry: Registry;
  readonly #lock: Disposable;

  private constructor(door: Door, registry: Registry, { lock, options }: Opened) {
    this.door = door;
    this.#registry = registry;
    this.#lock = lock;
    this.#options = options;
  }

  /**
   * Opens the files of a private chat, or creates them.
   *
   * @throws {Exit} If they cannot be used, another listener uses them, or nobody could ever join.
   */
  static async open(options: PrivateChatOptions): Promise<PrivateChat> {
    const { folder, clock, random, log, operator, elsewhere } = options;
    const sharedCode = readSharedCode(options);
    const files = new PrivateFiles(folder);
    const lock = files.lock(LOCK_FILE, { wait: false });
    if (lock === null) {
      throw new Exit(
        EXIT.failed,
        `another private listener uses ${folder}: end it, or set STATE_DIRECTORY to another folder`,
      );
    }
    let inlet: Inlet | undefined;
    try {
      const { keys, store } = await openFiles(files, options);
      const certificate = keys.der;
      const ended = (name: string) => door.dismiss(name, "you are no longer a member of this chat");
      const shown = () => void chat.showCode();
      const registry = await Registry.open({
        store,
        elsewhere,
        clock,
        random,
        certificate,
        sharedCode,
        operator,
        ended,
        shownEnded: shown,
      });
      const mayCome = registry.members.length + registry.invitations.length > 0;
      if (!options.attended && sharedCode === undefined && !mayCome) {
        throw new Exit(
          EXIT.usage,
          `nobody could join: set CHAT_CODE to a code of 16 letters and digits, such as ${makeToken(random)}`,
        );
      }
      inlet = new Inlet(keys, clock);
      const { certificate: pem } = keys;
      const door: Door = new Door({
        clock,
        log,
        inlet,
        registry,
        elsewhere,
        certificate: pem,
        // Otherwise the registry tells it.
        ...(elsewhere === undefined && { enrolled: shown }),
      });
      elsewhere?.attach({
        changed: () =>
          void registry.changed().catch((error) => log({ event: "failed", text: messageOf(error) })),
        isUsed: (id) => registry.isUsed(id),
        tried: (client, isRight) => door.tried(client, isRight),
      });
      const chat: PrivateChat = new PrivateChat(door, registry, { lock, options });
      return chat;
    } catch (error) {
      inlet?.close();
      lock[Symbol.dispose]();
      if (error instanceof Unavailable) throw new Exit(EXIT.failed, error.message, { cause: error });
      throw error;
    }
  }

  /** Shows the operator how the next person joins. */
  async showCode(): Promise<void> {
    if (!this.#options.attended) return;
    await this.#note(async () => this.#invitation(await this.#registry.shownCode()));
  }

  /** The commands of the operator at the terminal, by name. */
  get commands(): ReadonlyMap<string, OperatorCommand> {
    return new Map<string, OperatorCommand>([
      ["invite", {
        usage: "[--keep] [NAME]",
        about: "makes a code for one person; with --keep, a reusable one for scripts",
        run: (rest) => void this.#note(() => this.#invite(rest)),
      }],
      ["members", {
        usage: "",
        about: "lists the members and the unused codes",
        run: () => void this.#note(() => this.#list()),
      }],
      ["revoke", {
        usage: "NAME|CODE",
        about: "removes a member, or ends an unused code",
        run: (rest) => void this.#note(() => this.#revoke(rest)),
      }],
    ]);
  }

  /** Releases the files. */
  close(): void {
    this.#lock[Symbol.dispose]();
  }

  async #invite(rest: string): Promise<string> {
    const words = rest.split(/\s+/).filter(Boolean);
    const isKept = words[0] === "--keep";
    const [name, ...more] = isKept ? words.slice(1) : words;
    if (more.length > 0 || isKept && name === undefined) {
      return "/invite [NAME], or /invite --keep NAME for a script";
    }
    if (!isKept) return this.#invitation(await this.#registry.invite(name), name);
    const code = await this.#registry.keep(name!);
    return `${name} joins with: CHAT_CODE=${formatCode(code)} chat --connect ${this.#options.where()}` +
      "; the code is reusable";
  }

  #invitation(code: string, name?: string): string {
    const where = this.#options.where();
    const who = name === undefined ? "others join" : `${name} joins`;
    return `${who} with: chat --connect ${where}, code ${formatCode(code)} (for one person, for one day)`;
  }

  #list(): string {
    const { members, invitations } = this.#registry;
    const lines = members.map(({ name, isHere, isKept }) =>
      `${name}${isKept ? " (a reusable code)" : ""}${isHere ? ": here" : ""}`
    );
    for (const { code, name, until } of invitations) {
      const end = new Date(until).toISOString().slice(0, 16).replace("T", " ");
      lines.push(
        `code ${formatCode(code)}${name === undefined ? "" : ` for ${name}`}: not used, until ${end} UTC`,
      );
    }
    return lines.length === 0 ? "there are no members yet" : lines.join("\n");
  }

  async #revoke(rest: string): Promise<string> {
    const name = rest.trim();
    if (name === "") return "/revoke NAME removes and disconnects a member; /revoke CODE ends a code";
    const revoked = await this.#registry.revoke(name);
    if (revoked === null) return `there is no member or code ${name}: see /members`;
    if (revoked.is === "invitation") return `the code ${formatCode(revoked.code)} is no longer valid`;
    return `${revoked.name} is no longer a member`;
  }

  /** Shows the result of a command, or the reason why it failed. */
  async #note(work: () => string | Promise<string>): Promise<void> {
    try {
      this.#options.note(await work());
    } catch (error) {
      this.#options.note(messageOf(error));
    }
  }
}

interface Opened {
  readonly lock: Disposable;
  readonly options: PrivateChatOptions;
}

/** Opens the key and the members: those of this listener's files, or those that it shares with others. */
async function openFiles(
  files: PrivateFiles,
  { elsewhere, random }: PrivateChatOptions,
): Promise<{ keys: ListenerKeys; store: MemberStore }> {
  if (elsewhere === undefined) {
    return { keys: await openKeys(files, random), store: new FileMembers(files) };
  }
  const { otherCertificate, SharedMembers } = await import("./members/shared.ts");
  // A certificate that is made here is never the one that others have.
  if (elsewhere.version.text !== null && !hasKeys(files)) throw otherCertificate(files);
  const keys = await openKeys(files, random);
  const certificate = new Uint8Array(await crypto.subtle.digest("SHA-256", keys.der)).toHex();
  return { keys, store: await SharedMembers.open({ elsewhere, files, certificate }) };
}

function readSharedCode({ sharedCode, random }: PrivateChatOptions): string | undefined {
  if (sharedCode === undefined) return undefined;
  const code = parseCode(sharedCode);
  if (code !== null && new Set(code).size >= FEWEST_CHARACTERS) return code;
  throw new Exit(
    EXIT.usage,
    `CHAT_CODE is not a code: it must be 16 random letters and digits, such as ${makeToken(random)}`,
  );
}

/** The page: a model, a link to the listener, and the views between them and the person. */

import { COMMANDS, parseLine } from "./commands.ts";
import type { Value } from "../../pickle/values/values.ts";
import { Closed } from "./closed.ts";
import { compose } from "./composer.ts";
import { codeForm } from "./code_form.ts";
import { messageOf, postOf } from "./dict.ts";
import { byId, el, openDialog } from "./dom.ts";
import { Link } from "./link.ts";
import { LogView } from "./log_view.ts";
import { Model, OLDER_REF, SEARCH_REF } from "./model.ts";
import type { Entry } from "./place.ts";
import { oneLine } from "./object_view.ts";
import { pendingRows } from "./pending_view.ts";
import { pickleOf } from "./save.ts";
import { findWords } from "./find.ts";
import { showSide, unreadOf } from "./side_view.ts";
import { StatusView } from "./status_view.ts";
import { Stored } from "./stored.ts";
import { TabMark } from "./tab_mark.ts";
import { clockView } from "./time.ts";

const LOBBY = "lobby";
/** The number of messages that are requested at a time, and that are loaded at first. */
const PAGE_SIZE = 100;
/** The most messages that a search shows. */
const MOST_HITS = 100;
/** The codes of a listener that cannot search. */
const CANNOT_SEARCH: ReadonlySet<string> = new Set(["not-allowed", "unknown-type"]);

const stored = new Stored();
let closed: Closed | null = null;
const tab = new TabMark(byId<HTMLLinkElement>("icon"));
let isFirst = true;
let sidePlanned = false;
/** The words of the last search. */
let searched = "";

const model = new Model({
  entries: (place) => {
    if (place.key === model.current) log.show(place);
  },
  places: planSide,
  pending: showPending,
  arrived: (place, entry) => tab.notify(place, entry, model.isVisible && place.key === model.current),
  notice: (text) => status.notice(text),
  found: (place, entries) => showHits(place.key, entries, "no messages found in this room"),
  notSearched: (code, text) => CANNOT_SEARCH.has(code) ? searchLoaded(searched) : status.notice(text),
});

const status = new StatusView({
  status: byId("status"),
  notice: byId("notice"),
  connect: () => link.open(),
});

const log = new LogView({
  scroller: byId("scroller"),
  list: byId("list"),
  older: (place) => {
    place.isLoading = true;
    const before = place.entries.find(({ id }) => id !== undefined)?.id;
    link.say(
      messageOf({
        type: "history",
        room: place.key,
        limit: PAGE_SIZE,
        before: before ?? null,
        ref: OLDER_REF,
      }),
    );
  },
  newest: (place) => {
    model.reattach(place);
    link.say(messageOf({ type: "history", room: place.key, limit: PAGE_SIZE }));
  },
  files: (place, entry) => ({
    name: `${place.key.replace(/[^\p{L}\p{N}_-]/gu, "_")}-${entry.id ?? entry.key}`,
    pickle: entry.id === undefined ? pickleOf(entry.body) : {
      ending: "pickle",
      bytes: () => fetchPickle(place.key, entry.id!),
    },
  }),
});

const link = new Link({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`,
  closed: () => closed,
  wantsCode: askForCode,
  hello,
  greeted,
  take: (line) => {
    model.take(line);
    stored.remember(model);
  },
  changed: (state) => status.link(state),
});

function hello(): Map<Value, Value> {
  const { nick, session, epoch, room } = stored;
  const resume = isFirst ? null : model.resume();
  return messageOf({
    type: "hello",
    nick: nick || null,
    room: room || LOBBY,
    client: "web",
    session: session || null,
    epoch: epoch || null,
    resume: resume as Map<Value, Value> | null,
    replay: PAGE_SIZE,
    echo: true,
  });
}

/** Makes the messages that follow a welcome: joins of the other rooms after a reload, and unacked posts always. */
function greeted(): Map<Value, Value>[] {
  const rooms = isFirst ? stored.rooms.filter((room) => room !== (stored.room || LOBBY)) : [];
  if (isFirst) { for (const post of stored.pending) model.addPending(post); }
  isFirst = false;
  const posts = model.pending.filter(({ refused }) => refused === undefined);
  return [
    ...rooms.map((room) => messageOf({ type: "join", room })),
    ...posts.map(({ body, place, ref }) => postOf(body, { place, ref })),
  ];
}

function post(body: Value, place = model.current): boolean {
  const ref = crypto.randomUUID();
  if (!model.addPending({ ref, body, place })) {
    status.notice("too many posts are unanswered: wait until some are sent");
    return false;
  }
  stored.remember(model);
  link.say(postOf(body, { place, ref }));
  return true;
}

/** Takes the typed text. Returns true if it was handled. */
function enter(text: string): boolean {
  const typed = parseLine(text, { room: model.current, nick: model.nick });
  switch (typed.is) {
    case "post":
      return post(typed.body, typed.to === undefined ? model.current : model.place(`@${typed.to}`).key);
    case "say":
      if (!link.isOpen) return offline();
      if (typed.message.get("type") === "nick") stored.nick = String(typed.message.get("nick"));
      link.say(typed.message);
      return true;
    case "go":
      if (!link.isOpen) return offline();
      link.say(messageOf({ type: "join", room: typed.room }));
      open(typed.room);
      return true;
    case "show":
      open(typed.place);
      return true;
    case "search":
      return search(typed.words);
    case "help":
      openDialog(
        "Commands",
        el("div", {}, ...COMMANDS.map(({ usage, about }) => el("div", {}, `${usage}: ${about}`))),
      );
      return true;
    case "clear":
      model.reattach(model.place(model.current));
      return true;
    case "wrong":
      status.notice(typed.text);
      return false;
  }
}

function offline(): boolean {
  status.notice("there is no connection: try again when it is back");
  return false;
}

function open(key: string): void {
  model.show(key);
  stored.room = key.startsWith("@") ? stored.room : key;
  stored.remember(model);
  log.open(model.place(key));
  byId("side").classList.remove("open");
  byId("menu").setAttribute("aria-expanded", "false");
  byId("input").focus();
}

/**
 * Asks the listener to search a room. Searches a private conversation, which the listener does not keep, in the loaded
 * messages.
 */
function search(words: string): boolean {
  const room = model.current;
  searched = words;
  if (room.startsWith("@")) return searchLoaded(words);
  if (!link.isOpen) return offline();
  link.say(messageOf({ type: "search", room, words, limit: MOST_HITS, ref: SEARCH_REF }));
  return true;
}

function searchLoaded(words: string): boolean {
  const place = model.place(model.current);
  showHits(
    place.key,
    findWords(place.entries, words).slice(-MOST_HITS),
    "no messages found among those that are loaded",
  );
  return true;
}

/** Shows the messages that were found, or the text `none`. */
function showHits(where: string, entries: readonly Entry[], none: string): void {
  const hits = entries.map((entry) =>
    el(
      "div",
      { class: "hit" },
      `${entry.id ?? ""} `,
      clockView(entry.at),
      ` ${entry.from}: ${beginning(entry)}`,
    )
  );
  openDialog(`Found in ${where}`, el("div", {}, ...(hits.length === 0 ? [none] : hits)));
}

function beginning({ body }: Entry): string {
  return typeof body === "string" ? body.slice(0, 200) : oneLine(body);
}

/** Asks for the code of a private chat, and for a name if none is known. */
function askForCode(text: string): void {
  status.ask(codeForm({
    text,
    nick: stored.nick,
    join: (code, nick) => {
      if (closed === null || !closed.useCode(code)) return false;
      stored.nick = nick;
      status.answered();
      link.open();
      return true;
    },
  }));
}

function planSide(): void {
  if (sidePlanned) return;
  sidePlanned = true;
  setTimeout(() => {
    sidePlanned = false;
    showSide(model, {
      places: byId("places"),
      people: byId("people"),
      heading: byId("heading"),
      topic: byId("topic"),
      show: open,
    });
    byId("who").textContent = model.nick;
    tab.count(unreadOf(model));
  });
}

function showPending(): void {
  const rows = pendingRows(model.pending, {
    again: ({ ref, body, place }) => {
      model.dropPending(ref);
      post(body, place);
    },
    drop: ({ ref }) => model.dropPending(ref),
  });
  byId("pending").replaceChildren(...rows);
  stored.remember(model);
}

async function fetchPickle(room: string, id: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/pickle?room=${encodeURIComponent(room)}&id=${id}`, {
    headers: { authorization: `Bearer ${model.session}` },
  });
  if (!response.ok) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
}

function setTheme(theme: string): void {
  if (theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

compose({ input: byId("input"), model, enter });
byId("join").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId<HTMLInputElement>("join-room");
  if (input.value.trim() !== "" && enter(`/join ${input.value.trim()}`)) input.value = "";
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = byId<HTMLInputElement>("words");
  if (value.trim() !== "") search(value.trim());
});
byId("who").addEventListener("click", () => {
  const input = byId<HTMLTextAreaElement>("input");
  input.value = "/nick ";
  input.focus();
});
byId("menu").addEventListener("click", () => {
  const isOpen = byId("side").classList.toggle("open");
  byId("menu").setAttribute("aria-expanded", String(isOpen));
});
byId("theme").addEventListener("click", () => {
  const next: Readonly<Record<string, string>> = { "": "dark", dark: "light", light: "" };
  stored.theme = next[stored.theme] ?? "";
  setTheme(stored.theme);
});
document.addEventListener("visibilitychange", () => {
  model.isVisible = document.visibilityState === "visible";
  if (!model.isVisible) return;
  model.markSeen();
  log.plan();
  // A suspended page may have lost its socket without an event.
  link.open();
});
document.addEventListener("click", () => tab.ask(), { once: true });
setTheme(stored.theme);
model.isVisible = document.visibilityState === "visible";
model.current = stored.room || LOBBY;
// If the request fails, so does the socket, which reports it.
closed = await Closed.ask(stored).catch(() => null);
// A private chat gives its members their nicks.
byId<HTMLButtonElement>("who").disabled = closed !== null;
link.open();

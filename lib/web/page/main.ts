/** The page: a model, a link to the listener, and the views between them and the person. */

import { nameKey } from "../../base/text.ts";
import { parseCode } from "../../private/code.ts";
import type { Value } from "../../pickle/values/values.ts";
import { pickleOf } from "./body/save.ts";
import { Closed } from "./closed.ts";
import { codeForm } from "./code_form.ts";
import { COMMANDS, parseLine } from "./commands.ts";
import { compose } from "./composer.ts";
import { attachControls, closeSide } from "./controls.ts";
import { messageOf, newRef, postOf } from "./state/dict.ts";
import { byId, el, openDialog } from "./dom.ts";
import { Link } from "./link.ts";
import { LogView } from "./log_view.ts";
import { Model } from "./state/model.ts";
import { OLDER_REF } from "./state/replays.ts";
import { pendingRows } from "./pending_view.ts";
import type { Place } from "./state/place.ts";
import { Search } from "./search.ts";
import { showSide, unreadOf } from "./side_view.ts";
import { StatusView } from "./status_view.ts";
import { keepTalks, restoreTalks, Stored } from "./state/stored.ts";
import { TabMark } from "./tab_mark.ts";

const LOBBY = "lobby";
/** The number of messages that are requested at a time, and that are loaded at first. */
const PAGE_SIZE = 100;
/** The time after a change of a private conversation until it is kept for a reload, in milliseconds. */
const KEEP_MS = 200;

const stored = new Stored();
let closed: Closed | null = null;
const tab = new TabMark(byId<HTMLLinkElement>("icon"));
let isFirst = true;
let sidePlanned = false;
let keeping: ReturnType<typeof setTimeout> | undefined;
/** The place whose draft is in the input. */
let shown: Place | null = null;
/** The rooms and the posts of before a reload. */
const [roomsBefore, postsBefore] = [stored.rooms, stored.pending];

const model = new Model({
  entries: (place) => {
    if (place.key === model.current) log.show(place);
    if (place.isPrivate) planKeeping();
  },
  places: () => {
    planSide();
    planKeeping();
  },
  pending: showPending,
  arrived: (place, entry) => tab.notify(place, entry, model.isVisible && place.key === model.current),
  notice: (text) => status.notice(text),
  done: () => status.done(),
  named: (nick) => stored.nick = nick,
  go: open,
  found: (place, entries) => search.found(place, entries),
  notSearched: (code, text) => search.refused(code, text),
});

const search = new Search({
  model: () => model,
  say: (message) => {
    if (isConnected()) link.say(message);
  },
  notice: (text) => status.notice(text),
  goTo: (entry) => log.goTo(entry),
});

const status = new StatusView({
  status: byId("status"),
  notice: byId("notice"),
  connect: () => link.reconnect(),
});

const log = new LogView({
  scroller: byId("scroller"),
  list: byId("list"),
  older: (place) => askOlder(place, PAGE_SIZE),
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
    planKeeping();
  },
  changed: (state) => {
    status.link(state);
    showPending();
  },
});

function askOlder(place: Place, limit: number): void {
  place.isLoading = true;
  place.isAtStart = false;
  const before = place.entries.find(({ id }) => id !== undefined)?.id ?? null;
  link.say(messageOf({ type: "history", room: place.key, limit, before, ref: OLDER_REF }));
}

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
  const rooms = isFirst ? [...roomsBefore.keys()].filter((room) => room !== (stored.room || LOBBY)) : [];
  if (isFirst) { for (const post of postsBefore) model.addPending(post); }
  isFirst = false;
  const posts = model.pending.filter(({ refused }) => refused === undefined);
  return [
    ...rooms.map((room) => messageOf({ type: "join", room })),
    ...posts.map(({ body, place, ref }) => postOf(body, { place, ref })),
  ];
}

function post(body: Value, place = model.current): boolean {
  if (place === "") return refuse("you are in no room: /join one");
  if (link.hasEnded) return refuse("you are not in the chat: connect again first");
  const ref = newRef();
  if (!model.addPending({ ref, body, place })) {
    return refuse("too many posts are unanswered: wait until some are sent");
  }
  stored.remember(model);
  link.say(postOf(body, { place, ref }));
  if (place === model.current) log.goToNewest();
  return true;
}

function refuse(text: string): false {
  status.notice(text);
  return false;
}

function isConnected(): boolean {
  return link.isOpen || refuse("there is no connection: try again when it is back");
}

/** Sends a command, whose answer is told in the place that is shown. */
function command(message: Map<Value, Value>): boolean {
  if (!isConnected()) return false;
  link.say(model.ask(message));
  return true;
}

/** Takes the typed text. Returns true if it was handled. */
function enter(text: string): boolean {
  // What was said about an earlier command is out of date.
  status.done();
  const typed = parseLine(text, { room: model.current, nick: model.nick, replyTo: model.replyTo });
  const place = model.place(model.current);
  switch (typed.is) {
    case "post":
      if (typed.to !== undefined) open(model.talkWith(typed.to));
      return post(typed.body);
    case "say":
      return command(typed.message);
    case "go":
      return model.places.has(typed.room)
        ? open(typed.room)
        : command(messageOf({ type: "join", room: typed.room }));
    case "show":
      return open(model.talkWith(typed.place.slice(1)));
    case "close":
      if (!model.places.has(typed.place)) return refuse(`there is no conversation ${typed.place}`);
      model.close(typed.place);
      return true;
    case "history":
      if (!isConnected()) return false;
      askOlder(place, typed.limit ?? PAGE_SIZE);
      return true;
    case "search":
      search.ask(typed.words);
      return true;
    case "ignore":
      model.ignored.add(nameKey(typed.nick));
      model.say(place, `ignoring ${typed.nick}`);
      return true;
    case "unignore":
      if (!model.ignored.delete(nameKey(typed.nick))) return refuse(`${typed.nick} was not ignored`);
      model.say(place, `no longer ignoring ${typed.nick}`);
      return true;
    case "topic":
      model.say(
        place,
        place.topic === "" ? `${place.key} has no topic` : `${place.key} is about: ${place.topic}`,
      );
      return true;
    case "connect":
      link.reconnect();
      return true;
    case "help":
      openDialog(
        "Commands",
        el("div", {}, ...COMMANDS.map(({ usage, about }) => el("div", {}, `${usage}: ${about}`))),
      );
      return true;
    case "clear":
      model.clear(place);
      return true;
    case "wrong":
      return refuse(typed.text);
  }
}

/** Shows a place, with the draft that was left there. */
function open(key: string): true {
  const input = byId<HTMLTextAreaElement>("input");
  const before = shown ?? model.places.get(model.current);
  if (before !== undefined) before.draft = input.value;
  model.show(key);
  shown = model.place(key);
  // Two conversations become one when a person takes the name of another one.
  if (before?.key === key) shown.draft ||= before.draft;
  put(shown.draft);
  if (!shown.isPrivate) stored.room = key;
  stored.shown = key;
  stored.remember(model);
  log.open(shown);
  showPending();
  closeSide();
  input.focus();
  return true;
}

/** Asks for the code of a private chat, and for a name if none is known. */
function askForCode(text: string): void {
  status.ask(codeForm({
    text,
    nick: stored.nick,
    isCode: (code) => parseCode(code) !== null,
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
      section: byId("people-section"),
      badge: byId("badge"),
      close: (key) => model.close(key),
      show: open,
    });
    byId("who").textContent = model.nick;
    tab.count(unreadOf(model));
  });
}

/** Shows the posts of the place that is shown; the list of places marks those whose posts were refused. */
function showPending(): void {
  const rows = pendingRows(model.pending.filter(({ place }) => place === model.current), link.isOpen, {
    again: ({ ref, body, place }) => {
      if (post(body, place)) model.dropPending(ref);
    },
    drop: ({ ref }) => void model.dropPending(ref),
  });
  byId("pending").replaceChildren(...rows);
  stored.remember(model);
  planSide();
}

/** Keeps the private conversations for a reload. */
function planKeeping(): void {
  keeping ??= setTimeout(keep, KEEP_MS);
}

function keep(): void {
  clearTimeout(keeping);
  keeping = undefined;
  keepTalks(model);
  stored.remember(model);
}

async function fetchPickle(room: string, id: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/pickle?room=${encodeURIComponent(room)}&id=${id}`, {
    headers: { authorization: `Bearer ${model.session}` },
  });
  if (!response.ok) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
}

const put = compose({ input: byId("input"), model, enter });
attachControls({
  stored,
  put,
  enter,
  find: (words) => search.ask(words),
  askToNotify: () => tab.ask(),
  notice: (text) => status.notice(text),
});
globalThis.addEventListener("pagehide", keep);
document.addEventListener("visibilitychange", () => {
  model.isVisible = document.visibilityState === "visible";
  if (!model.isVisible) return;
  model.markSeen();
  log.plan();
  // A suspended page may have lost its socket without an event.
  link.open();
});
new ResizeObserver(([header]) => {
  // Below it the side bar of a telephone begins.
  byId("app").style.setProperty("--header", `${header!.target.getBoundingClientRect().height}px`);
}).observe(document.querySelector("header")!);
model.isVisible = document.visibilityState === "visible";
model.restore(roomsBefore);
model.current = stored.room || LOBBY;
restoreTalks(model);
if (model.places.has(stored.shown)) open(stored.shown);
// If the request fails, so does the socket, which reports it.
closed = await Closed.ask(stored).catch(() => null);
// A private chat gives its members their nicks.
byId<HTMLButtonElement>("who").disabled = closed !== null;
link.open();

import { assertEquals } from "../../assert.ts";
import { Nodes, SILENT_MS } from "../../../lib/cluster/people/nodes.ts";
import type { NodeHead, Person } from "../../../lib/cluster/people/person.ts";
import { Roster } from "../../../lib/cluster/people/roster.ts";

function person(id: string, nick: string, ...rooms: string[]): Person {
  return { id, nick, session: `session ${id}`, address: "192.0.2.1:5000", isQuiet: false, rooms, since: 0 };
}

function head(node: string, version: number): NodeHead {
  return { node, name: `${node}:1243`, version };
}

/** Nodes with a clock that is set by hand, and what they told and asked. */
function following() {
  const [told, asked]: [string[], string[]] = [[], []];
  const clock = { now: 0 };
  const roster = new Roster({
    joined: (room, { nick }) => told.push(`${nick} joined ${room}`),
    left: (room, { nick }, removal) => told.push(`${nick} left ${room}${removal ? `: ${removal.why}` : ""}`),
    renamed: (_room, before, { nick }) => told.push(`${before.nick} is ${nick}`),
  });
  const nodes = new Nodes({
    self: "self",
    roster,
    ticks: () => clock.now,
    ask: (node) => asked.push(node),
    onPerson() {},
  });
  return { nodes, roster, told, asked, clock };
}

Deno.test("changes apply after a whole state, and a missing change leads to a request for the state", () => {
  const { nodes, told, asked, clock } = following();
  const change = (version: number, nick: string) =>
    nodes.take({ kind: "change", ...head("a", version), set: [person(nick, nick, "ops")], gone: [] });
  change(5, "ann");
  assertEquals([told, asked], [[], ["a"]]);
  nodes.take({ kind: "state", ...head("a", 5), part: 0, parts: 1, people: [person("ann", "ann", "ops")] });
  change(6, "bob");
  // What is old changes nothing.
  change(6, "eve");
  assertEquals(told, ["ann joined ops", "bob joined ops"]);
  clock.now += 1_000;
  change(8, "dan");
  assertEquals(asked, ["a", "a"]);
  nodes.take({ kind: "beat", ...head("a", 8) });
  // It was asked a moment ago.
  assertEquals(asked.length, 2);
  clock.now += 500;
  nodes.take({ kind: "beat", ...head("a", 8) });
  assertEquals(asked.length, 3);
});

Deno.test("a state in parts applies with its last part, and removes people who are not in it", () => {
  const { nodes, roster, told } = following();
  const part = (part: number, ...people: Person[]) =>
    nodes.take({ kind: "state", ...head("a", 1), part, parts: 2, people });
  part(0, person("ann", "ann", "ops"));
  assertEquals(told, []);
  part(1, person("bob", "bob", "ops"));
  assertEquals(told, ["ann joined ops", "bob joined ops"]);
  // One that lacks its first part is ignored.
  part(1, person("eve", "eve", "ops"));
  part(0, person("bob", "rob", "ops", "tea"));
  part(1);
  assertEquals(told.slice(2), ["ann left ops", "bob is rob", "rob joined tea"]);
  assertEquals([roster.room("OPS")?.people.size, roster.find("bob"), roster.find("ROB")?.node], [
    1,
    undefined,
    "a",
  ]);
});

Deno.test("a listener is gone after 5 s of silence or at its goodbye, and not while this one could hear nothing", () => {
  const { nodes, told, clock } = following();
  const state = (node: string, nick: string) =>
    nodes.take({ kind: "state", ...head(node, 0), part: 0, parts: 1, people: [person(nick, nick, "ops")] });
  for (const [node, nick] of [["a", "ann"], ["b", "bob"], ["c", "cat"]]) state(node!, nick!);
  told.length = 0;
  clock.now = SILENT_MS - 1;
  nodes.sweep();
  assertEquals(told, []);
  nodes.take({ kind: "beat", ...head("a", 0) });
  clock.now = SILENT_MS;
  nodes.take({ kind: "bye", node: "c" });
  assertEquals(told, ["cat left ops"]);
  nodes.sweep();
  assertEquals(told, ["cat left ops", "bob left ops"]);
  assertEquals([nodes.isAlive("a"), nodes.isAlive("b"), nodes.isAlive("c")], [true, undefined, false]);
  // Late news of one that has ended are ignored.
  state("c", "cat");
  assertEquals(told.length, 2);
  clock.now = 3 * SILENT_MS;
  nodes.wasDeaf();
  nodes.sweep();
  assertEquals(told.length, 2);
});

Deno.test("a person who moves to another listener stays in the rooms, and leaves if they do not arrive", () => {
  const { nodes, roster, told, clock } = following();
  const people = [person("ann", "ann", "ops"), person("bob", "bob", "ops")];
  nodes.take({ kind: "state", ...head("a", 0), part: 0, parts: 1, people });
  nodes.take({ kind: "state", ...head("b", 0), part: 0, parts: 1, people: [] });
  told.length = 0;
  const gone = people.map(({ id }) => ({ id, moved: true }));
  nodes.take({ kind: "change", ...head("a", 1), set: [], gone });
  assertEquals(roster.find("ann")?.node, null);
  nodes.take({ kind: "change", ...head("b", 1), set: [person("ann", "ann", "ops")], gone: [] });
  assertEquals([roster.find("ann")?.node, told], ["b", []]);
  clock.now = SILENT_MS;
  for (const node of ["a", "b"]) nodes.take({ kind: "beat", ...head(node, 1) });
  nodes.sweep();
  assertEquals(told, ["bob left ops"]);
});

Deno.test("who leaves at once where they moved to leaves for all, also where they came from", () => {
  const { nodes, roster, told } = following();
  nodes.take({ kind: "state", ...head("a", 0), part: 0, parts: 1, people: [person("ann", "ann", "ops")] });
  nodes.take({ kind: "state", ...head("b", 0), part: 0, parts: 1, people: [] });
  // One comes from another listener, one from this.
  nodes.take({ kind: "change", ...head("a", 1), set: [], gone: [{ id: "ann", moved: true }] });
  nodes.departed(person("bob", "bob", "ops"));
  assertEquals(roster.room("ops")?.people.size, 2);
  told.length = 0;
  nodes.take({ kind: "change", ...head("b", 1), set: [], gone: [{ id: "ann" }, { id: "bob" }] });
  assertEquals(told, ["ann left ops", "bob left ops"]);
});

Deno.test("who moves to this listener is removed by nothing that others publish, until they leave", () => {
  const { nodes, roster, told, clock } = following();
  nodes.take({ kind: "state", ...head("a", 0), part: 0, parts: 1, people: [person("ann", "ann", "ops")] });
  nodes.arriving("ann");
  told.length = 0;
  nodes.take({ kind: "change", ...head("a", 1), set: [], gone: [{ id: "ann", moved: true }] });
  clock.now = SILENT_MS;
  nodes.sweep();
  assertEquals(told, []);
  roster.leave("ann");
  assertEquals(told, ["ann left ops"]);
});

Deno.test("a listener that takes no request counts as gone until it is heard again", () => {
  const { nodes } = following();
  nodes.take({ kind: "beat", ...head("a", 0) });
  nodes.missed("a");
  assertEquals(nodes.isAlive("a"), false);
  nodes.take({ kind: "beat", ...head("a", 0) });
  assertEquals(nodes.isAlive("a"), true);
});

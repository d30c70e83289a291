import { decode } from "../../lib/pickle/decode/decode.ts";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";
import { makeCertificate } from "./certificate.ts";
import { ended, WebListening } from "./web_listening.ts";

Deno.test("a browser and a Python peer's socket are in one room, and each reads what the other posts", async () => {
  await using listening = await WebListening.start();
  using ann = await listening.tcp.enter("ann");
  await using bob = await listening.enter("bob");
  bob.say({ body: { x: [1, 2.5] }, ref: 7 });
  assertEquals((await bob.until("ack")).ref, 7);
  const said = await ann.until("message");
  assertEquals(said.from, "bob");
  ann.send({ type: "message", body: "hi bob" });
  assertEquals((await bob.until("message")).body, "hi bob");
});

Deno.test("a line that is not valid is answered by an error, and the socket goes on", async () => {
  await using listening = await WebListening.start();
  await using bob = await listening.enter("bob");
  for (const line of ["no JSON", "[1]", "{}", '{"$tuple": 3, "body": 1'] as const) {
    bob.send(line);
    assertEquals((await bob.until("error")).code, "bad-message");
  }
  bob.say({ type: "ping", ref: 1 });
  assertEquals((await bob.until("pong")).ref, 1);
});

Deno.test("lines that come in one packet are taken one after the other, in order", async () => {
  await using listening = await WebListening.start();
  await using bob = await listening.enter("bob", { echo: true });
  for (let ref = 1; ref <= 500; ref++) bob.say({ body: ref, ref });
  for (let id = 1; id <= 500; id++) assertEquals((await bob.until("message")).body, id);
});

Deno.test("a long post goes through the worker, both ways and in its place", async () => {
  await using listening = await WebListening.start();
  await using bob = await listening.enter("bob", { echo: true });
  const long = "漢".repeat(100_000);
  for (const body of ["before", long, "after"]) bob.say({ body });
  for (const body of ["before", long, "after"]) assertEquals((await bob.until("message")).body, body);
  bob.send(`{"body": "${"x".repeat(100_000)}`);
  assertEquals((await bob.until("error")).code, "bad-message");
});

Deno.test("a binary message and a line above the limit close the socket, and nobody else's", async () => {
  await using listening = await WebListening.start({ web: { maxLine: 1000 } });
  await using bob = await listening.enter("bob");
  await using binary = await listening.enter("binary");
  binary.send(new Uint8Array([1]));
  assertEquals(await binary.closed, 1003);
  await using long = await listening.enter("long");
  long.say({ body: "x".repeat(2000) });
  assertEquals(await long.closed, 1009);
  bob.say({ type: "ping", ref: 1 });
  await bob.until("pong");
});

Deno.test("half messages are charged to the listener's memory, and the sockets that hold most give way", async () => {
  await using listening = await WebListening.start({
    limits: { memory: 4_000_000 },
    web: { maxLine: 16_000_000 },
  });
  await using bob = await listening.enter("bob");
  const sizes = { size: 3_000_000, sent: 2_500_000 };
  const conns = await Promise.all([1, 2, 3].map(() => listening.half(sizes)));
  // One of them fits; each of the others costs one its place.
  let open = conns.length;
  await new Promise<void>((resolve) => {
    for (const conn of conns) void ended(conn).then(() => --open === 1 && resolve());
  });
  bob.say({ type: "ping", ref: 1 });
  await bob.until("pong");
  assertEquals(open, 1);
  for (const conn of conns) conn.close();
});

Deno.test("the memory of a message is free again when the hub has taken it, also where its line is not valid", async () => {
  await using listening = await WebListening.start({ limits: { memory: 1_000_000 } });
  await using bob = await listening.enter("bob");
  for (let n = 0; n < 10; n++) {
    bob.send(`{"body": "${"x".repeat(300_000)}`);
    assertEquals((await bob.until("error")).code, "bad-message");
    bob.say({ body: "x".repeat(300_000), ref: n });
    assertEquals((await bob.until("ack")).ref, n);
  }
});

Deno.test("a line is charged from its first byte until the hub has taken it, however it is cut", async () => {
  let held = 0;
  let most = 0;
  const memory = {
    charge: (bytes: number) => {
      most = Math.max(most, held += bytes);
      return true;
    },
    release: (bytes: number) => void (held -= bytes),
    close: () => void (held = 0),
  };
  await using listening = await WebListening.start({ web: { openMemory: () => memory } });
  await using bob = await listening.enter("bob");
  for (const size of [3_000, 20_000, 200_000]) {
    most = 0;
    bob.say({ body: "x".repeat(size), ref: size });
    assertEquals((await bob.until("ack")).ref, size);
    assertEquals([held, most >= size], [0, size > 4096]);
  }
});

Deno.test("the socket refuses pages from elsewhere, and names that another could point here", async () => {
  await using listening = await WebListening.start();
  const status = async (headers: Record<string, string>) => {
    const { conn, status } = await listening.ask(headers);
    conn.close();
    return status;
  };
  const host = `127.0.0.1:${listening.web.port}`;
  assertEquals(await status({ host, origin: `http://${host}` }), "101");
  assertEquals(await status({ host }), "101");
  for (const origin of ["http://evil.example", "null", "", `https://${host}`, "http://127.0.0.1"]) {
    assertEquals(await status({ host, origin }), "403", origin);
  }
  assertEquals(await status({ host: "evil.example", origin: "http://evil.example" }), "403");
});

Deno.test("the page comes with a policy that names its own script and style, and nothing from elsewhere", async () => {
  await using listening = await WebListening.start();
  const response = await fetch(listening.origin);
  assertMatch(await response.text(), /<title>chat/);
  const policy = response.headers.get("content-security-policy")!;
  assertMatch(policy, /default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+';/);
  assertEquals(/unsafe|\*|https?:/.test(policy), false);
});

Deno.test("an unknown path is 404, and a method other than GET is 405", async () => {
  await using listening = await WebListening.start();
  const missing = await fetch(`${listening.origin}/nothing`);
  assertEquals([missing.status, await missing.text()], [404, "Nothing is here: open /\n"]);
  const post = await fetch(listening.origin, { method: "POST", body: "x" });
  assertEquals([post.status, await post.text()], [405, "Only GET is supported\n"]);
});

Deno.test("limits and bans go by the address behind a trusted proxy, and by no header otherwise", async () => {
  for (const [trustProxy, host] of [[true, "192.0.2.1"], [false, "0.0.0.0"]] as const) {
    await using listening = await WebListening.start({ web: { trustProxy } });
    const { conn, status } = await listening.ask({ "x-forwarded-for": "127.0.0.1, 192.0.2.1" });
    assertEquals([status, listening.admitted[0]?.host], ["101", host]);
    conn.close();
  }
});

Deno.test("the unchanged pickle of a message goes to a browser that may see it, and to nobody else", async () => {
  await using listening = await WebListening.start();
  using ann = await listening.tcp.enter("ann");
  await using bob = await listening.open();
  const { session } = await bob.until("welcome");
  bob.say({ type: "hello", nick: "bob" });
  await bob.until("replay");
  ann.send({ type: "message", body: new Map([["x", 1]]), ref: 1 });
  const { id } = await bob.until("message");
  const fetched = (query: string, key: unknown) =>
    fetch(`${listening.origin}/pickle?${query}`, { headers: { authorization: `Bearer ${key}` } });
  const response = await fetched(`room=lobby&id=${id}`, session);
  assertEquals(response.headers.get("content-type"), "application/octet-stream");
  const message = decode(new Uint8Array(await response.arrayBuffer()));
  assertEquals(message instanceof Map && message.get("body"), new Map([["x", 1]]));
  for (const query of ["room=lobby&id=99", "room=elsewhere&id=1", "room=lobby&id=x", "room=lobby", "id=1"]) {
    const missing = await fetched(query, session);
    assertEquals([missing.status, query], [404, query]);
    await missing.body?.cancel();
  }
  const stranger = await fetched(`room=lobby&id=${id}`, "0".repeat(32));
  assertEquals(stranger.status, 401);
  await stranger.body?.cancel();
  bob.say({ type: "ping", ref: 1 });
  assertEquals((await bob.next())?.type, "pong");
});

Deno.test("an unusable certificate is an error at the start", async () => {
  const [one, two] = await Promise.all([makeCertificate("one"), makeCertificate("two")]);
  const start = () => WebListening.start({ web: { certificate: { cert: one.cert, key: two.key } } });
  await assertRejects(start, Error, "the key is not that of the certificate");
});

Deno.test("an encrypted page and its sockets use a renewed certificate, and nobody is dropped", async () => {
  const [one, two] = await Promise.all([makeCertificate("one"), makeCertificate("two")]);
  await using listening = await WebListening.start({ web: { certificate: one } });
  const subjectOf = async () => {
    const { stdout } = await new Deno.Command("sh", {
      args: [
        "-c",
        `openssl s_client -connect 127.0.0.1:${listening.web.port} < /dev/null 2> /dev/null | openssl x509 -noout -subject`,
      ],
    }).output();
    return new TextDecoder().decode(stdout).replace(/.*CN *= */, "").trim();
  };
  assertEquals(await subjectOf(), "one");
  const client = Deno.createHttpClient({ caCerts: [one.cert, two.cert] });
  const page = () =>
    fetch(`https://localhost:${listening.web.port}`, { client }).then((response) => response.text());
  assertMatch(await page(), /<title>/);
  const half = { ...two, cert: two.cert.slice(0, 200) };
  assertThrows(() => listening.web.renew(half), Error, "the certificate is damaged or not in PEM");
  const cutChain = { ...two, cert: two.cert + one.cert.slice(0, 200) };
  assertThrows(() => listening.web.renew(cutChain), Error, "the certificate is damaged or not in PEM");
  assertThrows(() => listening.web.renew({ ...two, cert: "" }), Error, "has none in PEM");
  assertThrows(() => listening.web.renew({ ...two, key: "" }), Error, "the key is damaged or not in PEM");
  assertThrows(() => listening.web.renew({ ...two, key: one.key }), Error, "not that of the certificate");
  assertEquals(await subjectOf(), "one", "what cannot be used changes nothing");
  listening.web.renew(two);
  assertEquals(await subjectOf(), "two");
  assertMatch(await page(), /<title>/);
  client.close();
});

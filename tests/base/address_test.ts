import { clientOf, formatEndpoint, isLoopback, readHost } from "../../lib/base/address.ts";
import { parseIp } from "../../lib/base/ip.ts";
import { randomOf } from "../random.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("a client is all of an IPv4 address, mapped or not, and the /64 of IPv6", () => {
  assertEquals(clientOf("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(clientOf("2001:db8::1"), "2001:db8:0:0");
  assertEquals(clientOf("2001:DB8:0:0:1:2:3:4"), "2001:db8:0:0");
  assertEquals(clientOf("::FFFF:c000:0207"), "192.0.2.7");
  assertEquals(clientOf("0:0:0:0:0:ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(clientOf("fd12:3456:789a:1::5"), "fd12:3456:789a:1");
  assertEquals(clientOf("fec0::5"), "fec0:0:0:0");
  assertEquals(clientOf("terminal"), "terminal");
});

Deno.test("a client is the whole address where its first 64 bits are the same for everybody", () => {
  const cases: [string, string][] = [
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
    ["FE80::1", "fe80:0:0:0:0:0:0:1"],
    ["fe80::1%2", "fe80:0:0:0:0:0:0:1"],
    ["febf:ffff::5", "febf:ffff:0:0:0:0:0:5"],
    ["fe80::211:22ff:fe33:4455%wlp2s0", "fe80:0:0:0:211:22ff:fe33:4455"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:1"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["::192.0.2.7", "0:0:0:0:0:0:c000:207"],
    ["64:ff9b::192.0.2.7", "64:ff9b:0:0:0:0:c000:207"],
  ];
  for (const [address, client] of cases) assertEquals(clientOf(address), client, address);
  assert(clientOf("fe80::5") !== clientOf("fe80::6"));
});

Deno.test("an address that is this machine's own is loopback, however it is written", () => {
  for (
    const host of ["127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
  ) {
    assert(isLoopback(host), host);
  }
  for (const host of ["128.0.0.1", "::2", "::", "fe80::1", "localhost", "::ffff:192.0.2.1", "1::1"]) {
    assert(!isLoopback(host), host);
  }
});

Deno.test("an endpoint is written as the command line takes it", () => {
  const cases: [string, string][] = [
    ["localhost", "localhost:1"],
    ["192.0.2.7", "192.0.2.7:1"],
    ["::ffff:192.0.2.7", "192.0.2.7:1"],
    ["::ffff:c000:207", "192.0.2.7:1"],
    ["::1", "[::1]:1"],
    ["fe80::5%eth0", "[fe80::5%eth0]:1"],
  ];
  for (const [host, text] of cases) assertEquals(formatEndpoint({ host, port: 1 }), text);
});

Deno.test("parseIp reads what the URL parser reads as an IPv6 address", () => {
  const random = randomOf(9);
  const pieces = ["::", ":", "0", "ffff", "1", "a0", "192.0.2.1", "1.2.3", "fffff", "G", "%", ".", "db8:"];
  for (let n = 0; n < 50_000; n++) {
    let text = "";
    while (text.length < 45 && random(9) > 0) text += pieces[random(pieces.length)];
    if (!text.includes(":") || text.includes("%")) continue;
    assertEquals(parseIp(text) !== null, URL.canParse(`http://[${text}]`), text);
  }
});

Deno.test("readHost takes addresses of hosts and nothing else", () => {
  for (const address of ["192.0.2.7", "0.0.0.0", "255.255.255.255", "::", "::1", "FE80::1%eth0"]) {
    assertEquals(readHost(address), address.toLowerCase().replace("%eth0", ""), address);
  }
  const wrong = ["", "192.0.2", "192.0.2.256", "192.0.2.07", "1.2.3.4.5", "localhost", ":", ":::", "1::2::3"];
  const wronger = ["fe80::x", "::1/64", "::1]/", "::ffff:1.2.3.256", "1".repeat(100), ":".repeat(100)];
  for (const text of [...wrong, ...wronger]) assertEquals(readHost(text), null, text);
});

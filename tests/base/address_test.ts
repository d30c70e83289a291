import { clientOf, readHost } from "../../lib/base/address.ts";
import { assertEquals } from "../assert.ts";

Deno.test("a client is all of an IPv4 address, mapped or not, and the /64 of IPv6", () => {
  assertEquals(clientOf("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(clientOf("2001:db8::1"), "2001:db8:0:0");
  assertEquals(clientOf("2001:DB8:0:0:1:2:3:4"), "2001:db8:0:0");
  assertEquals(clientOf("fe80::1%eth0"), "fe80:0:0:0");
  assertEquals(clientOf("::FFFF:c000:0207"), "192.0.2.7");
  assertEquals(clientOf("0:0:0:0:0:ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(clientOf("::"), "0:0:0:0");
  assertEquals(clientOf("64:ff9b::192.0.2.7"), "64:ff9b:0:0");
});

Deno.test("readHost takes addresses of hosts and nothing else", () => {
  for (const address of ["192.0.2.7", "0.0.0.0", "255.255.255.255", "::", "::1", "FE80::1%eth0"]) {
    assertEquals(readHost(address), address.toLowerCase().replace("%eth0", ""), address);
  }
  const wrong = ["", "192.0.2", "192.0.2.256", "192.0.2.07", "1.2.3.4.5", "localhost", ":", ":::", "1::2::3"];
  const wronger = ["fe80::x", "::1/64", "::1]/", "::ffff:1.2.3.256", "1".repeat(100), ":".repeat(100)];
  for (const text of [...wrong, ...wronger]) assertEquals(readHost(text), null, text);
});

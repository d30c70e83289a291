import { readHostAndPort, readListenHost, readListenPort, readPort } from "../../lib/cli/address.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

function refusal(read: (given: { name: string; value: string }) => unknown, value: string): string {
  return assertThrows(() => read({ name: "at", value }), UsageError).message;
}

Deno.test("readHostAndPort reads names, IPv4 and IPv6 addresses, with and without a port", () => {
  const cases: [string, string, number | undefined][] = [
    ["localhost", "localhost", undefined],
    ["localhost:1", "localhost", 1],
    ["chat.example.org:65535", "chat.example.org", 65_535],
    ["127.0.0.1:1243", "127.0.0.1", 1243],
    ["my_box", "my_box", undefined],
    ["bücher.example", "bücher.example", undefined],
    ["[::1]", "::1", undefined],
    ["[::1]:1243", "::1", 1243],
    ["[2001:db8::1]:443", "2001:db8::1", 443],
    ["[::ffff:10.0.0.1]", "::ffff:10.0.0.1", undefined],
    ["[fe80::1%eth0]:80", "fe80::1%eth0", 80],
  ];
  for (const [value, host, port] of cases) {
    assertEquals(readHostAndPort({ name: "connect", value }), { host, port }, value);
  }
});

Deno.test("readHostAndPort says how an address is written", () => {
  const cases: [string, RegExp][] = [
    ["::1", /in brackets, as \[::1\]/],
    ["2001:db8::1", /brackets/],
    ["::1:1243", /brackets/],
    ["http://localhost", /not a URL/],
    ["ws://localhost:80/x", /not a URL/],
    ["localhost:", /a port is a number from 1 to 65535/],
    ["localhost:http", /a port is a number from 1 to 65535/],
    ["localhost:-1", /a port is a number from 1 to 65535/],
    ["localhost:0x10", /a port is a number from 1 to 65535/],
    ["localhost:0", /a port is a number from 1 to 65535/],
    ["localhost:70000", /a port is a number from 1 to 65535/],
    ["localhost:99999999999999999999", /a port is a number from 1 to 65535/],
    [":1243", /the name or the address of a host/],
    ["[]", /neither a host name nor an address|the name or the address/],
    ["[localhost]:1", /neither a host name nor an address/],
    ["[::1", /write HOST, HOST:PORT/],
    ["[::1]x", /write HOST, HOST:PORT/],
    ["a:b:c", /a port is a number|write HOST/],
    ["a b", /neither a host name nor an address/],
    ["me@host", /neither a host name nor an address/],
    ["host/path", /neither a host name nor an address/],
    ["%eth0", /neither a host name nor an address/],
    ["x".repeat(254), /neither a host name nor an address/],
    ["a\nb", /neither a host name nor an address/],
  ];
  for (const [value, why] of cases) {
    const message = refusal(readHostAndPort, value);
    assertEquals(why.test(message), true, message);
    assertEquals(message.includes("\n"), false);
  }
});

Deno.test("readListenHost takes IPv6 with and without brackets", () => {
  for (const value of ["0.0.0.0", "::", "::1", "localhost", "fe80::1%lo"]) {
    assertEquals(readListenHost({ name: "host", value }), value);
  }
  assertEquals(readListenHost({ name: "host", value: "[::1]" }), "::1");
  for (const value of ["127.0.0.1:80", "[::1]:80"]) {
    assertEquals(refusal(readListenHost, value).endsWith("write the port with --port"), true);
  }
  for (const value of ["", "[]", "a b", "[localhost]", "*"]) refusal(readListenHost, value);
});

Deno.test("port 0 can be listened on but not connected to", () => {
  for (const value of ["1", "1243", "65535"]) {
    assertEquals(readPort({ name: "port", value }), Number(value));
    assertEquals(readListenPort({ name: "port", value }), Number(value));
  }
  assertEquals(readListenPort({ name: "port", value: "0" }), 0);
  assertEquals(refusal(readPort, "0"), "cannot take --at 0: write a whole number from 1 to 65535");
  for (const value of ["65536", "70000", "-1", "1e3", "0x10", "1.0", " 1", "http", "99999999999999999999"]) {
    refusal(readPort, value);
    refusal(readListenPort, value);
  }
});

import { createServer } from "node:http";
import { logText } from "../../lib/log/log.ts";
import { cannotServe, pageEvents } from "../../lib/listener/web.ts";
import { assertEquals } from "../assert.ts";

const INTERFACES = ["127.0.0.1", "192.0.2.20", "fe80::20", "2001:db8::20"];

/** The lines about a page on a port. */
function lines(place: { host: string; isSecure?: boolean; isClosed?: boolean }): string[] {
  const whole = { port: 8080, isSecure: false, isClosed: false, ...place };
  return pageEvents(whole, INTERFACES).map(logText);
}

Deno.test("the log names a page by its address for this machine and for others", () => {
  assertEquals(lines({ host: "::" }), [
    "serving the page on http://localhost:8080/",
    "others join with: http://192.0.2.20:8080/",
    "others join with: http://[2001:db8::20]:8080/",
  ]);
  assertEquals(lines({ host: "0.0.0.0", isSecure: true }), [
    "serving the page on https://localhost:8080/",
    "others join with: https://192.0.2.20:8080/",
  ]);
});

Deno.test("a page on loopback is for this machine alone, and so is one of a private chat without https", () => {
  assertEquals(lines({ host: "127.0.0.1" }), ["serving the page on http://127.0.0.1:8080/"]);
  assertEquals(lines({ host: "::", isClosed: true }), ["serving the page on http://localhost:8080/"]);
  assertEquals(lines({ host: "192.0.2.20", isClosed: true, isSecure: true }), [
    "serving the page on https://192.0.2.20:8080/",
    "others join with: https://192.0.2.20:8080/",
  ]);
});

Deno.test("a page whose port is in use is refused with what to do", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const error = await new Promise((resolve) => createServer().on("error", resolve).listen(port, "127.0.0.1"));
  assertEquals(
    cannotServe(port, error).message,
    `Cannot serve the page on port ${port}: it is in use: end what uses it, or choose another with --web`,
  );
});

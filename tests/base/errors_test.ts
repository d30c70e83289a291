import { isSystemError, messageOf } from "../../lib/base/errors.ts";
import { assert, assertEquals, assertFalse } from "../assert.ts";

/** Gives the error that something fails with. */
async function errorOf(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

Deno.test("messageOf removes numbers, calls and paths of the operating system", async () => {
  const cases: [() => unknown, string][] = [
    [() => Deno.readFileSync("/no/such\nfile's"), "No such file or directory"],
    [() => Deno.readFile("/etc/passwd/x"), "Not a directory"],
    [() => Deno.mkdirSync("/"), "File exists"],
    [() => Deno.listen({ hostname: "203.0.113.77", port: 0 }), "Cannot assign requested address"],
    [() => Deno.readLinkSync("/"), "Invalid argument"],
  ];
  for (const [action, message] of Deno.build.os === "linux" ? cases : []) {
    const error = await errorOf(action);
    assertEquals(messageOf(error), message);
    assert(isSystemError(error), error.message);
  }
  assertEquals(messageOf(new Error("plain (os error 5) inside")), "plain (os error 5) inside");
  assertEquals([messageOf("text"), messageOf(5)], ["text", "5"]);
});

Deno.test("isSystemError tells the system's errors from faults of the program", () => {
  for (const error of [new Error("No space left on device (os error 28)"), new Deno.errors.BrokenPipe("x")]) {
    assert(isSystemError(error));
  }
  for (
    const error of [new Error("os error 28"), new TypeError("x is not a function"), "(os error 5)", null]
  ) {
    assertFalse(isSystemError(error));
  }
});

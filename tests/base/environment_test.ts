import { readVariable } from "../../lib/base/environment.ts";
import { EXIT, Exit } from "../../lib/base/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

Deno.test("readVariable names a variable that cannot be read, and does not show its value", () => {
  for (const name of ["CHAT_OPERATOR_TOKEN", "TERM", "NO_COLOR", "TZ", "ANY"]) {
    const error = assertThrows(
      () =>
        readVariable(name, () => {
          throw new TypeError('environment variable was not valid unicode: "s3cret\\xE9"');
        }),
      Exit,
    );
    assertEquals(error.message, `Cannot read the environment variable ${name}: its value is not UTF-8`);
    assertEquals([error.status, error.cause], [EXIT.failed, undefined]);
  }
});

Deno.test({
  name: "chat names a variable that is not UTF-8 in one line, and does not show its value",
  ignore: Deno.build.os === "windows",
  async fn() {
    const main = new URL("../../main.ts", import.meta.url).pathname;
    const runs: [string, string[]][] = [
      ["CHAT_OPERATOR_TOKEN", ["--serve", "--quiet", "--host", "127.0.0.1", "--port", "0"]],
      ["TZ", ["--serve", "--quiet", "--host", "127.0.0.1", "--port", "0"]],
      ["TZ", ["--connect", "127.0.0.1:1", "--send", "1"]],
    ];
    const values = ["s3cret\\351", "\\377s3cret", "s3cret\\303", "s3cret\\355\\240\\200", "\\300\\200s3cret"];
    await Promise.all(runs.flatMap(([name, args]) =>
      values.map(async (value) => {
        // Only a shell can pass such a value on.
        const script = `export ${name}="$(printf '${value}')"; exec "$@"`;
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: [
            "-c",
            script,
            "sh",
            Deno.execPath(),
            "run",
            // The runtime warns where its cache is locked by the others.
            "--quiet",
            "-A",
            "--no-check",
            "--no-prompt",
            main,
            ...args,
          ],
          stdin: "null",
        }).output();
        const told = new TextDecoder().decode(stderr);
        assertEquals(
          told,
          `chat: cannot read the environment variable ${name}: its value is not UTF-8\n`,
        );
        assertEquals([code, stdout.length], [1, 0]);
      })
    ));
  },
});

import { formatCompletions } from "../../lib/cli/completions.ts";
import { OPTIONS, type Shell, SHELLS } from "../../lib/cli/options.ts";
import { assert, assertEquals, assertFalse } from "../assert.ts";
import { HAS_TMUX, Tmux } from "../integration/tmux.ts";

/** Whether a program is there. */
function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Each option as the completions of a shell write it. */
function namesIn(shell: Shell): Set<string> {
  const pattern = shell === "fish" ? / -l ([a-z-]+)/g : /--([a-z][a-z-]*)(?![a-z-]*>)/g;
  const code = formatCompletions(shell).split("\n").filter((line) => !line.trimStart().startsWith("#"));
  return new Set([...code.join("\n").matchAll(pattern)].map(([, name]) => name!));
}

Deno.test("the completions of each shell name exactly the options of the table", () => {
  const names = new Set(OPTIONS.map(({ name }) => name));
  for (const shell of SHELLS) assertEquals(namesIn(shell), names, shell);
});

Deno.test("the completions offer the choices of an option exactly as the table has them", () => {
  for (const shell of SHELLS) {
    const code = formatCompletions(shell).replaceAll(/[',]/g, "");
    for (
      const choices of [
        "os disk",
        "auto always never",
        "off mention all",
        "serve connect limits all",
        "bash zsh fish powershell",
      ]
    ) {
      assert(code.includes(choices), `${shell}: ${choices}`);
    }
  }
});

/** What a shell makes of a started command line after Tab, in a real terminal. */
async function completed(
  shell: readonly string[],
  setup: string,
  typed: string,
  until: string,
): Promise<void> {
  await using tmux = await Tmux.start(shell, { columns: 100, rows: 50 });
  await tmux.type(`PS1='ready> '; ${setup}`);
  await tmux.press("Enter");
  await tmux.until((rows) => rows.some((row) => row.startsWith("ready>")));
  await tmux.type(typed);
  await tmux.press("Tab", "Tab");
  await tmux.until((rows) => rows.some((row) => row.includes(until)));
}

const CASES: readonly (readonly [typed: string, seen: string])[] = [
  ["chat --connect localhost --plain", "--plain-screen"],
  ["chat --connect localhost --bell m", "--bell mention"],
  ["chat --connect localhost --color=al", "--color=always"],
  ["chat --serve --histo", "--history"],
  ["chat --serve --history chat-com", "--history chat-completed"],
  ["chat --serve --web 8080 --web-cert chat-com", "--web-cert chat-completed"],
  ["chat --help li", "--help limits"],
];

for (
  const [shell, command, setup] of [
    ["bash", ["bash", "--norc", "--noprofile", "-i"], "cd FOLDER; source FOLDER/script"],
    ["zsh", ["zsh", "-f", "-i"], "cd FOLDER; autoload -U compinit; compinit -u -D; source FOLDER/script"],
  ] as const
) {
  Deno.test({
    name: `${shell} completes options, choices and files`,
    ignore: !HAS_TMUX || !has(shell),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(`${folder}/script`, formatCompletions(shell));
        await Deno.writeTextFile(`${folder}/chat-completed`, "");
        for (const [typed, seen] of CASES) {
          await completed(command, setup.replaceAll("FOLDER", folder), typed, seen);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "fish completes options with what they are about, choices and files, and not the other end's options",
  ignore: !has("fish"),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/script`, formatCompletions("fish"));
      await Deno.writeTextFile(`${folder}/chat-completed`, "");
      const offered = async (typed: string): Promise<string[]> => {
        const { stdout } = await new Deno.Command("fish", {
          args: ["--no-config", "-c", `source script; complete -C "${typed}"`],
          cwd: folder,
          env: { HOME: folder },
        }).output();
        return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
      };
      assertEquals(await offered("chat --connect h --plain"), [
        "--plain-screen\tno cursor movement, for screen readers",
      ]);
      assertEquals(await offered("chat --serve --plain"), []);
      assertEquals(await offered("chat --connect h --bell m"), ["mention\twhen to ring the terminal's bell"]);
      assertEquals(await offered("chat --serve --history chat-com"), ["chat-completed"]);
      assertEquals((await offered("chat --help li")).map((line) => line.split("\t")[0]), ["limits"]);
      assertFalse((await offered("chat --serve --quiet --qu")).some((line) => line.startsWith("--quiet")));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the completions for bash pass shellcheck",
  ignore: !has("shellcheck"),
  async fn() {
    const child = new Deno.Command("shellcheck", {
      args: ["--shell", "bash", "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(formatCompletions("bash")));
    await writer.close();
    assertEquals(new TextDecoder().decode((await child.output()).stdout), "");
  },
});

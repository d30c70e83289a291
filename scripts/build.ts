/**
 * Builds the executable: dist/chat, with the permissions that `chat` needs and no others.
 *
 * It is bundled into one module: many modules would each be loaded at each start, and the prompt would come a tenth of a
 * second later. It keeps no cache of compiled code: the runtime would write that to a name in the folder for temporary
 * files that anybody can foresee, and trust it whoever had put it there.
 */

/** What a running chat may do: talk over the network, keep a history file where it is told to, read its few variables. */
export const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env=NO_COLOR,TERM,CHAT_OPERATOR_TOKEN",
];

if (import.meta.main) {
  Deno.chdir(new URL("../", import.meta.url));
  await Deno.mkdir("dist", { recursive: true });
  const output = Deno.build.os === "windows" ? "dist/chat.exe" : "dist/chat";
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--frozen",
      "--bundle",
      "--minify",
      "--no-code-cache",
      ...PERMISSIONS,
      "--output",
      output,
      "main.ts",
    ],
    stdout: "inherit",
    stderr: "piped",
  }).output();
  const told = new TextDecoder().decode(stderr);
  if (code === 0) {
    console.log(`built ${output}`);
  } else if (/esbuild/i.test(told)) {
    console.error(`build: esbuild, which makes one module of all, could not be had from npm:\n${told}`);
  } else if (!Deno.env.get("DENORT_BIN") && /denort|download|sending request|dns error/i.test(told)) {
    console.error(
      `build: the base executable could not be downloaded: connect to the network, or set DENORT_BIN to the path of ` +
        `a denort of Deno ${Deno.version.deno}`,
    );
  } else {
    console.error(told);
  }
  Deno.exit(code);
}

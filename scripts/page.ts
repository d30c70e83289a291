/** Makes the page that `chat --serve --web` serves: one HTML file, dist/page.html, with its script and style in it. */

/** The folder of its sources, from the project's root. */
const PAGE = "lib/web/page";

/**
 * Makes the page.
 *
 * @param root The folder of the sources.
 * @throws {Error} With what the bundler said.
 */
export async function makePage(root: string): Promise<string> {
  const [html, style, script] = await Promise.all([
    Deno.readTextFile(`${root}/${PAGE}/index.html`),
    Deno.readTextFile(`${root}/${PAGE}/style.css`),
    bundle(root, `${PAGE}/main.ts`),
  ]);
  // Functions, since the texts may hold `$&`. What would end the element must not stand in the script.
  return html
    .replace("/* style.css */", () => style)
    .replace("/* main.ts */", () => script.replaceAll("</script", "<\\/script"));
}

async function bundle(root: string, entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--frozen", "--minify", "--platform=browser", entry],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  Deno.chdir(new URL("../", import.meta.url));
  await Deno.mkdir("dist", { recursive: true });
  await Deno.writeTextFile("dist/page.html", await makePage("."));
  console.log("made dist/page.html");
}

/** The page as it is served: one HTML file, with headers that restrict it. */

/** The page with its headers. */
export interface ServedPage {
  readonly html: Uint8Array;
  /** The same, compressed with gzip. */
  readonly compressed: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const INLINE = /<(script|style)\b[^>]*>([\s\S]*?)<\/\1>/g;

/**
 * Prepares the page. Its policy contains the hash of each script and style in it, so that nothing else runs and nothing
 * is loaded from elsewhere.
 */
export async function servePage(html: string): Promise<ServedPage> {
  const bytes = new TextEncoder().encode(html);
  return {
    html: bytes,
    compressed: await gzip(bytes),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": await policyOf(html),
      "cache-control": "no-cache",
      ...SAFE_HEADERS,
    },
  };
}

/**
 * Reads the page. It is a file beside the main module of the executable, or in dist/ when run from source.
 *
 * @throws {Error} If the page was not built.
 */
export async function readPage(): Promise<string> {
  const url = Deno.build.standalone
    ? new URL("page.html", Deno.mainModule)
    : new URL("../../dist/page.html", import.meta.url);
  try {
    return await Deno.readTextFile(url);
  } catch (error) {
    throw new Error("the page was not built: run `deno task page` first", { cause: error });
  }
}

/** The headers of every answer. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/**
 * Returns the Content-Security-Policy of a page. It allows blob: and data: URLs, because the page makes images and
 * downloads from the messages.
 */
async function policyOf(html: string): Promise<string> {
  const hashes = { script: [] as string[], style: [] as string[] };
  for (const [, kind, text] of html.matchAll(INLINE)) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    hashes[kind as "script" | "style"].push(`'sha256-${new Uint8Array(digest).toBase64()}'`);
  }
  return [
    "default-src 'none'",
    `script-src ${hashes.script.join(" ") || "'none'"}`,
    `style-src ${hashes.style.join(" ") || "'none'"}`,
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Runs `chat` with a fault in it, of the kind that the first argument names; the others are those of `chat`. */

import { main } from "../../main.ts";

const [kind, ...args] = Deno.args;
const fault = () => {
  throw new TypeError(`${kind} is faulty`);
};

// Each stands for what a mistake in the program would do: while a message is shown, while a key is taken, anywhere else.
if (kind === "message") {
  const { startsWith } = String.prototype;
  String.prototype.startsWith = function (text: string, at?: number) {
    return text === "* ear " ? fault() : startsWith.call(this, text, at);
  };
} else if (kind === "text") Intl.Segmenter.prototype.segment = fault;
else {
  const { stdout } = Deno;
  const write = stdout.write.bind(stdout);
  stdout.write = (bytes) => {
    if (new TextDecoder().decode(bytes).includes("half")) setTimeout(fault, 0);
    return write(bytes);
  };
}
Deno.exit(await main(args));

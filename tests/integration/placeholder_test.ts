import { assertEquals } from "../assert.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import { pickleOf } from "../pickle/bytes.ts";
import { peerProgram, PYTHON } from "./python.ts";

const DTYPE = "cnumpy\ndtype\n(VV4\nI00\nI01\ntR(I3\nV|\nNNNI4\nI1\nI0\ntb";
const ARRAY = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR(I1\n(I1\nt" + DTYPE +
  "I00\nC\x04abcdtb";

Deno.test("a Python client without numpy shows a placeholder for objects that it cannot import", {
  ignore: PYTHON === undefined,
}, async () => {
  const child = new Deno.Command(PYTHON!, {
    args: ["-B", peerProgram("placeholder.py")],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  for (const value of [`${ARRAY}.`, `}Vbody\n${ARRAY}s.`, "}Vbody\nK\x07s."]) {
    const bytes = pickleOf(value);
    verify(bytes);
    await writer.write(new TextEncoder().encode(bytes.toHex() + "\n"));
  }
  await writer.close();
  const { stdout } = await child.output();
  assertEquals(new TextDecoder().decode(stdout).replaceAll("\r", "").split("\n"), [
    "<numpy.core.multiarray._reconstruct: not installed here>",
    "{'body': <numpy.core.multiarray._reconstruct: not installed here>}",
    "{'body': 7}",
    "",
  ]);
});

/** The dtypes of numpy that a literal can name: numbers, bool, str, bytes and object. */
import { PickleError } from "../values/errors.ts";
import { DType } from "../values/known_numpy.ts";
import { Tuple, type Value } from "../values/values.ts";

/** The codes of dtypes by their names. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["bool", "b1"],
  ...[8, 16, 32, 64].flatMap((bits): [string, string][] => [
    [`int${bits}`, `i${bits / 8}`],
    [`uint${bits}`, `u${bits / 8}`],
  ]),
  ...[16, 32, 64].map((bits): [string, string] => [`float${bits}`, `f${bits / 8}`]),
  ...[64, 128].map((bits): [string, string] => [`complex${bits}`, `c${bits / 8}`]),
  ["object", "O"],
]);

const CODE = /^([<>|=]?)(?:(\?|b1|[iu][1248]|f[248]|c8|c16|O)|([SU])(\d{0,9}))$/;

const U_FLAGS = 8;
const OBJECT_FLAGS = 63;

/**
 * Makes a dtype of its name or code, with the state that numpy pickles.
 *
 * @param spec The argument of `dtype`, such as "int8" or "<f8"; a dtype is returned unchanged.
 * @throws {PickleError} With code "syntax" for any other dtype.
 */
export function dtypeOf(spec: Value): DType {
  if (spec instanceof DType) return spec;
  const match = typeof spec === "string" ? CODE.exec(NAMES.get(spec) ?? spec) : null;
  if (match === null) throw cannotBeTyped();
  const [, order, simple, letter = "", digits] = match;
  const byteOrder = order === ">" ? ">" : "<";
  const length = Number(digits);
  if (simple === "O") return make("O8", ["|", -1, -1, OBJECT_FLAGS]);
  if (letter === "S") return make(`S${length}`, ["|", length, 1, 0]);
  if (letter === "U") return make(`U${length}`, [byteOrder, length * 4, 4, U_FLAGS]);
  const code = simple === "?" ? "b1" : simple!;
  return make(code, [code.endsWith("1") ? "|" : byteOrder, -1, -1, 0]);
}

function make(code: string, [order, ...sizes]: [string, number, number, number]): DType {
  return new DType(code, new Tuple<Value>([3, order, null, null, null, ...sizes]));
}

/** Makes the error for a dtype that has no literal: a structured one, a time, a long double. */
export function cannotBeTyped(): PickleError {
  const dtypes = "bool, int, uint, float, complex, str, bytes and object";
  return new PickleError("syntax", `Cannot make it: of numpy only ${dtypes} can be typed`);
}

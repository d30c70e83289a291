/** Errors of verify. */
import { PickleError, type PickleErrorCode } from "../values/errors.ts";
import { BINPERSID, EXT1, EXT2, EXT4, NEXT_BUFFER, PERSID } from "../values/opcodes.ts";

/** Makes the error of a pickle that is refused. */
export function failure(code: PickleErrorCode, what: string, offset: number): PickleError {
  return new PickleError(code, `Cannot verify the pickle: ${what}`, { offset });
}

/** Makes the error of a pickle that ends early. */
export function truncated(offset: number): PickleError {
  return failure("truncated", "it ends before STOP", offset);
}

/** Makes the error of an argument that is longer than its frame or the pickle. */
export function cut(source: number, end: number, length: number): PickleError {
  return end === length
    ? failure("truncated", "it ends inside an argument", source)
    : badFrame(source, "an argument reaches past the end of its frame");
}

/** Makes the error of a FRAME that Python's unpickler would refuse. */
export function badFrame(offset: number, what: string): PickleError {
  return failure("bad-frame", what, offset);
}

/** Makes the error of a text that Python cannot decode or print. */
export function badText(offset: number): PickleError {
  return failure("bad-argument", "a text is malformed or has a lone surrogate", offset);
}

/** Makes the error of a malformed number. */
export function badNumber(offset: number): PickleError {
  return failure("bad-argument", "a number is malformed", offset);
}

/** Makes the error of an opcode that finds too little on the stack. */
export function underflow(offset: number): PickleError {
  return failure("bad-stack", "there is too little on the stack", offset);
}

/** Makes the error of an opcode that finds no MARK. */
export function noMark(offset: number): PickleError {
  return failure("bad-stack", "there is no MARK", offset);
}

/** Makes the error of an opcode on the wrong kind of object. */
export function wrongReceiver(name: string, offset: number): PickleError {
  return failure("bad-stack", `${name} meets an object that it does not fit`, offset);
}

/** Makes the error of an object that is filled after it has become an item of another. */
export function badFill(offset: number): PickleError {
  return failure("bad-stack", "an object is filled after it was put into another", offset);
}

/** Makes the error of a memo entry that would take more memory than the pickle. */
export function farPut(offset: number, index: number): PickleError {
  return failure("bad-memo", `a memo entry has the number ${index}, above the pickle's length`, offset);
}

/** Makes the error of a limit that was reached. */
export function overLimit(limit: string, what: string, offset: number): PickleError {
  return new PickleError("limit", `Cannot verify the pickle: ${what}`, { offset, limit });
}

/** Makes the error of a value that is too large. */
export function tooMuch(offset: number): PickleError {
  return overLimit("memory", "its value takes too much memory", offset);
}

/** Makes the error of a pickle that takes too long to load. */
export function tooMuchWork(offset: number): PickleError {
  return overLimit("keyWork", "it takes too long to load", offset);
}

/** Makes the error of too many keys of a kind whose hashes are not computed here. */
export function tooManyKeys(offset: number, kind: string): PickleError {
  return overLimit("keyWork", `too many keys of the kind ${kind}, which may all have one hash`, offset);
}

/** Makes the error of a value whose `repr` takes too long. */
export function tooLongToShow(offset: number): PickleError {
  return overLimit("shown", "its value takes too long to show, shared parts counted each time", offset);
}

/** Makes the error of a value whose `repr` has too many characters. */
export function tooMuchText(offset: number): PickleError {
  return overLimit("shown", "its value has too much text to show, shared parts counted each time", offset);
}

/** Makes the error of a value that nests too deep. */
export function tooDeep(offset: number, depth: number): PickleError {
  return overLimit("verifyDepth", `it nests deeper than ${depth}`, offset);
}

/** Makes the error of a dict or set that is too large. */
export function tooMany(offset: number): PickleError {
  return overLimit("entries", "a dict or set has too many entries", offset);
}

/** Makes the error of a name off the list. */
export function unsafe(module: string, name: string, offset: number): PickleError {
  const global = `${module}.${name}`.slice(0, 200);
  return new PickleError("unsafe", `Cannot verify the pickle: ${global} is not on the allow-list`, {
    offset,
    global,
  });
}

/** Makes the error of a name that only a peer with numpy can load. */
export function needsNumpy(module: string, name: string, offset: number): PickleError {
  const global = `${module}.${name}`;
  return new PickleError(
    "unsafe",
    `Cannot verify the pickle: ${global} needs numpy, which is not relayed here`,
    {
      offset,
      global,
    },
  );
}

/** Makes the error of a dtype whose arrays are refused. */
export function badDtype(code: string, offset: number): PickleError {
  return failure("unsupported", `numpy's dtype ${code} is not relayed`, offset);
}

/** Makes the error of an opcode that is always refused. */
export function refused(opcode: number, offset: number): PickleError {
  switch (opcode) {
    case PERSID:
    case BINPERSID:
      return failure("unsupported", "it has a persistent id", offset);
    case EXT1:
    case EXT2:
    case EXT4:
      return failure("unsupported", "it has an extension code", offset);
    case NEXT_BUFFER:
      return failure("unsupported", "it has an out-of-band buffer", offset);
  }
  return failure("unknown-opcode", `there is no opcode ${opcode}`, offset);
}

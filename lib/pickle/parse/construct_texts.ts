/** Constructors of objects that are one text, in literals: `UUID('…')`, `PurePosixPath('a/b')`. */
import type { Constructor } from "./constructor.ts";
import { type PathClass, PurePath, UUID } from "../values/known.ts";
import { intValue } from "../values/number.ts";
import { pathParts } from "../values/pure_path.ts";

const PATHS: readonly PathClass[] = [
  "PurePath",
  "PurePosixPath",
  "PureWindowsPath",
  "Path",
  "PosixPath",
  "WindowsPath",
];

const UUID_CONSTRUCTOR: Constructor = {
  names: ["hex"],
  make: ([text]) => {
    const hex = typeof text === "string" ? text.replaceAll("-", "") : "";
    return /^[0-9a-f]{32}$/i.test(hex) ? new UUID(intValue(BigInt("0x" + hex))) : undefined;
  },
};

/** The constructors of objects that are one text, by name and by full name. */
export const TEXT_CONSTRUCTORS: readonly [string, Constructor][] = [
  ["UUID", UUID_CONSTRUCTOR],
  ["uuid.UUID", UUID_CONSTRUCTOR],
  ...PATHS.flatMap((kind): [string, Constructor][] => {
    const constructor: Constructor = {
      names: [""],
      make: ([text]) => typeof text === "string" ? new PurePath(kind, pathParts(text, kind)) : undefined,
    };
    return [[kind, constructor], [`pathlib.${kind}`, constructor]];
  }),
];

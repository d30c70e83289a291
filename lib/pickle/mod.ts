/**
 * Python's pickles in JavaScript: decode, encode, verify, and text as Python's repr shows it. Nothing is ever imported or
 * called because of a pickle.
 *
 * @module
 */
export { decode, type DecodeOptions, type Resolvers, type StringEncoding } from "./decode.ts";
export { type Encodable, encode, type EncodeOptions, type References } from "./encode.ts";
export { PickleError, type PickleErrorCode, type PickleErrorDetails } from "./errors.ts";
export { format, type FormatOptions } from "./format.ts";
export { Dict, dictOf, PySet, setOf } from "./keys.ts";
export * from "./known.ts";
export * from "./known_numpy.ts";
export { DEFAULT_LIMITS, type PickleLimits } from "./limits.ts";
export { parse, type ParseOptions } from "./parse.ts";
export { type Scalar, scalarAt } from "./scalar_at.ts";
export type { ValueKind } from "./slot_reader.ts";
export { type Envelope, envelopeLength, type Stamp, writeEnvelope } from "./splice.ts";
export * from "./values.ts";
export type { Entry, Verified } from "./verified.ts";
export { verify, type VerifyOptions } from "./verify.ts";

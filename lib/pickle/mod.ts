/**
 * Codec for Python's pickles: decode, encode, verify, and convert to and from Python literals. No pickle can import or call
 * anything.
 *
 * @module
 */
export { decode, type DecodeOptions, type Resolvers, type StringEncoding } from "./decode/decode.ts";
export { type Encodable, encode, type EncodeOptions, type References } from "./encode/encode.ts";
export { PickleError, type PickleErrorCode, type PickleErrorDetails } from "./values/errors.ts";
export { format, type FormatOptions } from "./repr/format.ts";
export { Dict, dictOf, PySet, setOf } from "./keys/keys.ts";
export * from "./values/known.ts";
export * from "./values/known_numpy.ts";
export { DEFAULT_LIMITS, type PickleLimits } from "./values/limits.ts";
export { parse, type ParseOptions } from "./parse/parse.ts";
export { type Scalar, scalarAt } from "./verify/scalar_at.ts";
export type { ValueKind } from "./verify/slot_reader.ts";
export { type Envelope, envelopeLength, type Stamp, writeEnvelope } from "./stamp.ts";
export * from "./values/values.ts";
export type { Entry, Verified } from "./verify/verified.ts";
export { Verification, verify, type VerifyOptions } from "./verify/verify.ts";

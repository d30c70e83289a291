/**
 * Frames: a header of ten bytes with a length, and a payload of that many bytes. Nothing here knows what a payload holds.
 */

export { type Budget, leastBudget, OWN_BUFFER } from "./budget.ts";
export { encodeFrame, frameSize } from "./encode.ts";
export { HEADER_SIZE, parseHeader, writeHeader } from "./header.ts";
export { FrameReader, type FrameReaderOptions, type Source } from "./reader.ts";

/**
 * Python's values as JSON and back, without loss: values that JSON lacks are objects with one key that begins with "$",
 * as in `{"$tuple": [1, 2]}`.
 *
 * @module
 */
export { fromJson, type FromJsonOptions } from "./from_json.ts";
export { toPlainJson } from "./plain.ts";
export { toJson, type ToJsonOptions } from "./to_json.ts";

/** Forms: how the objects of one class stand in JSON. */

import type { PyObject, Value } from "../pickle/values/values.ts";

/** The fields of an object, by name. */
export type Fields = ReadonlyMap<string, Value>;

/** The JSON form of the objects of one class: `{"$object": {"class": "module.name", …}}`. */
export interface Form {
  /** The class as `module.name`. */
  readonly path: string;
  /** Returns the fields of an object of this class; undefined for any other. */
  fields(object: PyObject): Record<string, Value> | undefined;
  /** Makes the object of its fields; undefined where they are not such as `fields` gives. */
  make(fields: Fields): Value | undefined;
}

/** Makes the form of a class. */
export function form<T extends PyObject>(
  [path, type]: [string, abstract new (...args: never[]) => T],
  fields: (object: T) => Record<string, Value>,
  make: (fields: Fields) => Value | undefined,
): Form {
  return { path, fields: (object) => object instanceof type ? fields(object) : undefined, make };
}

/** Returns whether there are these fields and no others. */
export function hasOnly(fields: Fields, names: readonly string[]): boolean {
  return fields.size === names.length && names.every((name) => fields.has(name));
}

/** Objects of all classes as fields in JSON, and back. */

import { Global, Inert, type PyObject, type Value } from "../pickle/values/values.ts";
import type { Fields, Form } from "./form.ts";
import { LIBRARY_FORMS } from "./library_forms.ts";
import { globalFields, inertFields, makeNamed, STR_FORM } from "./named_forms.ts";
import { NUMPY_FORMS } from "./numpy_forms.ts";

const FORMS: readonly Form[] = [STR_FORM, ...LIBRARY_FORMS, ...NUMPY_FORMS];

const FORMS_BY_PATH: ReadonlyMap<string, Form> = new Map(FORMS.map((form) => [form.path, form]));

/** Returns the class, as `module.name`, and the fields of an object without a form of its own in JSON. */
export function fieldsOf(object: PyObject): { path: string; fields: Record<string, Value> } | undefined {
  if (object instanceof Global) return globalFields(object);
  if (object instanceof Inert) return inertFields(object);
  for (const form of FORMS) {
    const fields = form.fields(object);
    if (fields !== undefined) return { path: form.path, fields };
  }
  return undefined;
}

/** Makes the object of its class and fields; undefined where they are not such as {@linkcode fieldsOf} tells. */
export function objectOf(path: string, fields: Fields): Value | undefined {
  // A global or an inert object may have the path of a known class.
  const form = fields.size === 0 || fields.has("making") ? undefined : FORMS_BY_PATH.get(path);
  return form === undefined ? makeNamed(path, fields) : form.make(fields);
}

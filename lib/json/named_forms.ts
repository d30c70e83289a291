/** Globals, inert objects, and str that JSON cannot hold, as fields in JSON. */
import { inertName } from "../pickle/repr/scalar.ts";
import { CodePoints, Global, Inert, type Making, type Value } from "../pickle/values/values.ts";
import { type Fields, form } from "./form.ts";

/** A str with a high and a low surrogate side by side, which JSON's escapes would fuse. */
export const STR_FORM = form(
  ["builtins.str", CodePoints],
  ({ points }) => ({ points: [...points] }),
  (fields) => {
    const points = fields.get("points");
    const isText = Array.isArray(points) &&
      points.every((point) => typeof point === "number" && isPoint(point));
    return isText ? new CodePoints(points as number[]) : undefined;
  },
);

function isPoint(point: number): boolean {
  return Number.isInteger(point) && point >= 0 && point <= 0x10FFFF;
}

/** Returns the class and the fields of a global: no fields, except its own name if that has a dot. */
export function globalFields({ module, name }: Global): { path: string; fields: Record<string, Value> } {
  return { path: `${module}.${name}`, fields: name.includes(".") ? { name } : {} };
}

/** Returns the class and the fields of an inert object. The callable is a field only if it is not the class. */
export function inertFields(inert: Inert): { path: string; fields: Record<string, Value> } {
  const { making, callable, args, kwargs, state, items, pairs } = inert;
  const named = callable instanceof Global ? globalFields(callable) : undefined;
  return {
    path: named?.path ?? inertName(inert),
    fields: {
      ...named?.fields,
      making,
      ...(named === undefined ? { callable } : {}),
      args,
      ...(kwargs === null ? {} : { kwargs }),
      ...(state === undefined ? {} : { state }),
      ...(items.length === 0 ? {} : { items }),
      ...(pairs.length === 0 ? {} : { pairs: pairs.map((pair) => [...pair]) }),
    },
  };
}

/** Builds the value from fields of {@linkcode globalFields} or {@linkcode inertFields}; undefined for other fields. */
export function makeNamed(path: string, fields: Fields): Value | undefined {
  const global = makeGlobal(path, fields.get("name"));
  const making = fields.get("making");
  if (making === undefined) return fields.size > (fields.has("name") ? 1 : 0) ? undefined : global;
  const [callable = global, args] = [fields.get("callable"), fields.get("args")];
  if (!isMaking(making) || callable === undefined || args === undefined) return undefined;
  const inert = new Inert(making, callable, args, fields.get("kwargs") ?? null);
  const [items = [], pairs = []] = [fields.get("items"), fields.get("pairs")];
  if (!Array.isArray(items) || !Array.isArray(pairs) || !pairs.every(isPair)) return undefined;
  inert.state = fields.get("state");
  for (const item of items) inert.items.push(item);
  for (const pair of pairs) inert.pairs.push(pair);
  return inert;
}

/** The module ends at the last dot, or where the name that is given apart begins. */
function makeGlobal(path: string, name: Value | undefined): Global | undefined {
  if (name === undefined) {
    const dot = path.lastIndexOf(".");
    return dot < 0 ? undefined : new Global(path.slice(0, dot), path.slice(dot + 1));
  }
  if (typeof name !== "string" || !path.endsWith("." + name)) return undefined;
  return new Global(path.slice(0, -name.length - 1), name);
}

function isMaking(value: Value): value is Making {
  return value === "reduce" || value === "newobj" || value === "newobj_ex";
}

function isPair(item: Value): item is [Value, Value] {
  return Array.isArray(item) && item.length === 2;
}

/** A python3 child that loads pickles with both of CPython's unpicklers and tells which failed. */
import { envelopeLength, type Stamp, writeEnvelope } from "../../lib/pickle/stamp.ts";
import { scalarAt } from "../../lib/pickle/verify/scalar_at.ts";
import { Float } from "../../lib/pickle/values/values.ts";
import type { Verified } from "../../lib/pickle/verify/verified.ts";

/** The python3 that loads; CHAT_PYTHON names another than the one on the path, perhaps without numpy. */
const PYTHON = Deno.env.get("CHAT_PYTHON") ?? "python3";
const PEERS = new URL("./peers/", import.meta.url);

/** Whether a Python command succeeds. */
async function canRun(python: string, code: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(python, { args: ["-c", code], stderr: "null" }).output();
    return success;
  } catch {
    return false;
  }
}

/** Whether there is a python3 to be had. */
export const havePython = await canRun("python3", "import pickle") && await canRun(PYTHON, "import pickle");
const haveNumpy = await canRun(PYTHON, "import numpy");
const haveProtocol5 = await canRun(PYTHON, "import sys; assert sys.version_info >= (3, 8)");

/** Runs make_pickles.py. */
export async function madePickles(seed: number, extra: number): Promise<Uint8Array[]> {
  const args = [new URL("make_pickles.py", PEERS).pathname, String(seed), String(extra)];
  const { stdout } = await new Deno.Command("python3", {
    args,
    env: { PYTHONHASHSEED: "0" },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => Uint8Array.fromBase64(line));
}

/** A pickle for the child. */
export interface Task {
  readonly pickle: Uint8Array;
  readonly names: readonly string[];
  readonly expect?: Record<string, readonly [string, string]> | undefined;
}

const STAMP: Stamp = { id: 4711, room: "lobby", from: "zoë", at: 2 };

/** Gives a pickle that was verified alone and spliced in both ways, with what its dict is to hold. */
export function* tasksOf(bytes: Uint8Array, verified: Verified): Generator<Task> {
  const names = verified.names;
  if (!haveNumpy && names.some((name) => name.startsWith("numpy"))) return;
  if (!haveProtocol5 && verified.protocol === 5) return;
  const expect = expectedOf(bytes, verified);
  if (haveProtocol5 || verified.proto5.length === 0) yield { pickle: bytes, names, expect };
  const plain = { bytes, verified, stamp: STAMP, plain: true };
  yield {
    pickle: spliced(plain),
    names,
    expect: { ...ours(), type: ["str", "message"], body: ["object", ""] },
  };
  if (verified.top !== "dict") return;
  yield { pickle: spliced({ ...plain, plain: false }), names, expect: { ...expect, ...ours() } };
}

function spliced(envelope: Parameters<typeof envelopeLength>[0]): Uint8Array {
  const target = new Uint8Array(envelopeLength(envelope) + 3);
  const end = writeEnvelope(target, 3, envelope);
  if (end !== target.length) throw new Error(`envelopeLength says ${target.length - 3}, it is ${end - 3}`);
  return target.subarray(3);
}

function ours(): Record<string, readonly [string, string]> {
  return { id: ["int", "4711"], room: ["str", "lobby"], from: ["str", "zoë"], at: ["float", hex(2)] };
}

function expectedOf(bytes: Uint8Array, verified: Verified): Task["expect"] {
  if (verified.entries === null) return undefined;
  const expect: Record<string, [string, string]> = Object.create(null);
  for (const { key, kind, source } of verified.entries) {
    const value = scalarAt(bytes, source, 1000);
    let text = "";
    if (typeof value === "string") text = value;
    else if (value === null) text = "None";
    else if (typeof value === "boolean") text = value ? "True" : "False";
    else if (kind === "float" && value !== undefined) {
      text = hex(value instanceof Float ? value.value : Number(value));
    } else if (kind === "int" && value !== undefined) text = String(value);
    // What scalarAt does not read here is not compared beyond its kind, and a very long one not at all.
    expect[key] = value === undefined && (kind === "str" || kind === "int") ? ["object", ""] : [kind, text];
    if (typeof value === "object" && value !== null && kind === "str") expect[key] = ["object", ""];
    const found = /^[\0-\x7f]*$/.test(key) ? verified.find(key) : { source, kind };
    if (found?.source !== source || found.kind !== kind) throw new Error(`find(${key}) differs from entries`);
  }
  return expect;
}

// Python's float.hex()
function hex(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n & 0x7ffn);
  const mantissa = (bits & 0xfffffffffffffn).toString(16).padStart(13, "0");
  const sign = bits >> 63n ? "-" : "";
  if (exponent === 0 && value === 0) return `${sign}0x0.0p+0`;
  const power = exponent === 0 ? -1022 : exponent - 1023;
  return `${sign}0x${exponent === 0 ? 0 : 1}.${mantissa}p${power < 0 ? "" : "+"}${power}`;
}

/** What the child said. */
export interface Loaded {
  readonly loaded: number;
  readonly faults: readonly string[];
}

/** Lets the child load pickles with a limit of memory, in MiB. */
export async function loadAll(tasks: Iterable<Task>, memory: number): Promise<Loaded> {
  const child = new Deno.Command(PYTHON, {
    args: [new URL("load_pickles.py", PEERS).pathname, String(memory)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  let batch: string[] = [];
  const flush = async () => {
    await writer.write(encoder.encode(batch.join("")));
    batch = [];
  };
  for (const { pickle, names, expect } of tasks) {
    batch.push(JSON.stringify({ pickle: pickle.toBase64(), names, expect: expect ?? null }) + "\n");
    if (batch.length === 500) await flush();
  }
  await flush();
  await writer.close();
  const { stdout, success, signal } = await output;
  const lines = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "");
  const faults: string[] = [];
  let loaded = -1;
  for (const line of lines) {
    const told = JSON.parse(line);
    if (told.fault !== undefined) faults.push(`${told.fault} ${told.line.trim()}`);
    else loaded = told.loaded;
  }
  if (!success) faults.push(`the child ended with ${signal ?? "an error"}`);
  return { loaded, faults };
}

/** Opcodes that look up a name, call it, or set the state of an object. */
import { allowedName } from "../values/allowed.ts";
import { asciiText } from "./number_check.ts";
import { Kind } from "./kinds.ts";
import { EXTRA } from "./columns.ts";
import * as op from "../values/opcodes.ts";
import { MOST_FIELDS } from "./array_check.ts";
import { UUID_PAIRS } from "./uuid_check.ts";
import { failure, needsNumpy, underflow, unsafe } from "./failure.ts";
import { slotOf } from "./slot.ts";
import type { VerifyState } from "./state.ts";

/**
 * Carries out one of these opcodes.
 *
 * @returns false for any other opcode
 */
export function nameOpcode(state: VerifyState, opcode: number): boolean {
  const { calls, source, stack } = state;
  switch (opcode) {
    case op.GLOBAL: {
      const module = readName(state), name = readName(state);
      takeName(state, module, name);
      return true;
    }
    case op.STACK_GLOBAL: {
      state.used |= 16;
      state.need(2);
      const module = state.slots.name(stack[state.top - 2]!), name = state.slots.name(stack[state.top - 1]!);
      if (module === undefined || name === undefined) {
        throw failure("bad-stack", "STACK_GLOBAL meets no names", source);
      }
      state.top -= 2;
      takeName(state, module, name);
      return true;
    }
    case op.REDUCE: {
      state.need(2);
      const top = state.top -= 2;
      state.push(calls.reduce(stack[top]!, stack[top + 1]!, source, top));
      state.checkCalls();
      return true;
    }
    case op.NEWOBJ: {
      state.used |= 4;
      state.need(2);
      const top = state.top -= 2;
      state.push(calls.newobj(stack[top]!, stack[top + 1]!, source, top));
      return true;
    }
    case op.BUILD: {
      state.need(2);
      const top = --state.top;
      calls.build(stack[top - 1]!, stack[top]!, source, top);
      state.checkCopies(state.bytes.length);
      return true;
    }
    case op.NEWOBJ_EX:
      state.need(3);
      return calls.refuse(stack[state.top - 3]!, source);
    case op.OBJ: {
      const from = state.popMark();
      if (from >= state.top) throw underflow(source);
      return calls.refuse(stack[from]!, source);
    }
    case op.INST:
      state.popMark();
      throw unsafe(readName(state), readName(state), source);
  }
  return false;
}

function readName(state: VerifyState): string {
  const start = state.at;
  return asciiText(state.bytes, start, state.readLine());
}

function takeName(state: VerifyState, module: string, name: string): void {
  const { calls, source, table } = state;
  const allowed = allowedName(module, name, state.proto);
  if (allowed === undefined || !allowed.everywhere) throw unsafe(module, name, source);
  if (!state.numpy && allowed.module.startsWith("numpy")) throw needsNumpy(module, name, source);
  let index = calls.names.indexOf(allowed);
  if (index < 0) {
    index = calls.names.push(allowed) - 1;
    state.names.push(allowed.path);
    if (allowed.allowed === "set" || allowed.allowed === "frozenset") {
      state.containers.collisions.logsLists = true;
    }
    if (allowed.allowed === "UUID") state.containers.keepPairs(UUID_PAIRS);
    if (allowed.allowed === "dtype") state.containers.keepPairs(MOST_FIELDS);
  }
  const id = table.make(Kind.NAME, source, state.top);
  table.set(id, EXTRA, index);
  state.push(slotOf(id));
}

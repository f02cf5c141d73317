import type { Dtype } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import type { Shape } from "../../base/shape";
import { applyParts, traceOf } from "../op/apply";
import { opAt, tensorEntryAt } from "../op/entry";
import { ALIAS, makeLeaf } from "../op/leaf";
import { monitor, origins } from "../op/monitor";
import type { Kind, Program, Step } from "../op/op";
import { Activity, markUseful, USEFUL } from "../sweep/activity";
import { now, STRONG, SYMBOLIC } from "../tape/page";
import { useConditions } from "../tensor/condition";
import {
  Handle,
  isElided,
  isSymbolic,
  isWeak,
  makeSymbolic,
  placeOf,
  type Trace,
  withoutHistory,
} from "../tensor/handle";

/*
 * A program is a piece of the tape read off as data: steps between given inputs and outputs. Replaying it on tensors is
 * calling the traced function again; replaying it by batch rules is vmap.
 */

const ownFault = (what: string): never =>
  fail("internal/program", `trace: ${what}.`, {}, "This is a fault of gradtape: please report it, with the program.");

/** Reads the program between inputs and outputs off the tape. */
export function extract(inputs: readonly Handle[], outputs: readonly Handle[]): Program {
  const activity = new Activity(outputs, inputs, false);
  markUseful(activity, outputs);
  const slotAt = new Map<number, number>();
  activity.targets.forEach((place, k) => {
    slotAt.set(place, k);
  });
  const aliasAt = new Map<number, Handle>();
  let slots = inputs.length;
  const steps: Step[] = [];
  const operand = (place: number, x: Handle): number | Handle =>
    slotAt.get(place) ??
    aliasAt.get(place) ??
    (activity.isObserved(place) ? activity.handleAt(place, x) : withoutHistory(x));
  for (const scratch of activity.scratches) {
    const { page, marks } = scratch;
    for (let i = scratch.start; i < scratch.end; i++) {
      const op = opAt(page, i);
      if ((marks[i] & USEFUL) === 0 || op === null || slotAt.has(page.base + i)) continue;
      const entry = tensorEntryAt(page, i);
      if (entry === null) return ownFault("a scalar entry stands in a symbolic program");
      const args = entry.places.map((place, k) => operand(place, entry.inputs[k]));
      if (op === ALIAS) {
        const [arg] = args;
        if (typeof arg === "number") slotAt.set(page.base + i, arg);
        else aliasAt.set(page.base + i, arg);
        continue;
      }
      const results = entry.outputs.map((_, k) => {
        slotAt.set(page.base + i + k, slots);
        return slots++;
      });
      steps.push({
        op,
        inputs: args,
        outputs: results,
        attrs: entry.attrs,
        examples: entry.outputs,
        origin: origins.get(entry),
      });
    }
  }
  const results = outputs.map((y) => operand(placeOf(y), y));
  activity.release();
  return { inputs, steps, outputs: results, slots };
}

/** Runs a step on tensors: as it stands, or the way vmap wants it. */
export type Runner = (step: Step, inputs: readonly Handle[]) => readonly Handle[];

const plainly: Runner = (step, inputs) => applyParts(step.op, inputs, step.attrs);

/** The last step that reads each slot; -1 for one that no step reads, and for outputs, which are kept. */
function lastUses(program: Program): Int32Array {
  const known = uses.get(program);
  if (known !== undefined) return known;
  const last = new Int32Array(program.slots).fill(-1);
  program.steps.forEach(({ inputs }, n) => {
    for (const x of inputs) if (typeof x === "number") last[x] = n;
  });
  for (const y of program.outputs) if (typeof y === "number") last[y] = -1;
  uses.set(program, last);
  return last;
}
const uses = /* @__PURE__ */ new WeakMap<Program, Int32Array>();

/** Runs a program on other inputs. What no later step reads is let go of. */
export function replay(program: Program, args: readonly Handle[], run: Runner = plainly): Handle[] {
  const values = new Array<Handle | null>(program.slots).fill(null);
  for (let k = 0; k < program.inputs.length; k++) values[k] = args[k];
  const read = (operand: number | Handle): Handle => {
    const x = typeof operand === "number" ? values[operand] : operand;
    return x ?? ownFault("a step reads a slot that is empty");
  };
  const last = lastUses(program);
  for (let n = 0; n < program.steps.length; n++) {
    const step = program.steps[n];
    const inputs = step.inputs.map(read);
    for (const x of step.inputs) if (typeof x === "number" && last[x] === n) values[x] = null;
    const results = monitor === null ? run(step, inputs) : monitor.step(step.origin, () => run(step, inputs));
    for (let k = 0; k < step.outputs.length; k++) values[step.outputs[k]] = results[k];
  }
  return program.outputs.map(read);
}

/** Replays with a batch axis of the given size first on the inputs that are batched; tells which outputs are. */
export function replayBatched(
  program: Program,
  args: readonly Handle[],
  batchedArgs: readonly boolean[],
  size: number,
): { readonly outputs: Handle[]; readonly batched: boolean[] } {
  const flags = new Array<boolean>(program.slots).fill(false);
  for (let k = 0; k < program.inputs.length; k++) flags[k] = batchedArgs[k];
  const isBatched = (operand: number | Handle): boolean => typeof operand === "number" && flags[operand];
  const outputs = replay(program, args, (step, inputs) => {
    const batched = step.inputs.map(isBatched);
    const some = batched.some(Boolean);
    for (const slot of step.outputs) flags[slot] = some;
    return some
      ? checkBatch(step, step.op.batch(inputs, batched, step.attrs, size), size)
      : applyParts(step.op, inputs, step.attrs);
  });
  return { outputs, batched: program.outputs.map(isBatched) };
}

/** Checks that a batch rule returned a batch of what the op returns. */
function checkBatch({ op, examples }: Step, outputs: readonly Handle[], size: number): readonly Handle[] {
  examples.forEach(({ shape, dtype }, k) => {
    const y = outputs[k];
    const received = y === undefined ? "nothing" : `${y.dtype}${list(y.shape)}`;
    const expected = `${dtype}${list([size, ...shape])}`;
    if (received === expected) return;
    fail(
      "op/rule-shape",
      `${op.name}: the batch rule must give ${expected}, got ${received}.`,
      { op: op.name, received, expected },
      "Return the results of all samples, with the batch axis first.",
    );
  });
  return outputs;
}

let traces = 0;

/** A tensor of a shape and dtype without values, valid until its trace ends. */
export function makeSymbol(shape: Shape, dtype: Dtype, trace: Trace, weak = false): Handle {
  const symbol = makeSymbolic(shape, dtype, trace);
  return makeLeaf(symbol, SYMBOLIC, now(), weak ? 0 : STRONG);
}

/**
 * Calls f on symbols shaped like the examples and reads the program off the tape; `aside` is whatever f also returns. Unless
 * the program will never run, a condition that nothing uses is an error.
 */
export function traceProgram<T>(
  examples: readonly Kind[],
  f: (symbols: Handle[]) => readonly [outputs: readonly Handle[], aside: T],
  runs = true,
): [program: Program, aside: T] {
  const trace: Trace = { id: ++traces, open: true, symbols: [], examples, conditions: null };
  try {
    const symbols = examples.map((x) => makeSymbol(x.shape, x.dtype, trace, x instanceof Handle && isWeak(x)));
    trace.symbols = symbols;
    const [outputs, aside] = f(symbols);
    useConditions(outputs);
    if (runs) trace.conditions?.check();
    return [extract(symbols, outputs), aside];
  } finally {
    trace.open = false;
    trace.symbols = [];
    trace.examples = [];
  }
}

/**
 * The example values that symbols stand for, when their traces were given examples with values; null where they were
 * not.
 */
export function examplesOf(xs: readonly Handle[]): readonly Handle[] | null {
  const trace = traceOf("trace", xs);
  if (trace === null) return xs.map(withoutHistory);
  const given = trace.examples.flatMap((x) => (x instanceof Handle && !isElided(x) ? [x] : []));
  if (given.length < trace.symbols.length) return null;
  const program = extract(trace.symbols, xs);
  return examplesOf(
    replay(
      program,
      given.map((x) => (isSymbolic(x) ? x : withoutHistory(x))),
    ),
  );
}

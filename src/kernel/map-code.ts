import { bytesOf, type Dtype } from "../base/dtype";
import { FunctionCode, I32, LOWER_HALVES, V128 } from "./assembler";
import type { Formula } from "./formula";
import { type Steps, stepsOf } from "./interpret";
import { CHOOSE, NOT_EQUAL, type NumberType, type Primitive } from "./primitives";

/*
 * The kernel of formulas over whole arrays: run(turns, ...outputs, ...inputs), of addresses. A turn computes so many elements as
 * `perTurn` says; the last one may read and write beyond the end of the arrays, less than SLACK bytes.
 */

/** What one kernel computes. */
export interface MapForm {
  /** What is computed, of inputs that are numbers of the type. */
  readonly formulas: readonly Formula[];
  readonly type: NumberType;
  /** The dtypes of the arrays that are read; null: one number of the type, for all elements. */
  readonly inputs: readonly (Dtype | null)[];
  readonly outputs: readonly Dtype[];
}

/** The code of a kernel. */
export interface MapCode {
  readonly code: FunctionCode;
  /** Elements of a turn. */
  readonly perTurn: number;
}

/** More than any kernel reads or writes behind arrays. */
export const SLACK = 128;

const LANES: Readonly<Record<NumberType, 2 | 4>> = { float32: 4, float64: 2, int32: 4 };
const SPLAT: Readonly<Record<NumberType, number>> = { float32: 0x09, float64: 0x0a, int32: 0x09 };
/** Instructions that load elements of a dtype as lanes of a type: the load itself, then conversions. */
const LOAD: Readonly<Record<string, readonly number[]>> = {
  "float32>float32": [0x00],
  "float64>float64": [0x00],
  "int32>int32": [0x00],
  "float32>float64": [0x5d, 0x5f],
  "int32>float32": [0x00, 0xfa],
  "int32>float64": [0x5d, 0xfe],
  "bool>int32": [0x5c, 0x89, 0xa9],
  "bool>float32": [0x5c, 0x89, 0xa9, 0xfa],
  "bool>float64": [0x5c, 0x89, 0xa9, 0xfe],
};
/** Vectors that are computed in a turn. */
const VECTORS = 2;

/** A number in every lane, as bytes. */
const inEveryLane = (type: NumberType, x: number): Uint8Array =>
  new Uint8Array(
    (type === "float64"
      ? new Float64Array(2).fill(x)
      : type === "float32"
        ? new Float32Array(4).fill(x)
        : new Int32Array(4).fill(x)
    ).buffer,
  );

const isVector = (f: { readonly is: string }): f is Primitive => f.is === "primitive";

/** Leaves a result on the stack as what an output holds, and gives the instruction that stores that; -1: a whole vector. */
function finish(f: FunctionCode, type: NumberType, truth: boolean, dtype: Dtype): void {
  if (dtype === "bool") {
    if (!truth) f.vector(new Uint8Array(16)).raw(NOT_EQUAL.vector[type] ?? []);
    const mask = f.local(V128);
    if (type === "float64") f.tee(mask).get(mask).shuffle(LOWER_HALVES);
    // Masks of lanes become 0 or 1, then bytes.
    f.vector(inEveryLane("int32", 1)).simd(0x4e);
    f.tee(mask).get(mask).simd(0x85);
    f.tee(mask).get(mask).simd(0x65);
    f.release(V128, mask);
  } else if (truth) f.vector(inEveryLane(type, 1)).simd(0x4e);
  if (type === "float64" && dtype === "float32") f.simd(0x5e);
}

/** The instruction that stores so many bytes of a vector, whole or its first lane. */
const STORE: Readonly<Record<number, readonly [instruction: number, lane: number]>> = {
  2: [0x59, 0],
  4: [0x5a, 0],
  8: [0x5b, 0],
  16: [0x0b, -1],
};

const canStore = (type: NumberType, dtype: Dtype): boolean =>
  dtype === type || dtype === "bool" || (type === "float64" && dtype === "float32");

/** Steps that are for one of the two numbers of a choice alone. */
interface Rare {
  readonly operand: 1 | 2;
  readonly steps: readonly number[];
}

/** From so many steps on, those for a number that no lane takes are left out. */
const LONG = 10;

/** For each choice the steps that are for one of its numbers alone, if they are many; of two numbers, for the one with more. */
function rareSteps({ steps, first, results }: Placed): Map<number, Rare> {
  const users = steps.map((): number[] => []);
  steps.forEach(({ of }, k) => {
    for (const x of of) if (x >= first) users[x - first].push(k);
  });
  const only = (choice: number, operand: 1 | 2): number[] => {
    const { of } = steps[choice];
    const members = new Set<number>();
    for (let k = choice - 1; k >= 0; k--) {
      const mine = k + first === of[operand] && k + first !== of[3 - operand] && k + first !== of[0];
      const serves = users[k].length > 0 && users[k].every((user) => members.has(user) || (user === choice && mine));
      if (serves && !results.includes(k + first)) members.add(k);
    }
    return [...members].reverse();
  };
  const found = new Map<number, Rare>();
  steps.forEach(({ f }, k) => {
    if (f !== CHOOSE) return;
    const [a, b] = [only(k, 1), only(k, 2)];
    const rare: Rare = a.length > b.length ? { operand: 1, steps: a } : { operand: 2, steps: b };
    if (rare.steps.length >= LONG) found.set(k, rare);
  });
  return found;
}

/** Steps, and where their results are kept. */
interface Placed extends Pick<Steps, "steps" | "results"> {
  /** The number of the first step, among all that has a local. */
  readonly first: number;
  readonly locals: readonly number[];
  readonly type: NumberType;
}

/** Writes the code of all steps. */
function stepEmitter(f: FunctionCode, placed: Placed): () => void {
  const { steps, first, locals, type } = placed;
  const rare = rareSteps(placed);
  const emitSteps = (which: readonly number[]): void => {
    const later = new Set(which.flatMap((k) => rare.get(k)?.steps ?? []));
    for (const k of which) if (!later.has(k)) emitStep(k);
  };
  const emitStep = (k: number): void => {
    const { f: g, of } = steps[k];
    if (!isVector(g)) return;
    const compute = (): void => {
      for (const operand of g.order ?? of.keys()) f.get(locals[of[operand]]);
      f.raw(g.vector[type] ?? []).set(locals[first + k]);
    };
    const { steps: members, operand } = rare.get(k) ?? {};
    if (members === undefined) {
      compute();
      return;
    }
    // The other number, unless some lane takes this one.
    f.get(locals[of[operand === 1 ? 2 : 1]]).set(locals[first + k]);
    f.get(locals[of[0]]);
    if (operand === 2) f.simd(0x4d);
    f.simd(0x53).when(() => {
      emitSteps(members);
      compute();
    });
  };
  return () => emitSteps([...steps.keys()]);
}

/** The code of a kernel; null where vectors have no instructions for something in it. */
export function mapCode({ formulas, type, inputs, outputs }: MapForm): MapCode | null {
  const { inputs: used, numbers, steps, results } = stepsOf(formulas, type, false);
  if (!steps.every(({ f }) => isVector(f) && f.vector[type] !== undefined)) return null;
  if (!outputs.every((dtype) => canStore(type, dtype))) return null;
  if (!inputs.every((dtype) => dtype === null || `${dtype}>${type}` in LOAD)) return null;
  const lanes = LANES[type];
  const f = new FunctionCode(new Array<number>(1 + outputs.length + inputs.length).fill(I32));
  const addressOf = (k: number): number => 1 + outputs.length + k;
  const locals = Array.from({ length: used + numbers.length + steps.length }, () => f.local(V128));
  inputs.forEach((dtype, k) => {
    if (dtype === null && k < used) f.get(addressOf(k)).memory(SPLAT[type], 0).set(locals[k]);
  });
  numbers.forEach((x, k) => {
    f.vector(inEveryLane(type, x)).set(locals[used + k]);
  });
  const first = used + numbers.length;
  const emitSteps = stepEmitter(f, { steps, results, first, locals, type });
  const body = (turn: number): void => {
    inputs.forEach((dtype, k) => {
      if (dtype === null || k >= used) return;
      const [load, ...conversions] = LOAD[`${dtype}>${type}`];
      f.get(addressOf(k)).memory(load, turn * lanes * bytesOf(dtype));
      for (const instruction of conversions) f.simd(instruction);
      f.set(locals[k]);
    });
    emitSteps();
    results.forEach((at, k) => {
      const made = steps[at - first]?.f;
      const [store, lane] = STORE[lanes * bytesOf(outputs[k])];
      f.get(1 + k).get(locals[at]);
      finish(f, type, made !== undefined && isVector(made) && made.truth, outputs[k]);
      f.memory(store, turn * lanes * bytesOf(outputs[k]), lane);
    });
  };
  f.repeatWhile(() => {
    for (let turn = 0; turn < VECTORS; turn++) body(turn);
    outputs.forEach((dtype, k) => {
      f.add(1 + k, VECTORS * lanes * bytesOf(dtype));
    });
    inputs.forEach((dtype, k) => {
      if (dtype !== null) f.add(addressOf(k), VECTORS * lanes * bytesOf(dtype));
    });
    f.get(0).integer(1).op(0x6b).tee(0);
  });
  return { code: f, perTurn: VECTORS * lanes };
}

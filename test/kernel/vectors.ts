// Steps of formulas as modules of WebAssembly, written out one after the other: what interpreters are held to.
import type { Steps } from "../../src/kernel/interpret";
import type { NumberType } from "../../src/kernel/primitives";
import * as wasm from "../../src/numeric/wasm-assembler";
import { engine } from "../numeric/web-assembly";

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
export const arrayOf: Readonly<Record<NumberType, (n: number, buffer?: ArrayBuffer, at?: number) => Numbers>> = {
  float32: (n, buffer = new ArrayBuffer(4 * n), at = 0) => new Float32Array(buffer, at, n),
  float64: (n, buffer = new ArrayBuffer(8 * n), at = 0) => new Float64Array(buffer, at, n),
  int32: (n, buffer = new ArrayBuffer(4 * n), at = 0) => new Int32Array(buffer, at, n),
};

const vectorOf = (type: NumberType, value: number): wasm.Code => {
  const numbers = arrayOf[type](16 / arrayOf[type](1).byteLength).fill(value);
  return [0xfd, 0x0c, ...new Uint8Array(numbers.buffer)];
};

/** The first result of steps, a number, at the lanes of one vector. Inputs have as many numbers as a vector has. */
export function atLanes(
  { inputs, numbers, steps, results }: Steps,
  type: NumberType,
): (x: readonly ArrayLike<number>[]) => number[] {
  const first = inputs + numbers.length;
  const values: wasm.Code[] = Array.from({ length: inputs }, (_, k) => wasm.load(wasm.integer(0), 16 * k));
  for (const value of numbers) values.push(vectorOf(type, value));
  const body: wasm.Code[] = [];
  steps.forEach(({ f, of }, k) => {
    const code = f.is === "primitive" ? f.vector[type] : undefined;
    if (code === undefined || f.is !== "primitive") throw new Error(`${f.name} has no code in ${type}`);
    const operands = [...(f.order ?? of.keys())].map((at): wasm.Code => {
      const step = steps[of[at] - first]?.f;
      const isTruth = step?.is === "primitive" && step.truth;
      // A mask as a number: those bits of 1 that it has.
      return isTruth && f.takes[at] === "number" ? wasm.bitsOfBoth(values[of[at]], vectorOf(type, 1)) : values[of[at]];
    });
    body.push(wasm.localSet(k, [operands, [...code]]));
    values[first + k] = wasm.localGet(k);
  });
  body.push(wasm.store(wasm.integer(0), 0, values[results[0]]));
  const bytes = wasm.moduleOf({ parameters: 0, integers: 0, vectors: steps.length, body });
  const { memory, run } = new engine.Instance(new engine.Module(bytes)).exports;
  const lanes = 16 / arrayOf[type](1).byteLength;
  return (x) => {
    x.forEach((lane, k) => {
      arrayOf[type](lanes, memory.buffer as ArrayBuffer, 16 * k).set(lane);
    });
    run();
    return [...arrayOf[type](lanes, memory.buffer as ArrayBuffer)];
  };
}

// FAULTS 27: what `data` hands out is memory of that tensor alone, for the inputs and results of every op.
import { isTensor, type Tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import { generator } from "../../src/testing/random";
import { Draw } from "./draw";
import type { Line } from "./line";
import { families, linesOf } from "./table";

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

const tensorsIn = (x: unknown): Tensor[] =>
  isTensor(x) ? [x] : typeof x === "object" && x !== null ? Object.values(x).flatMap(tensorsIn) : [];

/** Calls an op and reads all tensors around it; gives what is wrong with their memory. */
function sharing({ op, draw }: Line, seed: number): string[] {
  const { inputs, attrs } = draw(new Draw(generator(seed), seed % 2 === 0 ? "float64" : "float32"));
  const call = op as (...args: unknown[]) => unknown;
  const result = call(...inputs, ...(attrs === undefined ? [] : [attrs]));
  const seen = new Map<ArrayBufferLike, Tensor["data"]>();
  return [...tensorsIn(inputs), ...tensorsIn(attrs), ...tensorsIn(result)].flatMap((x) => {
    const { data } = x;
    const other = seen.get(data.buffer);
    seen.set(data.buffer, data);
    return [
      ...(x.data === data ? [] : ["data is another array each time"]),
      ...(data.byteLength === data.buffer.byteLength ? [] : ["data is a view of a larger buffer"]),
      // A result may be an input as it is, but then as a whole.
      ...(other === undefined || other === data ? [] : ["two tensors share a buffer"]),
    ];
  });
}

for (const [family, table] of Object.entries(families)) {
  describe(family, () => {
    test.each(Object.entries(table))("%s: memory of its own", (_, entry) => {
      for (const line of linesOf(entry)) expect(SEEDS.flatMap((seed) => sharing(line, seed))).toEqual([]);
    });
  });
}

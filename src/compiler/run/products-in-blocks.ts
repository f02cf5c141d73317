import { bytesOf, type TensorData } from "../../base/dtype";
import { BLOCK, type Block } from "../../kernel/blocks";
import type { Read } from "../../kernel/expression";
import { Places, type Workspace } from "../../kernel/expression-blocks";
import { ResultBlocks } from "../../kernel/loops-in-blocks";
import type { Product } from "../schedule/kernels";

/*
 * Sums of products run in JavaScript, with the bits of the code that is emitted for them: each is one running sum.
 */

/** One term of n sums: products of elements of two arrays, each rounded before it is added. */
function addTerm(
  sums: Block,
  n: number,
  single: boolean,
  a: TensorData,
  fromA: number,
  alongA: Int32Array,
  b: TensorData,
  fromB: number,
  alongB: Int32Array,
): void {
  if (single) {
    for (let i = 0; i < n; i++) {
      sums[i] = Math.fround(sums[i] + Math.fround(a[fromA + alongA[i]] * b[fromB + alongB[i]]));
    }
  } else for (let i = 0; i < n; i++) sums[i] += a[fromA + alongA[i]] * b[fromB + alongB[i]];
}

const offsets = (): Int32Array => new Int32Array(BLOCK);

/** What runs a product on the arrays of a workspace. */
export function productInBlocks(product: Product, space: Workspace): () => void {
  const { kept, folded, a, b, n, panel } = product;
  if (b.is !== "read") throw new TypeError("an operand of a product is no read");
  if (kept.includes(0)) return () => undefined;
  space.begin();
  const [places, terms] = [new Places(kept), new Places(folded)];
  const sums = space.take();
  const results = new ResultBlocks(kept, places, space, sums, product, product);
  const [keptA, keptB, foldedA, foldedB] = [offsets(), offsets(), offsets(), offsets()];
  const alongN = kept.map((_, axis) => (axis === n ? 1 : 0));
  const column = offsets();
  const width = 32 / bytesOf(b.type);
  const foldedOf = ({ strides }: Read): readonly number[] => strides.slice(kept.length);
  const locate = (count: number, from: number): void => {
    places.offsets(keptA, count, a.strides, from);
    places.offsets(keptB, count, b.strides, from);
    if (panel === undefined) return;
    places.offsets(column, count, alongN, from);
    for (let i = 0; i < count; i++) keptB[i] += Math.floor(column[i] / width) * panel + (column[i] % width);
  };
  return () => {
    const [dataA, dataB] = [space.arrays[a.array.id], space.arrays[b.array.id]];
    for (let from = 0; from < places.count; from += BLOCK) {
      const count = Math.min(BLOCK, places.count - from);
      locate(count, from);
      sums.fill(0);
      for (let term = 0; term < terms.count; term += BLOCK) {
        const some = Math.min(BLOCK, terms.count - term);
        terms.offsets(foldedA, some, foldedOf(a), term);
        terms.offsets(foldedB, some, foldedOf(b), term);
        for (let k = 0; k < some; k++) {
          const [fromA, fromB] = [a.start + foldedA[k], b.start + foldedB[k]];
          addTerm(sums, count, a.type === "float32", dataA, fromA, keptA, dataB, fromB, keptB);
        }
      }
      results.run(from, count);
    }
  };
}

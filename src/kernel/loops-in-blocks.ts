import { BLOCK, type Block } from "./blocks";
import { type Expressions, type Stored, typeOf } from "./expression";
import { BlockCode, Places, scatter, type Workspace } from "./expression-blocks";
import { plainIn, rounders } from "./interpret";
import { boxesOf, combineOf, type FoldBy, type LoopPlan, type Loops, neutralOf, planOf, totalType } from "./loops";

/*
 * Loops run in JavaScript, with the bits of the code that is emitted for them.
 */

/** What runs loops on the arrays of a workspace. */
export function loopsInBlocks(on: Expressions, loops: Loops, space: Workspace): () => void {
  const boxes = boxesOf(on, loops)
    .filter(({ kept }) => kept.every((size) => size > 0))
    .map((box) => {
      const plan = planOf(on, box);
      space.begin();
      return box.by === null || plan.folded.length === 0
        ? mapBlocks(plan, box, space)
        : new FoldBlocks(plan, box, box.by, space).run;
    });
  return () => {
    for (const run of boxes) run();
  };
}

/** What is stored of a block of places, once the totals are there. */
export class ResultBlocks {
  private readonly code: BlockCode;
  private readonly offsets: Int32Array;

  constructor(
    sizes: readonly number[],
    places: Places,
    private readonly space: Workspace,
    total: Block | null,
    { result, strides }: Pick<LoopPlan, "result" | "strides">,
    private readonly place: { readonly out: Stored; readonly start: number },
  ) {
    this.code = new BlockCode(result, sizes, places, space, total);
    this.offsets = this.code.offsets(strides);
  }

  run(from: number, n: number): void {
    const { code, space, place, offsets } = this;
    code.run(from, n);
    scatter(space.arrays[place.out.id], n, place.start, offsets, code.result);
  }
}

/** Values, or what is made of each of them as the total of one. */
function mapBlocks(plan: LoopPlan, { by, out, start }: Loops, space: Workspace): () => void {
  const places = new Places(plan.sizes);
  const values = by === null ? null : new BlockCode(plan.value, plan.sizes, places, space, null);
  const results = new ResultBlocks(plan.sizes, places, space, values?.result ?? null, plan, { out, start });
  return () => {
    for (let from = 0; from < places.count; from += BLOCK) {
      const n = Math.min(BLOCK, places.count - from);
      values?.run(from, n);
      results.run(from, n);
    }
  };
}

/** Adds numbers to the parts of a total, one after another in turn. */
function addTo(parts: Block, by: FoldBy | "integers", first: number, x: Block, from: number, to: number): void {
  const count = parts.length;
  for (let i = from, k = first; i < to; i++) {
    if (by === "sum") parts[k] += x[i];
    else if (by === "max") parts[k] = Math.max(parts[k], x[i]);
    else if (by === "min") parts[k] = Math.min(parts[k], x[i]);
    else parts[k] = (parts[k] + x[i]) | 0;
    if (++k === count) k = 0;
  }
}

class FoldBlocks {
  private readonly kept: Places;
  private readonly values: BlockCode;
  private readonly results: ResultBlocks;
  private readonly totals: Block;
  /** The parts of a total: one for each lane of each vector that is under way. */
  private readonly parts: Block;
  private readonly terms: number;
  private readonly inner: number;
  private readonly neutral: number;
  private readonly add: FoldBy | "integers";
  private readonly combine: (a: number, b: number) => number;
  private readonly round: (x: number) => number;

  constructor(
    private readonly plan: LoopPlan,
    { out, start }: Loops,
    by: FoldBy,
    space: Workspace,
  ) {
    const { sizes, kept, folded, value, across, lanes, unroll } = plan;
    const keptSizes = kept.map((axis) => sizes[axis]);
    this.kept = new Places(keptSizes);
    const places = new Places(sizes);
    this.values = new BlockCode(value, sizes, places, space, null);
    this.totals = space.take();
    this.results = new ResultBlocks(keptSizes, this.kept, space, this.totals, plan, { out, start });
    this.parts = new Float64Array(across ? lanes * unroll : 1);
    this.terms = folded.reduce((count, axis) => count * sizes[axis], 1);
    this.inner = sizes[folded[folded.length - 1]];
    this.neutral = neutralOf(by, value.type);
    const within = typeOf(totalType(by, value.type));
    this.add = by === "sum" && within === "int32" ? "integers" : by;
    const combine = plainIn(combineOf(by), within);
    const round = rounders[within];
    this.combine = (a, b) => round(combine(a, b));
    this.round = rounders[typeOf(value.type)];
  }

  readonly run = (): void => {
    const { count } = this.kept;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      this.fold(from, n);
      this.results.run(from, n);
    }
  };

  /** The totals at n places: values are computed in blocks, whatever total they are of. */
  private fold(from: number, n: number): void {
    const { values, totals, parts, terms, inner, neutral, add } = this;
    const end = (from + n) * terms;
    let [next, at, size] = [from * terms, 0, 0];
    for (let p = 0; p < n; p++) {
      parts.fill(neutral);
      for (let done = 0; done < terms; ) {
        if (at === size) {
          size = Math.min(BLOCK, end - next);
          values.run(next, size);
          next += size;
          at = 0;
        }
        const along = done % inner;
        const steps = Math.min(size - at, inner - along);
        addTo(parts, add, along % parts.length, values.result, at, at + steps);
        at += steps;
        done += steps;
      }
      totals[p] = this.finish();
    }
  }

  /** The total of all parts: vectors first, then lanes. */
  private finish(): number {
    const { parts, combine, round, plan } = this;
    if (plan.across) {
      const { lanes, unroll } = plan;
      for (let k = lanes; k < lanes * unroll; k++) parts[k % lanes] = combine(parts[k % lanes], parts[k]);
      for (let half = lanes / 2; half >= 1; half /= 2) {
        for (let k = 0; k < half; k++) parts[k] = combine(parts[k], parts[k + half]);
      }
    }
    return round(parts[0]);
  }
}

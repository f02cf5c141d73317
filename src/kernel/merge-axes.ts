import type { Expression, Expressions } from "./expression";
import { eachPart } from "./vector";

/** Expressions with other strides in their reads and places. */
export function withStrides(
  on: Expressions,
  roots: readonly Expression[],
  change: (strides: readonly number[]) => readonly number[],
): Expression[] {
  const memo = new Map<Expression, Expression>();
  const at = (x: Expression): Expression => {
    const known = memo.get(x);
    if (known !== undefined) return known;
    let y: Expression;
    if (x.is === "read") y = on.read(x.array, x.start, change(x.strides));
    else if (x.is === "place") y = on.place(x.start, change(x.strides));
    else y = on.withParts(x, at);
    memo.set(x, y);
    return y;
  };
  return roots.map(at);
}

/** Axes of kernels with fewer of them. */
export interface Merged {
  readonly sizes: readonly number[];
  /** For each group of axes that was given, the new ones. */
  readonly groups: readonly (readonly number[])[];
  readonly roots: readonly Expression[];
  readonly strides: readonly number[];
  /** The new axis of an old one; -1 where it has size 1 or went into another. */
  at(axis: number): number;
}

/**
 * Leaves out axes of size 1, and makes neighbors that lie behind one another everywhere one axis. Axes are given in groups (kept,
 * folded), across which nothing is merged; `strides` are of the output, along the first group. An axis in `alone` stays.
 */
export function mergeAxes(
  on: Expressions,
  groups: readonly (readonly number[])[],
  roots: readonly Expression[],
  strides: readonly number[],
  alone = -1,
): Merged {
  const given = groups.flat();
  const all = (own: readonly number[]): number[] => given.map((_, axis) => own[axis] ?? 0);
  const everywhere = [all(strides)];
  eachPart(roots, (x) => {
    if (x.is === "read" || x.is === "place") everywhere.push(all(x.strides));
  });
  const sizes: number[] = [];
  const kept: number[] = [];
  const merged: number[][] = [];
  let axis = 0;
  for (const group of groups) {
    const mine: number[] = [];
    let before = -1;
    for (const size of group) {
      const behind =
        before >= 0 &&
        before !== alone &&
        axis !== alone &&
        everywhere.every((own) => own[before] === own[axis] * size);
      if (size !== 1 || axis === alone) {
        if (behind) {
          sizes[sizes.length - 1] *= size;
          kept[kept.length - 1] = axis;
        } else {
          mine.push(sizes.length);
          sizes.push(size);
          kept.push(axis);
        }
        before = axis;
      }
      axis++;
    }
    merged.push(mine);
  }
  const pick = (own: readonly number[]): number[] => kept.map((from) => own[from] ?? 0);
  return {
    sizes,
    groups: merged,
    roots: withStrides(on, roots, pick),
    strides: pick(strides),
    at: (old) => kept.indexOf(old),
  };
}

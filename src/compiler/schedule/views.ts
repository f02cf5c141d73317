import { type Shape, sizeOf } from "../../base/shape";
import type { Along } from "../../core/op/op";
import type { Expression, Expressions } from "../../kernel/expression";

/*
 * Expressions at other places: views and reshapes rewrite strides. What cannot be said so is null, and is spelled out first.
 */

/** Rewrites every leaf and guard of an expression, or gives null if one of them cannot be. */
function rewrite(
  on: Expressions,
  root: Expression,
  change: (
    x: Extract<Expression, { is: "read" | "place" | "total" | "guard" }>,
    at: (x: Expression) => Expression | null,
  ) => Expression | null,
): Expression | null {
  const memo = new Map<Expression, Expression | null>();
  const at = (x: Expression): Expression | null => {
    const known = memo.get(x);
    if (known !== undefined) return known;
    let y: Expression | null;
    if (x.is === "number") y = x;
    else if (x.is === "apply" || x.is === "convert") {
      const parts = (x.is === "apply" ? x.of : [x.x]).map(at);
      let k = 0;
      y = parts.includes(null) ? null : on.withParts(x, (part) => parts[k++] ?? part);
    } else y = change(x, at);
    memo.set(x, y);
    return y;
  };
  return at(root);
}

/** An expression of axes read along affine forms of other axes. */
export function viewed(on: Expressions, root: Expression, axes: readonly Along[], rank: number): Expression | null {
  const moved = (start: number, strides: readonly number[]): readonly [number, number[]] => {
    const own = new Array<number>(rank).fill(0);
    let first = start;
    axes.forEach((along, i) => {
      if (strides[i] === 0) return;
      first += along.start * strides[i];
      along.coef.forEach((by, j) => {
        own[j] += by * strides[i];
      });
    });
    return [first, own];
  };
  return rewrite(on, root, (x, at) => {
    if (x.is === "read") return on.read(x.array, ...moved(x.start, x.strides));
    if (x.is === "place") return on.place(...moved(x.start, x.strides));
    if (x.is === "total") return null;
    return viewedGuard(on, x, axes[x.axis], at);
  });
}

function viewedGuard(
  on: Expressions,
  { from, to, inside, outside }: Extract<Expression, { is: "guard" }>,
  { start, coef }: Along,
  at: (x: Expression) => Expression | null,
): Expression | null {
  const moving = coef.flatMap((by, j) => (by === 0 ? [] : [j]));
  if (moving.length === 0) return at(start >= from && start < to ? inside : outside);
  const [axis] = moving;
  if (moving.length > 1 || coef[axis] !== 1) return null;
  const [x, y] = [at(inside), at(outside)];
  return x && y && on.guard(axis, from - start, to - start, x, y);
}

/** An expression of an array as one of its elements in another shape. */
export function reshaped(on: Expressions, root: Expression, from: Shape, to: Shape): Expression | null {
  return rewrite(on, root, (x) => {
    if (x.is !== "read" && x.is !== "place") return null;
    const strides = restrided(from, x.strides, to);
    if (strides === null) return null;
    return x.is === "read" ? on.read(x.array, x.start, strides) : on.place(x.start, strides);
  });
}

/** The strides of the same places in another shape, row by row; null where there are none. Without elements, any are right. */
export function restrided(from: Shape, strides: readonly number[], to: Shape): number[] | null {
  if (sizeOf(to) === 0) return to.map(() => 0);
  const axes = from.flatMap((size, i) => (size === 1 ? [] : [{ size, stride: strides[i] }]));
  const out = new Array<number>(to.length).fill(0);
  let i = 0;
  let j = 0;
  while (i < axes.length || j < to.length) {
    if (to[j] === 1) {
      j++;
      continue;
    }
    if (i >= axes.length || j >= to.length) return null;
    const [firstI, firstJ] = [i, j];
    let a = axes[i++].size;
    let b = to[j++];
    while (a !== b) {
      if (a < b && i < axes.length) a *= axes[i++].size;
      else if (b < a && j < to.length) b *= to[j++];
      else return null;
    }
    for (let k = firstI; k + 1 < i; k++) if (axes[k].stride !== axes[k + 1].stride * axes[k + 1].size) return null;
    let step = axes[i - 1].stride;
    for (let k = j - 1; k >= firstJ; k--) {
      out[k] = step;
      step *= to[k];
    }
  }
  return out;
}

/** The axes of a shape along those of one that it broadcasts to, from the last one on. */
export const spread = (from: Shape, to: Shape): Along[] =>
  from.map((size, i) => {
    const axis = i + to.length - from.length;
    return { start: 0, coef: to.map((_, j) => (j === axis && (size !== 1 || to[j] === 1) ? 1 : 0)) };
  });

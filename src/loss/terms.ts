import { isFloat } from "../base/dtype";
import { fail, list } from "../base/errors";
import { checkChoice } from "../base/options";
import { broadcastsTo, type Shape, sameShape, sizeOf } from "../base/shape";
import { FIRST_INPUT, SECOND_INPUT } from "../core/op/scalar-ops";
import { castTo } from "../core/op/sweep-ops";
import { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { notATensor } from "../core/tensor/tensor-argument";
import { shapeOf } from "../core/tensor/value";
import { type Binary, makeBinary } from "../ops/define/define-elementwise";
import { mean, sum } from "../ops/reduce/reduction";

/** What becomes of the terms of a loss. */
export type ReductionKind = "mean" | "sum" | "none";

/** What every loss can be told. */
export interface LossOptions<R extends ReductionKind = ReductionKind> {
  /** "mean" (default) or "sum" of the terms, or "none": all of them. */
  readonly reduction?: R | undefined;
}

const KINDS = ["mean", "sum", "none"] as const;

/** The terms as they are, their sum, or their mean: the divisor is the number of terms, whatever their weights. */
export function reduceTerms(where: string, terms: Value, options: LossOptions | undefined): Value {
  const kind = checkChoice(where, "reduction", options?.reduction ?? "mean", KINDS);
  if (kind === "none" || typeof terms === "number") return terms;
  return kind === "sum" ? sum(terms) : mean(terms);
}

/** Never NaN for 0 times Infinity, only beside NaN. A branch on the product, which is hardly ever NaN, costs nothing. */
function weigh(weight: number, x: number): number {
  const product = weight * x;
  return Number.isNaN(product) && !Number.isNaN(weight) && !Number.isNaN(x) ? 0 : product;
}

/** weight x, where a weight of exactly 0 gives 0, also beside an infinite x. */
export const weighted: Binary = /* @__PURE__ */ makeBinary(
  { name: "weighted", value: weigh, derivatives: [SECOND_INPUT, FIRST_INPUT] },
  { integers: true, reads: "x" },
);

/** Both as floats: integers alone would wrap. */
export function inFloat<A extends Value, B extends Value>(a: A, b: B): [A | Handle, B | Handle] {
  if ([a, b].some((x) => x instanceof Handle && isFloat(x.dtype))) return [a, b];
  return [a instanceof Handle ? castTo(a, "float64") : a, b instanceof Handle ? castTo(b, "float64") : b];
}

/** A tensor given by a user. */
export function checkTensor(where: string, name: string, x: unknown): Handle {
  return x instanceof Handle ? x : notATensor(where, x, name, true);
}

/** Throws unless two shapes are equal; one number fits all. */
export function checkSameShape(
  where: string,
  names: readonly [string, string],
  prediction: Value,
  target: Value,
): void {
  const [p, t] = [shapeOf(prediction), shapeOf(target)];
  if (p.length === 0 || t.length === 0 || sameShape(p, t)) return;
  fail(
    "loss/shape",
    `${where}: ${names[0]} has shape ${list(p)}, but ${names[1]} has shape ${list(t)}.`,
    { prediction: p, target: t },
    hintFor(names, p, t),
  );
}

function hintFor([first, second]: readonly [string, string], p: Shape, t: Shape): string {
  if (sizeOf(p) === sizeOf(t)) return `Losses do not broadcast: reshape(${second}, ${list(p)})?`;
  if (broadcastsTo(t, p)) return `Losses do not broadcast: broadcastTo(${second}, ${list(p)})?`;
  if (broadcastsTo(p, t)) return `Losses do not broadcast: broadcastTo(${first}, ${list(t)})?`;
  return "They must be equal, or one of them a single number.";
}

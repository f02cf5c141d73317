import { describe, fail, list } from "../base/errors";
import { checkFlag, checkFunction, checkOptions } from "../base/options";
import { sameShape } from "../base/shape";
import { asLeaf, handlesOf } from "../core/op/leaves";
import { reshapeTo } from "../core/op/sweep-ops";
import { closeProgram, type Kind } from "../core/program/capture";
import { type Program, traceProgram } from "../core/program/program";
import { Handle } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { type Flat, flatten, isShapedLike, matching, placeIn } from "../core/tensor/tree";
import type { Batch } from "../core/tensor/tree-types";
import { concat } from "../ops/movement/concat-stack";
import { stridedSlice, windowAlong } from "../ops/movement/strided-window";
import { runScan, SCAN, type ScanAttrs } from "./scan-op";

/** Options of scan. */
export interface ScanOptions {
  /** Run from the last x to the first; ys stay in the order of xs. */
  readonly reverse?: boolean | undefined;
  /** Keep a carry only every so many steps for the backward pass, and run the steps between again: true: about sqrt(n). */
  readonly checkpoint?: boolean | number | undefined;
  /** Number of steps; required if there are no xs. */
  readonly length?: number | undefined;
}

const EMPTY: Flat = /* @__PURE__ */ flatten(SCAN, []);

function lengthOf(xs: Flat, leaves: readonly Handle[], given: number | null): number {
  if (given !== null && !(Number.isInteger(given) && given >= 0)) {
    fail("scan/length", `scan: length is an integer >= 0, got ${describe(given)}.`, { length: given });
  }
  const sizes = leaves.map((x, k) => {
    if (x.shape.length > 0) return x.shape[0];
    return fail("scan/length", `scan: ${placeIn("xs", xs.paths[k])} is a single number and has no steps.`, {
      path: xs.paths[k],
    });
  });
  const length = given ?? sizes[0];
  if (length === undefined) fail("scan/length", "scan: without xs the length is wanted.", {}, "Pass { length: n }.");
  sizes.forEach((size, k) => {
    if (size === length) return;
    const other = given === null ? `${placeIn("xs", xs.paths[0])} has` : "length is";
    fail("scan/length", `scan: ${placeIn("xs", xs.paths[k])} has ${size} steps, ${other} ${length}.`, {
      path: xs.paths[k],
      size,
      length,
    });
  });
  return length;
}

/** The new carry must be like the old one: the first leaf that is not is named. */
function checkCarry(where: string, carry: Flat, before: readonly Kind[], after: unknown): Handle[] {
  if (!isShapedLike(carry, after)) {
    fail("scan/carry", `${where}: the body returns a carry of another structure than it was given.`, {
      before: carry.paths,
      after: flatten(where, after, { name: "carry" }).paths,
    });
  }
  const next = handlesOf(matching(where, carry, after, "carry"));
  next.forEach((x, k) => {
    const { shape, dtype } = before[k];
    if (sameShape(x.shape, shape) && x.dtype === dtype) return;
    fail(
      "scan/carry",
      `${where}: ${placeIn("carry", carry.paths[k])} changes from ${dtype}${list(shape)} to ${x.dtype}${list(x.shape)}.`,
      { path: carry.paths[k], from: { shape, dtype }, to: { shape: x.shape, dtype: x.dtype } },
      "The body returns a carry of the shapes and dtypes that it is given.",
    );
  });
  return next;
}

const rowsOf = (x: Handle, start: number, n: number): Handle => stridedSlice(x, windowAlong(x.shape, 0, start, n));

/** A scan of scans: the outer keeps one carry for each segment, the inner ones run again when they are swept. */
function runSegments(inputs: readonly Handle[], attrs: ScanAttrs, segment: number): Handle[] {
  const { body, carries, xs, length, reverse } = attrs;
  const whole = Math.floor(length / segment);
  const rest = length - whole * segment;
  const constants = inputs.slice(carries + xs);
  const rows = inputs.slice(carries, carries + xs);
  const kinds = [
    ...inputs.slice(0, carries),
    ...rows.map((x) => ({ shape: [segment, ...x.shape.slice(1)], dtype: x.dtype })),
    ...constants,
  ];
  const [outer] = traceProgram(kinds, (args) => [runScan(args, { ...attrs, length: segment }), undefined]);
  const long = (carry: readonly Handle[]): readonly Handle[] => {
    const start = reverse ? rest : 0;
    const cut = rows.map((x) => reshapeTo(rowsOf(x, start, whole * segment), [whole, segment, ...x.shape.slice(1)]));
    const results = runScan([...carry, ...cut, ...constants], { body: outer, carries, xs, length: whole, reverse });
    return results.map((y, k) => (k < carries ? y : reshapeTo(y, [whole * segment, ...y.shape.slice(2)])));
  };
  const short = (carry: readonly Handle[]): readonly Handle[] => {
    const cut = rows.map((x) => rowsOf(x, reverse ? 0 : whole * segment, rest));
    return runScan([...carry, ...cut, ...constants], { ...attrs, length: rest });
  };
  const first = long(inputs.slice(0, carries));
  if (rest === 0) return [...first];
  const last = short(first.slice(0, carries));
  const join = (a: Handle, b: Handle): Tensor => concat(reverse ? [b, a] : [a, b]);
  return body.outputs.map((_, k) => {
    const y = k < carries ? last[k] : join(first[k], last[k]);
    return y instanceof Handle ? y : last[k];
  });
}

function segmentOf(option: boolean | number | null, length: number): number {
  if (option === null || option === false) return 0;
  if (option === true) return Math.max(1, Math.ceil(Math.sqrt(length)));
  if (typeof option === "number" && Number.isInteger(option) && option > 0) return option;
  return fail("scan/checkpoint", `scan: checkpoint is true, false or a number of steps > 0, got ${describe(option)}.`, {
    checkpoint: option,
  });
}

/**
 * A loop that carries state and collects results, as one op: never unrolled, whatever the number of steps.
 *
 * Shape: f(carry, x) -> [carry, y] on one step; xs and ys have a leading axis of the number of steps.
 *
 * Gradients run the loop once more to keep its carries, then backwards; with checkpoint they keep about 2 sqrt(n) of
 * them. The body is traced once: inside, tensors have no values (`where`, `cond`).
 *
 * @param f - one step
 * @param init - the first carry: a tree of numbers and tensors
 * @param xs - a tree of tensors with a leading axis of steps, or undefined (then give length)
 * @param options - reverse: run from the last x to the first, default false; checkpoint: keep a carry only every so
 * many steps, or true for about sqrt(n), default false; length: the number of steps, required if there are no xs
 * @returns the last carry, and all ys
 * @throws GradtapeError `scan/carry` naming the leaf that changes, `scan/length`, `scan/checkpoint`, `trace/value`
 * @example
 * ```ts
 * import { add, mul, scan, type Scalar, tensor } from "gradtape";
 * const [last, sums] = scan((c: Scalar, x: Scalar) => [add(c, x), mul(c, 2)] as const, 0, tensor([1, 2, 3]));
 * last; // => 6
 * sums; // => [0, 2, 6]
 * ```
 */
export function scan<C, X, Y>(
  f: (carry: C, x: X) => readonly [carry: C, y: Y],
  init: C,
  xs: Batch<X>,
  options?: ScanOptions,
): [carry: C, ys: Batch<Y>] {
  checkFunction(SCAN, f);
  checkOptions(SCAN, options, ["reverse", "checkpoint", "length"]);
  return scanAs(SCAN, f, init, xs, options);
}

/** scan, called something else in errors. */
export function scanAs<C, X, Y>(
  where: string,
  f: (carry: C, x: X) => readonly [carry: C, y: Y],
  init: C,
  xs: Batch<X>,
  options?: ScanOptions,
): [carry: C, ys: Batch<Y>] {
  const carry = flatten(where, init, { name: "carry" });
  const rows = xs === undefined || xs === null ? EMPTY : flatten(where, xs, { name: "xs" });
  const [first, leaves] = [handlesOf(carry.leaves), handlesOf(rows.leaves)];
  const length = lengthOf(rows, leaves, options?.length ?? null);
  const kinds = [...first, ...leaves.map((x) => ({ shape: x.shape.slice(1), dtype: x.dtype }))];
  const [program, results] = traceProgram(kinds, (symbols) => {
    const x = rows === EMPTY ? undefined : rows.build<X>(symbols.slice(first.length));
    const step: unknown = f(carry.build<C>(symbols.slice(0, first.length)), x as X);
    if (!Array.isArray(step) || step.length !== 2) {
      return fail("scan/carry", `${where}: the body returns [carry, y], got ${describe(step)}.`, { received: step });
    }
    const next = checkCarry(where, carry, first, step[0]);
    const y = step[1] === undefined || step[1] === null ? EMPTY : flatten(where, step[1], { name: "y" });
    return [[...next, ...handlesOf(y.leaves)], y];
  });
  const [body, captured]: [Program, Handle[]] = closeProgram(program);
  const attrs: ScanAttrs = {
    body,
    carries: first.length,
    xs: leaves.length,
    length,
    reverse: checkFlag(where, "reverse", options?.reverse),
  };
  const inputs = [...first, ...leaves, ...captured];
  const segment = segmentOf(options?.checkpoint ?? null, length);
  const outputs = segment > 0 && segment < length ? runSegments(inputs, attrs, segment) : runScan(inputs, attrs);
  const last = carry.build<C>(carry.leaves.map((leaf, k) => asLeaf(leaf, outputs[k])));
  const ys = results === EMPTY ? undefined : results.build(outputs.slice(first.length));
  return [last, ys as Batch<Y>];
}

import { describe, fail, list, promiseHint } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { numberHint } from "../base/number-hint";
import { checkFlag, checkFunction, checkOptions } from "../base/options";
import { sameShape } from "../base/shape";
import { asLeaf, handlesOf } from "../core/op/leaves";
import type { Kind, Program } from "../core/op/op";
import { reshapeTo } from "../core/op/sweep-ops";
import { closeProgram } from "../core/program/capture";
import { traceProgram } from "../core/program/program";
import { Handle } from "../core/tensor/handle";
import { oddSize } from "../core/tensor/odd-size";
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
    fail(
      "scan/length",
      `scan: length must be an integer >= 0, got ${describe(given)}.`,
      { length: given },
      numberHint(given, 0, Number.MAX_SAFE_INTEGER, true),
    );
  }
  const sizes = leaves.map((x, k) => {
    if (x.shape.length > 0) return x.shape[0];
    return fail(
      "scan/length",
      `scan: ${placeIn("xs", xs.paths[k])} is a single number and has no steps.`,
      { path: xs.paths[k] },
      "Use it in the body directly: what stands in xs has one leading axis of steps.",
    );
  });
  const length = given ?? sizes[0];
  if (length === undefined) fail("scan/length", "scan: without xs a length is needed.", {}, "Pass { length: n }.");
  const odd = sizes.findIndex((size) => size !== length);
  if (odd < 0) return length;
  if (given === null) return differInLength(xs, leaves);
  const [path, { shape, dtype }] = [xs.paths[odd], leaves[odd]];
  return fail(
    "scan/length",
    `scan: ${placeIn("xs", path)} (${dtype}${list(shape)}) has ${sizes[odd]} steps, but length is ${length}.`,
    { path, size: sizes[odd], length, shape, dtype },
    "Leave length out: xs says how many steps there are.",
  );
}

function differInLength(xs: Flat, leaves: readonly Handle[]): never {
  const { text, odd, common } = oddSize(
    leaves.map(({ shape, dtype }, k) => ({ place: placeIn("xs", xs.paths[k]), size: shape[0], shape, dtype })),
  );
  return fail(
    "scan/length",
    `scan: leaves of xs must have one number of steps: ${text}.`,
    {
      path: xs.paths[odd],
      size: leaves[odd].shape[0],
      length: common,
      leaves: xs.paths,
      shapes: leaves.map((x) => x.shape),
      dtypes: leaves.map((x) => x.dtype),
    },
    "Give all leaves of xs the same leading size.",
  );
}

/** The new carry must be like the old one: the first leaf that is not is named. */
function checkCarry(where: string, carry: Flat, before: readonly Kind[], after: unknown): Handle[] {
  if (!isShapedLike(carry, after)) {
    fail(
      "scan/carry",
      `${where}: the body returns a carry of another structure than it was given.`,
      { before: carry.paths, after: flatten(where, after, { name: "carry" }).paths },
      "The body must return a carry with the keys and array lengths that it is given.",
    );
  }
  const next = handlesOf(matching(where, carry, after, "carry"));
  next.forEach((x, k) => {
    const { shape, dtype } = before[k];
    if (sameShape(x.shape, shape) && x.dtype === dtype) return;
    fail(
      "scan/carry",
      `${where}: ${placeIn("carry", carry.paths[k])} changes from ${dtype}${list(shape)} to ${x.dtype}${list(x.shape)}.`,
      { path: carry.paths[k], from: { shape, dtype }, to: { shape: x.shape, dtype: x.dtype } },
      "The body must return a carry of the shapes and dtypes that it is given.",
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
  return fail(
    "scan/checkpoint",
    `scan: checkpoint must be true, false or an integer > 0, got ${describe(option)}.`,
    { checkpoint: option },
    "An integer is the number of steps from one kept carry to the next; true takes about the square root of the length.",
  );
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
  refuseExtra("scan", "f, init, xs, options", 4, arguments);
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
  const [program, results] = traceProgram(
    kinds,
    (symbols) => {
      const x = rows === EMPTY ? undefined : rows.build<X>(symbols.slice(first.length));
      const step: unknown = f(carry.build<C>(symbols.slice(0, first.length)), x as X);
      if (!Array.isArray(step) || step.length !== 2) {
        return fail(
          "scan/carry",
          `${where}: the body must return [carry, y], got ${describe(step)}.`,
          { received: step },
          promiseHint(step) ?? "Return [carry, undefined] where there is nothing to collect.",
        );
      }
      const next = checkCarry(where, carry, first, step[0]);
      const y = step[1] === undefined || step[1] === null ? EMPTY : flatten(where, step[1], { name: "y" });
      return [[...next, ...handlesOf(y.leaves)], y];
    },
    length > 0,
  );
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

import { type Dtype, dtypeOfNumber, isFloat, promote, toNumeric } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastsTo, checkShape, type Shape, sameShape, stridesOf } from "../../base/shape";
import { add, div } from "../../kernel/formula";
import { foldAxes, foldSum, gather } from "../../numeric/strided";
import { flagsOf, Handle, isWeak, isZeros, makeFilled, makeScalar } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import { isValue, notATensor } from "../tensor/tensor-argument";
import { dtypeOf } from "../tensor/value";
import { apply } from "./apply";
import { scalarCode } from "./entry";
import { repeated } from "./lazy-views";
import { lettersOf, stretches } from "./letters";
import { makeLinear } from "./linear-op";
import { type CoreOp, coreOp } from "./op";
import { recordScalar } from "./record";

/*
 * The ops that the core itself applies: rules and sweeps need them to bring cotangents to a shape and a dtype and to add
 * them up. Besides the alias (./leaf), the core has no others.
 */

const RESHAPE = /* @__PURE__ */ makeLinear<{ readonly shape: Shape }>({
  name: "reshape",
  shape: (_, { shape }) => shape,
  evaluate: (out, x) => out.set(x.data),
  transpose: (yBar, shape) => reshapeTo(yBar, shape),
  batch: (x, { shape }) => reshapeTo(x, [x.shape[0], ...shape]),
  declares: { regroup: true },
  lower: (on, x, { shape }) => on.reshape(x, shape),
});

/** The same elements in another shape of the same size. */
export const reshapeTo = (x: Handle, shape: Shape): Handle =>
  sameShape(x.shape, shape) ? x : apply(RESHAPE, [x], { shape });

const BROADCAST = /* @__PURE__ */ makeLinear<{ readonly shape: Shape }>({
  name: "broadcastTo",
  shape: (_, { shape }) => shape,
  evaluate: (out, x, { shape }) => {
    const lead = shape.length - x.shape.length;
    const strides = stridesOf(x.shape);
    const steps = shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : strides[i - lead]));
    gather(out, shape, x.data, steps, 0);
  },
  transpose: (yBar, shape) => sumToShape(yBar, shape),
  batch: (x, { shape }) => broadcastToShape(alignBatch(x, shape.length), [x.shape[0], ...shape]),
  declares: { contraction: stretches },
  lower: (on, x, { shape }) => repeated(on, x, shape),
});

/** x repeated along new leading axes and along axes of size 1. The shapes must fit. */
export function broadcastToShape(x: Handle, shape: Shape): Handle {
  if (sameShape(x.shape, shape)) return x;
  return isZeros(x) ? makeFilled(shape, x.dtype, 0) : apply(BROADCAST, [x], { shape });
}

/** x [B, ...s] with size-1 axes behind the batch axis, so that a sample has the given rank. */
export function alignBatch(x: Handle, rank: number): Handle {
  const missing = rank - (x.shape.length - 1);
  if (missing <= 0) return x;
  return reshapeTo(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
}

/** Every input with a batch axis first; those without one are repeated along it. */
export const broadcastBatch = (inputs: readonly Handle[], batched: readonly boolean[], size: number): Handle[] =>
  inputs.map((x, k) => (batched[k] ? x : broadcastToShape(x, [size, ...x.shape])));

const SUM = /* @__PURE__ */ makeLinear<{ readonly axes: readonly number[] }>({
  name: "sum",
  shape: (shape, { axes }) => shape.filter((_, i) => !axes.includes(i)),
  dtype: toNumeric,
  evaluate: (out, x, { axes }) => foldAxes(out, x.data, x.shape, axes, foldSum),
  transpose: (yBar, shape, { axes }) => {
    const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
    return broadcastToShape(reshapeTo(yBar, kept), shape);
  },
  batch: (x, { axes }) =>
    sumAxes(
      x,
      axes.map((axis) => axis + 1),
    ),
  declares: {
    contraction: ([x], { axes }) => {
      const letters = lettersOf(x.length);
      return `${letters}->${[...letters].filter((_, i) => !axes.includes(i)).join("")}`;
    },
  },
  lower: (on, x, { axes }, { dtype }) => on.fold("sum", on.cast(x, dtype), axes),
});

/** The sum over axes, which are dropped. */
export const sumAxes = (x: Handle, axes: readonly number[]): Handle =>
  axes.length === 0 && x.dtype !== "bool" ? x : apply(SUM, [x], { axes });

/** The sum over axes that broadcasting added or stretched: the transpose of broadcasting. */
export function sumToShape(x: Handle, shape: Shape): Handle {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes: number[] = [];
  for (let i = 0; i < x.shape.length; i++) {
    if (i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)) axes.push(i);
  }
  return reshapeTo(sumAxes(x, axes), shape);
}

/**
 * Sums a cotangent to the shape of the tensor it belongs to, as every rule of an op that broadcasts needs it.
 *
 * Shape: `[...A, ...B]` to `shape`.
 *
 * @param x - a number or a tensor whose shape `shape` broadcasts to
 * @param shape - the shape of the result
 * @returns the sum over the axes that broadcasting added or stretched
 * @throws GradtapeError `shape/invalid`, `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { ones, sumTo } from "gradtape";
 * sumTo(ones([2, 3]), [3]); // => [2, 2, 2]
 * ```
 */
export function sumTo(x: Value, shape: Shape): Value {
  refuseExtra("sumTo", "x, shape", 2, arguments);
  const to = checkShape("sumTo", shape);
  if (typeof x === "number") return to.length === 0 ? x : makeFilled(to, "float64", x);
  if (!(x instanceof Handle)) return notATensor("sumTo", x);
  if (broadcastsTo(to, x.shape)) return sumToShape(x, to);
  return fail(
    "shape/broadcast",
    `sumTo: shape ${list(to)} does not broadcast to shape ${list(x.shape)} of x.`,
    { shape: to, from: x.shape },
    "Give the shape of the input that was broadcast.",
  );
}

const DIVIDE = /* @__PURE__ */ makeLinear<{ readonly divisor: number }>({
  name: "divideBy",
  shape: (shape) => shape,
  evaluate: (out, x, { divisor }) => {
    const data = x.data;
    for (let i = 0; i < out.length; i++) out[i] = data[i] / divisor;
  },
  transpose: (yBar, _, { divisor }) => divideBy(yBar, divisor),
  batch: (x, { divisor }) => divideBy(x, divisor),
  declares: { scale: ({ divisor }) => 1 / divisor },
  // A divisor that float32 does not hold as it is divides in float64, as evaluate does.
  lower: (on, x, { divisor }, { dtype }) =>
    !isFloat(dtype)
      ? null
      : on.map(dtype, div, x, on.number(divisor, Math.fround(divisor) === divisor ? dtype : "float64")),
});

/** Floats divided by a constant, a count mostly: 0 / 0 is NaN in the derivative too. */
export const divideBy = (x: Handle, divisor: number): Handle => apply(DIVIDE, [x], { divisor });

/** Floats with the other sign. */
export const negated = (x: Handle): Handle => divideBy(x, -1);

const CAST = /* @__PURE__ */ makeLinear<{ readonly dtype: Dtype }>({
  name: "cast",
  shape: (shape) => shape,
  dtype: (_, { dtype }) => dtype,
  evaluate: (out, x, { dtype }) => {
    const data = x.data;
    if (dtype === "bool") for (let i = 0; i < out.length; i++) out[i] = data[i] !== 0 ? 1 : 0;
    else out.set(data);
  },
  transpose: (yBar, _, __, dtype) => castTo(yBar, dtype),
  batch: (x, { dtype }) => castTo(x, dtype),
  declares: { scale: ({ dtype }) => (isFloat(dtype) ? 1 : null) },
  lower: (on, x, { dtype }) => (dtype === "int32" && isFloat(x.dtype) ? null : on.cast(x, dtype)),
});

/** The same elements as another dtype; to int32 they are truncated. Derivatives pass between floats only. */
export const castTo = (x: Handle, dtype: Dtype): Handle => (x.dtype === dtype ? x : apply(CAST, [x], { dtype }));

/** A boolean as the number that it counts as, and what stands for one in a trace too. */
export function counted(x: number | boolean | Handle): number | Handle;
export function counted(x: Value | boolean): Value;
export function counted(x: Value | boolean): Value {
  if (typeof x === "boolean") return Number(x);
  return x instanceof Handle && x.dtype === "bool" && isWeak(x) ? castTo(x, "float64") : x;
}

/** The argument of an op as a number or a tensor. */
export const valueArgument = (where: string, x: unknown, name = "x"): number | Handle =>
  isValue(x) ? counted(x) : notATensor(where, x, name);

/** Whether x is a number or boolean, or stands for one. */
export const isPlain = (x: Value | boolean): boolean => !(x instanceof Handle) || isWeak(x);

/** The dtype of all together: a plain number takes that of the tensors, or what holds it; bools alone stay bool. */
export function dtypeOfAll(xs: readonly (Value | boolean)[]): Dtype {
  if (xs.every((x) => dtypeOf(x) === "bool")) return "bool";
  let dtype: Dtype | null = null;
  for (const x of xs) if (!isPlain(x)) dtype = dtype === null ? dtypeOf(x) : join(dtype, dtypeOf(x));
  if (dtype === null) return "float64";
  for (const x of xs) {
    if (isPlain(x) && !isFloat(dtype)) dtype = join(dtype, typeof x === "number" ? dtypeOfNumber(x) : dtypeOf(x));
  }
  return dtype;
}
const join = (a: Dtype, b: Dtype): Dtype => (a === b ? a : promote(a, b));

/** The dtype of both together: a weak one takes that of the other float, as a plain number does. */
export function dtypeOfBoth(a: Handle, b: Handle): Dtype {
  if (a.dtype === "float32" && b.dtype === "float64" && isWeak(b)) return "float32";
  if (b.dtype === "float32" && a.dtype === "float64" && isWeak(a)) return "float32";
  return promote(a.dtype, b.dtype);
}

/** Two tensors in the dtype of both together. */
export function promoted(a: Handle, b: Handle): [a: Handle, b: Handle] {
  const dtype = dtypeOfBoth(a, b);
  return [castTo(a, dtype), castTo(b, dtype)];
}

const LIFT: CoreOp<Lift> = /* @__PURE__ */ coreOp<Lift>({
  name: "lift",
  shapes: (_, { shape }) => [shape],
  dtypes: (_, { dtype }) => [dtype],
  evaluate: ([out], [x]) => {
    const count = out.length / x.size;
    for (let i = 0; i < x.size; i++) out.fill(x.data[i], i * count, (i + 1) * count);
  },
  differentiable: () => true,
  readsInput: () => false,
  readsOutput: false,
  partialA: 1,
  batch: ([x], _, { shape, dtype }, size) => [
    apply(LIFT, [alignBatch(x, shape.length)], { shape: [size, ...shape], dtype }),
  ],
  declares: { linear: "jointly", absorbing: true, contraction: stretches },
  lower: (on, [x], { shape, dtype }) => [repeated(on, on.cast(x, dtype), shape)],
});
interface Lift {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/**
 * x beside a tensor of a shape, in a dtype. What stands for a plain number is repeated along the shape where it changes its
 * dtype, so that its cotangents are summed in its own.
 */
export function besideShape(x: Handle, shape: Shape, dtype: Dtype): Handle {
  if (x.dtype === dtype) return x;
  return x.strand !== null && x.shape.length === 0 && shape.length > 0 && isWeak(x)
    ? apply(LIFT, [x], { shape, dtype })
    : castTo(x, dtype);
}

const ACCUMULATE: CoreOp<undefined> = /* @__PURE__ */ coreOp<undefined>({
  name: "accumulate",
  shapes: ([shape]) => [shape],
  dtypes: ([dtype]) => [dtype],
  evaluate: ([out], [a, b]) => {
    const x = a.data;
    const y = b.data;
    for (let i = 0; i < out.length; i++) out[i] = x[i] + y[i];
  },
  differentiable: () => true,
  readsInput: () => false,
  readsOutput: false,
  batch: (inputs, batched, attrs, size) => [apply(ACCUMULATE, broadcastBatch(inputs, batched, size), attrs)],
  partialA: 1,
  partialB: 1,
  declares: { linear: "jointly", elementwise: true },
  lower: (on, [a, b], _, [{ dtype }]) => [on.map(dtype, add, a, b)],
});

const ACCUMULATE_CODE = /* @__PURE__ */ scalarCode(ACCUMULATE);

/**
 * The sum of two contributions of one shape and dtype, or of a float64 sum and a float32 contribution. The core has its own, so
 * that no sweep names `add`.
 */
export function accumulate(a: Handle, b: Handle): Handle {
  if (a.body !== null || b.body !== null) return apply(ACCUMULATE, [a, b], undefined);
  const sum = a.value + b.value;
  return a.strand === null && b.strand === null
    ? makeScalar(sum, flagsOf(a) | flagsOf(b))
    : recordScalar(ACCUMULATE_CODE, a, b, sum);
}

/** The sum of contributions of which some may be missing; null without any. */
export const plus = (a: Handle | null, b: Handle | null): Handle | null => (a && b ? accumulate(a, b) : (a ?? b));

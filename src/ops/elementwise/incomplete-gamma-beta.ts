import { type TensorData, toFloat } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { monitor } from "../../core/op/monitor";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, castTo, dtypeOfAll, valueArgument } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Elementwise, Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { betaDensity, incompleteBeta, type Shifts } from "../../numeric/special/incomplete-beta";
import { gammaDensity, incompleteGamma, upperIncompleteGamma } from "../../numeric/special/incomplete-gamma";
import { type Binary, makeBinary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { neg, sub } from "./arithmetic";

/*
 * Each incomplete function has a family of ops: its derivatives by the parameters, and those of its density. All
 * derivatives of these are of the family again. Orders and shifts are those of src/numeric/special.
 */

/** The derivative of P(a, x) of some order by a. */
const gammaincOp = (order: number): Binary =>
  makeBinary(
    {
      name: order === 0 ? "gammainc" : `gammainc${order}`,
      value: (a, x) => incompleteGamma(order, a, x),
      derivatives: [(a, x) => gammaincBy(order + 1)(a, x), (a, x) => gammaDensityBy(order, 0)(a, x)],
    },
    { reads: "x" },
  );

const gammaDensityOp = (order: number, shift: number): Binary =>
  makeBinary(
    {
      name: `gammaDensity${order},${shift}`,
      value: (a, x) => gammaDensity(order, shift, a, x),
      derivatives: [
        (a, x) => gammaDensityBy(order + 1, shift)(a, x),
        (a, x) => sub(gammaDensityBy(order, shift + 1)(a, x), gammaDensityBy(order, shift)(a, x)),
      ],
    },
    { reads: "x" },
  );

const incompletes: Binary[] = [];
const densities: Binary[][] = [];

/** Made when a derivative asks for it. */
function gammaincBy(order: number): Binary {
  incompletes[order] ??= gammaincOp(order);
  return incompletes[order];
}
function gammaDensityBy(order: number, shift: number): Binary {
  densities[order] ??= [];
  densities[order][shift] ??= gammaDensityOp(order, shift);
  return densities[order][shift];
}

/**
 * Regularized lower incomplete gamma function P(a, x), with broadcasting: the integral of `t^(a - 1) exp(-t)` from 0 to
 * x over Gamma(a), which is the distribution function of the gamma distribution with shape a. See also {@link gammaincc}.
 *
 * Shape: `F[...A], F[...X] -> F[...broadcast]`; integers give float64. Domain: a >= 0, x >= 0.
 *
 * `dy/dx = x^(a - 1) exp(-x) / Gamma(a)`; dy/da, and all that follow, are computed to the same accuracy.
 *
 * P(a, 0) is 0, P(a, Infinity) and P(0, x) are 1, P(Infinity, x) is 0; dy/dx at 0 is Infinity for a < 1, 1 for a = 1, 0
 * above. P(0, 0), P(Infinity, Infinity) and what lies outside the domain are NaN; NaN propagates.
 *
 * Error below 3e-13, relative, for a from 1e-3 to 1e3 wherever the value is above 1e-290, about 1e-15 in the body;
 * bounded time for all a and x.
 * @param a - shape parameter
 * @param x - upper end of the integral
 * @returns values in [0, 1]; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { gammainc, grad } from "gradtape";
 * gammainc(1, 1); // => 0.632121
 * grad((a: number) => gammainc(a, 1))(1); // => -0.43173
 * ```
 * @see NIST Digital Library of Mathematical Functions, sections 8.2, 8.6 and 8.7, https://dlmf.nist.gov/8
 */
export const gammainc: Binary = /* @__PURE__ */ gammaincOp(0);

/**
 * Regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x), with broadcasting: the integral of `t^(a - 1) exp(-t)`
 * from x to Infinity over Gamma(a), with full relative precision in the tail. See also {@link gammainc}.
 *
 * Shape: `F[...A], F[...X] -> F[...broadcast]`; integers give float64. Domain: a >= 0, x >= 0.
 *
 * `dy/dx = -x^(a - 1) exp(-x) / Gamma(a)`; dy/da, and all that follow, are computed to the same accuracy.
 *
 * Q(a, 0) and Q(Infinity, x) are 1, Q(a, Infinity) and Q(0, x) are 0; dy/dx at 0 is -Infinity for a < 1, -1 for a = 1, 0
 * above. Q(0, 0), Q(Infinity, Infinity) and what lies outside the domain are NaN; NaN propagates.
 *
 * Error below 3e-13, relative, for a from 1e-3 to 1e3 wherever the value is above 1e-290, about 1e-15 in the body;
 * bounded time for all a and x.
 * @param a - shape parameter
 * @param x - lower end of the integral
 * @returns values in [0, 1]; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { gammaincc, grad } from "gradtape";
 * gammaincc(1, 100); // => 3.720076e-44
 * grad((x: number) => gammaincc(1, x))(0); // => -1
 * ```
 * @see NIST Digital Library of Mathematical Functions, sections 8.2 and 8.6, https://dlmf.nist.gov/8
 */
export const gammaincc: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "gammaincc",
    value: upperIncompleteGamma,
    derivatives: [(a, x) => neg(gammaincBy(1)(a, x)), (a, x) => neg(gammaDensityBy(0, 0)(a, x))],
  },
  { reads: "x" },
);

/** Orders of derivatives by a and by b. */
interface Orders {
  readonly byA: number;
  readonly byB: number;
}

/** What makes one of the ops of three inputs a, b and x of one shape. */
interface Ternary<Attrs> {
  readonly name: string;
  value(a: number, b: number, x: number, attrs: Attrs): number;
  /** The partial derivative by an input. */
  partial(k: number, inputs: readonly Handle[], attrs: Attrs): Value;
}

function makeTernary<Attrs>({ name, value, partial }: Ternary<Attrs>): CoreOp<Attrs> {
  const op: CoreOp<Attrs> = makeOp<readonly [Handle, Handle, Handle], Attrs>({
    name,
    shape: ([shape]) => shape,
    dtype: ([dtype]) => dtype,
    evaluate: (out, inputs, attrs) => {
      const [a, b, x]: TensorData[] = inputs.map(({ data }) => data);
      for (let i = 0; i < out.length; i++) out[i] = value(a[i], b[i], x[i], attrs);
    },
    vjp: [
      ({ yBar, inputs, attrs }) => mulZero(yBar, partial(0, inputs, attrs)),
      ({ yBar, inputs, attrs }) => mulZero(yBar, partial(1, inputs, attrs)),
      ({ yBar, inputs, attrs }) => mulZero(yBar, partial(2, inputs, attrs)),
    ],
    jvp: [
      ({ xDot, inputs, attrs }) => mulZero(xDot, partial(0, inputs, attrs)),
      ({ xDot, inputs, attrs }) => mulZero(xDot, partial(1, inputs, attrs)),
      ({ xDot, inputs, attrs }) => mulZero(xDot, partial(2, inputs, attrs)),
    ],
    reads: { output: false },
    batch: (inputs, batched, attrs, size) => apply(op, broadcastBatch(inputs, batched, size), attrs),
    declares: { elementwise: true },
  });
  return op;
}

const BETAINC: CoreOp<Orders> = /* @__PURE__ */ makeTernary<Orders>({
  name: "betainc",
  value: (a, b, x, { byA, byB }) => incompleteBeta(byA, byB, a, b, x),
  partial: (k, inputs, { byA, byB }) =>
    k === 2
      ? apply(BETA_DENSITY, inputs, { byA, byB, low: 0, high: 0 })
      : apply(BETAINC, inputs, k === 0 ? { byA: byA + 1, byB } : { byA, byB: byB + 1 }),
});

const BETA_DENSITY: CoreOp<Orders & Shifts> = /* @__PURE__ */ makeTernary<Orders & Shifts>({
  name: "betaDensity",
  value: (a, b, x, attrs) => betaDensity(attrs.byA, attrs.byB, attrs, a, b, x),
  partial: (k, inputs, attrs) => {
    const by = (change: Partial<Orders & Shifts>): Handle => apply(BETA_DENSITY, inputs, { ...attrs, ...change });
    if (k === 0) return by({ byA: attrs.byA + 1 });
    if (k === 1) return by({ byB: attrs.byB + 1 });
    return sub(by({ low: attrs.low + 1 }), by({ high: attrs.high + 1 }));
  },
});

/**
 * Regularized incomplete beta function I(a, b, x), with broadcasting: the integral of `t^(a - 1) (1 - t)^(b - 1)` from
 * 0 to x over B(a, b), which is the distribution function of the beta distribution.
 *
 * Shape: `F[...A], F[...B], F[...X] -> F[...broadcast]`; integers give float64. Domain: a >= 0, b >= 0, 0 <= x <= 1.
 *
 * `dy/dx = x^(a - 1) (1 - x)^(b - 1) / B(a, b)`; dy/da, dy/db, and all that follow, are computed to nearly the same
 * accuracy.
 *
 * 0 at x = 0 and 1 at x = 1, where dy/dx is Infinity for a power below 0; between them 1 for a = 0 or b = Infinity, 0
 * for b = 0 or a = Infinity. NaN where a and b are both 0 or both infinite, and outside the domain; NaN propagates.
 *
 * Error below 3e-13, relative, for a and b from 1e-3 to 1e3 wherever the value is above 1e-290, about 1e-15 in the
 * body; bounded time for all a, b and x.
 * @param a - first parameter
 * @param b - second parameter
 * @param x - upper end of the integral
 * @returns values in [0, 1]; three numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { betainc, grad } from "gradtape";
 * betainc(2, 3, 0.5); // => 0.6875
 * grad((x: number) => betainc(2, 3, x))(0.5); // => 1.5
 * ```
 * @see NIST Digital Library of Mathematical Functions, section 8.17, https://dlmf.nist.gov/8.17
 */
export function betainc<A extends Value | boolean, B extends Value | boolean, X extends Value | boolean>(
  a: A,
  b: B,
  x: X,
): Elementwise<Elementwise<A, B>, X>;
export function betainc(p: Value | boolean, q: Value | boolean, z: Value | boolean): Value {
  refuseExtra("betainc", "a, b, x", 3, arguments);
  const inputs = [valueArgument("betainc", p, "a"), valueArgument("betainc", q, "b"), valueArgument("betainc", z)];
  const [a, b, x] = inputs;
  if (typeof a === "number" && typeof b === "number" && typeof x === "number") {
    const y = incompleteBeta(0, 0, a, b, x);
    if (monitor !== null) monitor.onValue("betainc", [a, b, x], [y]);
    return y;
  }
  const dtype = toFloat(dtypeOfAll(inputs));
  const handles = inputs.map((input) => castTo(asHandle(input, dtype), dtype));
  const shape = handles.map((input) => input.shape).reduce((p, q) => broadcastShapes("betainc", p, q));
  return apply(
    BETAINC,
    handles.map((input) => broadcastToShape(input, shape)),
    { byA: 0, byB: 0 },
  );
}

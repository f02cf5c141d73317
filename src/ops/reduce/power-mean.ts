import { reducedShape } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { foldKept } from "../../core/op/lazy-views";
import type { CoreOp, Lazy, Lower } from "../../core/op/op";
import { broadcastBatch, castTo, divideBy, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import {
  add,
  applied,
  called,
  choose,
  equal,
  type Formula,
  floor,
  less,
  or,
  div as quotient,
  abs as size,
  sqrt,
  sub,
  mul as times,
} from "../../kernel/formula";
import { centerInto } from "../../numeric/rows/center";
import { powerMeansInto } from "../../numeric/rows/power-mean";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { mulZero } from "../define/elementwise-op";
import { abs, div, mul, sign } from "../elementwise/arithmetic";
import { pow } from "../elementwise/exponential";
import { select } from "../elementwise/select";
import { exactMeans, scaleOf } from "./lazy-rows";
import { listOf, type NeighborAxes, onNextAxis, rowsOf } from "./neighbor-axes";

/** The mean of what is raised to p, and its root: norms and standard deviations. Without a root p is 2: variances. */
interface Power extends NeighborAxes {
  readonly p: number;
  readonly root: boolean;
  /** What the sum is divided by, where there is no second input that says it for each row. */
  readonly divisor: number;
  /** Whether the results are float64 whatever x is. */
  readonly wide: boolean;
}

const shapeOf = (shape: readonly number[], axes: NeighborAxes): readonly number[] =>
  reducedShape(shape, listOf(axes), false);
const beside = (y: Handle, x: Handle, axes: NeighborAxes): Handle => withReducedAxes(y, x.shape, listOf(axes));

/** x over the divisors. */
function divided(x: Handle, divisors: Handle | undefined, like: Handle, attrs: Power): Handle {
  if (divisors === undefined) return attrs.divisor === 1 ? x : divideBy(x, attrs.divisor);
  return asHandle(div(x, castTo(beside(divisors, like, attrs), x.dtype)));
}

/** The derivative of each row's result by its elements; with a root, but for a row of zeros: see `varied`. */
function slopes([x, divisors]: readonly Handle[], y: Handle, attrs: Power): Handle {
  if (!attrs.root) return divided(asHandle(mul(2, x)), divisors, x, attrs);
  const result = beside(y, x, attrs);
  const safe = select(result, result, 1);
  const { p } = attrs;
  const ratio: Value = p === 2 ? div(x, safe) : mul(sign(x), pow(div(abs(x), safe), p - 1));
  return divided(asHandle(ratio), divisors, x, attrs);
}

/** A cotangent or tangent of the results; 0 to every order where a root is taken of 0. */
const varied = (bar: Handle, y: Handle, { root }: Power): Handle => (root ? asHandle(select(y, bar, 0)) : bar);

const POW = /* @__PURE__ */ called("pow", (x, p) => x ** p);
const raise = (x: Formula, p: number): Formula => applied(POW, x, p);

/** Inputs x and, if it is not the same for all, what each sum is divided by. */
const POWER_MEAN: CoreOp<Power> = /* @__PURE__ */ makeOp<readonly Handle[], Power>({
  name: "powerMean",
  shape: ([shape], attrs) => shapeOf(shape, attrs),
  dtype: ([dtype], { wide }) => (wide ? "float64" : dtype),
  evaluate: (out, [x, divisors], attrs) => {
    const [n, inner] = rowsOf(x.shape, attrs);
    powerMeansInto(out, x.data, n, inner, attrs.p, divisors === undefined ? attrs.divisor : divisors.data, attrs.root);
  },
  vjp: [
    ({ yBar, inputs, output: y, attrs }) => {
      const [x] = inputs;
      return castTo(mulZero(beside(varied(yBar, y, attrs), x, attrs), slopes(inputs, y, attrs)), x.dtype);
    },
    null,
  ],
  jvp: [
    ({ xDot, inputs, output: y, attrs }) => {
      const dot = sumAxes(mulZero(xDot, slopes(inputs, y, attrs)), listOf(attrs));
      return varied(castTo(dot, y.dtype), y, attrs);
    },
    null,
  ],
  batch: (inputs, batched, attrs, size) => apply(POWER_MEAN, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  lower: (on, [x, divisors], attrs, [{ shape, dtype }]) => {
    const axes = listOf(attrs);
    const { p, root } = attrs;
    const sizes = on.map("float64", size, on.cast(x, "float64"));
    // No square of float32 leaves the range of float64.
    const inRange = p === 2 && x.dtype === "float32";
    const scale = inRange ? on.number(1, "float64") : scaleOf(on, foldKept(on, "max", sizes, axes));
    const raised = (a: Formula, s: Formula): Formula =>
      p === 2 ? times(quotient(a, s), quotient(a, s)) : raise(quotient(a, s), p);
    const sums = foldKept(on, "sum", on.map("float64", raised, sizes, scale), axes);
    const divisor =
      divisors === undefined
        ? on.number(attrs.divisor, "float64")
        : on.reshape(on.cast(divisors, "float64"), reducedShape(x.shape, axes, true));
    const result = (sum: Formula, s: Formula, by: Formula): Formula => {
      const mean = quotient(sum, by);
      if (!root) return times(times(s, mean), s);
      return times(s, p === 2 ? sqrt(mean) : raise(mean, 1 / p));
    };
    return [on.reshape(on.map(dtype, result, sums, scale, divisor), shape)];
  },
});

/** What the sum of the powers of the elements is divided by: one number, or one for each row. */
type Divisor = number | Handle;

function powerMean(
  x: Handle,
  { first, count }: NeighborAxes,
  power: Pick<Power, "p" | "root" | "wide">,
  divisor: Divisor,
): Handle {
  const one = typeof divisor === "number";
  return apply(POWER_MEAN, one ? [x] : [x, divisor], { first, count, ...power, divisor: one ? divisor : 1 });
}

/** (sum of |x|^p / divisor)^(1/p) over axes. */
export const rootMeanPower = (x: Handle, axes: NeighborAxes, p: number, divisor: Divisor): Handle =>
  powerMean(x, axes, { p, root: true, wide: false }, divisor);

/** sum of x^2 / divisor over axes. */
export const meanSquare = (x: Handle, axes: NeighborAxes, divisor: Divisor): Handle =>
  powerMean(x, axes, { p: 2, root: false, wide: false }, divisor);

/** The lengths of rows [n, ...], as float64. */
export const rowLengths = (x: Handle): Handle =>
  powerMean(x, { first: 1, count: x.rank - 1 }, { p: 2, root: true, wide: true }, 1);

/** The length of floats as of one vector, times a scale, as float64: float32 may add up to more than float32 holds. */
export const lengthOf = (x: Handle, scale: number): Handle =>
  powerMean(x, { first: 0, count: x.rank }, { p: 2, root: true, wide: true }, 1 / (scale * scale));

interface Center extends NeighborAxes {
  /** Whether each result is a sum of its own, as in a product with the Jacobian, so that infinities need not be NaN. */
  readonly apart: boolean;
}

/** Inputs x and, if some elements do not count, a mask of its shape. The op is its own transpose. */
const CENTER: CoreOp<Center> = /* @__PURE__ */ makeOp<readonly Handle[], Center>({
  name: "center",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, mask], axes) =>
    centerInto(out, x.data, mask === undefined ? null : mask.data, ...rowsOf(x.shape, axes), axes.apart),
  vjp: [({ yBar, inputs: [, mask = null], attrs }) => center(yBar, mask, { ...attrs, apart: true }), null],
  jvp: [({ xDot, inputs: [, mask = null], attrs }) => center(xDot, mask, { ...attrs, apart: true }), null],
  reads: { inputs: [false, true], output: false },
  batch: (inputs, batched, axes, size) =>
    apply(CENTER, broadcastBatch(inputs, batched, size), { ...axes, ...onNextAxis(axes) }),
  lower: (on, [x, mask], attrs, [{ dtype }]) => {
    const axes = listOf(attrs);
    const n = countOf(x.shape, axes);
    if (mask !== undefined || n === 0 || n >= MANY) return null;
    const wide = on.cast(x, "float64");
    const means = exactMeans(on, x, axes, false);
    const y = on.map(dtype, sub, wide, means);
    if (!attrs.apart) return [y];
    const apart = on.map(
      dtype,
      (a, mean, b) => choose(equal(sub(mean, mean), 0), a, b),
      y,
      means,
      infinitely(on, wide, axes, n),
    );
    return [apart];
  },
  declares: { linear: "jointly" },
});

/** The sums of (1 - 1 / n) x[i] and -x[j] / n for all others, of rows with infinities. */
function infinitely(on: Lower, x: Lazy, axes: readonly number[], n: number): Lazy {
  if (n === 1) return on.number(0, "float64");
  // Of one kind each is 1, of the other so much that no row has as many of the first; NaN stays.
  const kinds = on.map(
    "float64",
    (a) => choose(equal(a, Infinity), 1, choose(equal(a, -Infinity), MANY, sub(a, a))),
    x,
  );
  const result = (a: Formula, sum: Formula): Formula => {
    const low = floor(quotient(sum, MANY));
    const high = sub(sum, times(low, MANY));
    const [isHigh, isLow] = [equal(a, Infinity), equal(a, -Infinity)];
    const up = or(isHigh, less(choose(isLow, 1, 0), low));
    const down = or(isLow, less(choose(isHigh, 1, 0), high));
    return add(sub(choose(up, Infinity, 0), choose(down, Infinity, 0)), sub(sum, sum));
  };
  return on.map("float64", result, x, foldKept(on, "sum", kinds, axes));
}
const MANY = 2 ** 26;

const center = (x: Handle, mask: Handle | null, attrs: Center): Handle =>
  apply(CENTER, mask === null ? [x] : [x, mask], attrs);

/** x minus its mean over axes; 0 where a mask leaves it out. */
export const centered = (x: Handle, mask: Handle | null, { first, count }: NeighborAxes): Handle =>
  center(x, mask, { first, count, apart: false });

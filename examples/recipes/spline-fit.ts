/** A cubic spline that finds its own knots: slopes by linalg.solve, the fit by leastSquares, its derivative by grad. */
import {
  add,
  arange,
  clip,
  concat,
  cumsum,
  diag,
  div,
  grad,
  interpolate,
  linalg,
  log,
  mul,
  neg,
  searchsorted,
  slice,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  zeros,
} from "gradtape";
import { leastSquares, minimize } from "gradtape/optim";

/**
 * A property of titanium by temperature: measurements that splines are tried on, because of their sharp peak.
 * C. de Boor and J. R. Rice (1968); C. de Boor, "A Practical Guide to Splines".
 */
const HEAT = tensor([
  0.644, 0.622, 0.638, 0.649, 0.652, 0.639, 0.646, 0.657, 0.652, 0.655, 0.644, 0.663, 0.663, 0.668, 0.676, 0.676, 0.686,
  0.679, 0.678, 0.683, 0.694, 0.699, 0.71, 0.73, 0.763, 0.812, 0.907, 1.044, 1.336, 1.881, 2.169, 2.075, 1.598, 1.211,
  0.916, 0.746, 0.672, 0.627, 0.615, 0.607, 0.606, 0.609, 0.603, 0.601, 0.603, 0.601, 0.611, 0.601, 0.608,
]);
const TEMPERATURE = arange(595, 1080, 10);

export interface Spline {
  /** Their softmax shares the axis out among the gaps between knots: whatever they are, the knots increase. */
  readonly gaps: Tensor;
  readonly values: Tensor;
  /** The slopes at the first knot and at the last. */
  readonly ends: Tensor;
}

export function knotsOf({ gaps }: Spline): Tensor {
  return add(595, mul(480, concat([tensor([0]), cumsum(softmax(gaps))])));
}

/** The slopes at the knots with which the second derivative never jumps: one row of a tridiagonal system for each. */
export function slopesOf(spline: Spline): Tensor {
  const [first, last] = [(x: Tensor) => slice(x, [{ stop: -1 }]), (x: Tensor) => slice(x, [{ start: 1 }])];
  const steps = (x: Tensor): Tensor => sub(last(x), first(x));
  const gaps = steps(knotsOf(spline));
  const chords = div(steps(spline.values), gaps);
  const [before, after] = [first(gaps), last(gaps)];
  const onDiagonal = diag(concat([tensor([1]), mul(2, add(before, after)), tensor([1])]));
  const below = diag(concat([after, tensor([0])]), { k: -1 });
  const above = diag(concat([tensor([0]), before]), { k: 1 });
  const inner = mul(3, add(mul(after, first(chords)), mul(before, last(chords))));
  return linalg.solve(add(onDiagonal, add(below, above)), concat([first(spline.ends), inner, last(spline.ends)]));
}

/** The spline at x: between two knots, the cubic with the values and slopes of both. */
export function evaluate(spline: Spline, x: Tensor): Tensor {
  const [knots, slopes] = [knotsOf(spline), slopesOf(spline)];
  const left = clip(sub(searchsorted(knots, x, { side: "right" }), 1), 0, knots.size - 2);
  const at = (i: Tensor) => ({ knot: take(knots, i), value: take(spline.values, i), slope: take(slopes, i) });
  const [a, b] = [at(left), at(add(left, 1))];
  const gap = sub(b.knot, a.knot);
  const t = div(sub(x, a.knot), gap);
  const u = sub(1, t);
  const values = add(mul(mul(square(u), add(1, mul(2, t))), a.value), mul(mul(square(t), add(1, mul(2, u))), b.value));
  return add(values, mul(mul(gap, mul(t, u)), sub(mul(u, a.slope), mul(t, b.slope))));
}

export const residuals = (spline: Spline): Tensor => sub(evaluate(spline, TEMPERATURE), HEAT);
export const slopeAt = grad((x: Tensor, spline: Spline) => sum(evaluate(spline, x)));

export function splineFit() {
  const knots = tensor([595, 800, 850, 900, 950, 1000, 1075]);
  const gaps = log(sub(slice(knots, [{ start: 1 }]), slice(knots, [{ stop: -1 }])));
  const start = { values: interpolate(knots, TEMPERATURE, HEAT), ends: zeros([2]) };
  const fixed = leastSquares((spline: Omit<Spline, "gaps">) => residuals({ ...spline, gaps }), start);
  const free = leastSquares(residuals, { ...fixed.params, gaps });
  const rms = (sumOfSquares: number) => Math.sqrt(sumOfSquares / HEAT.size);
  const peak = minimize((x: Tensor) => neg(evaluate(free.params, x)), tensor(900));
  return {
    rms: { fixedKnots: rms(fixed.value), freeKnots: rms(free.value) },
    knots: knotsOf(free.params),
    peak: { temperature: peak.params.item(), height: -peak.value, slope: slopeAt(peak.params, free.params).item() },
  };
}

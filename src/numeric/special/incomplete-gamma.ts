import { RULE } from "./gauss-legendre";
import { poisson } from "./poisson-binomial";
import { constantJet, factorial, overLinear, productAt, type TaylorSeries, timesLinear, timesOver } from "./taylor";
import { expm1Minus } from "./without-leading-terms";

/** From here on the integral is smooth enough for one rule. */
const LARGE = 20;
/** e^-x is 1 up to here. */
const TINY = 1e-20;
/** Length of the pieces that the rule is applied to. */
const PIECE = 4;

/** The sum over n of x^n / ((a + 1) ... (a + n)): `size` coefficients in a. */
function series(size: number, a: number, x: number): TaylorSeries {
  const term = constantJet(size, 1);
  const sum = constantJet(size, 1);
  for (let n = 1, done = false; !done; n++) {
    timesLinear(term, 1, x, 0, 0);
    overLinear(term, 1, a + n, 1, 0);
    done = true;
    for (let k = 0; k < size; k++) {
      sum[k] += term[k];
      done &&= Math.abs(term[k]) <= 1e-17 * Math.abs(sum[k]);
    }
  }
  return sum;
}

/**
 * The integral over s > 0 of exp(side a s - side x (e^(side s) - 1)): `size` coefficients in a. Side 1 is the tail
 * above x over the density in log(t) at x, side -1 the tail below it. The integrand falls, its logarithm is concave,
 * and no coefficient cancels.
 */
function tail(size: number, a: number, x: number, side: 1 | -1): TaylorSeries {
  const slope = side * (x - a);
  const depth = 35 + 5 * size;
  // Where the exponent is -depth: first as if it were quadratic, or exponential for small x, then by Newton's method.
  let end =
    side > 0 && x < 1
      ? Math.log(depth + a * (Math.log(depth) - Math.log(x))) - Math.log(x)
      : (2 * depth) / (slope + Math.sqrt(slope * slope + 2 * x * depth));
  for (let step = 0; step < 30; step++) {
    const rest = depth - slope * end - x * expm1Minus(side * end);
    if (Math.abs(rest) < 4) break;
    end += rest / (slope + side * x * Math.expm1(side * end));
  }
  const pieces = Math.ceil(end / PIECE);
  const width = end / pieces;
  const sum = constantJet(size, 0);
  const { points, weights } = RULE;
  for (let p = 0; p < pieces; p++) {
    for (let i = 0; i < points.length; i++) {
      const s = (p + points[i]) * width;
      let term = weights[i] * width * Math.exp(-slope * s - x * expm1Minus(side * s));
      for (let k = 0; k < size; k++) {
        sum[k] += term;
        term *= (side * s) / (k + 1);
      }
    }
  }
  return sum;
}

/**
 * The derivative of some order by a of the regularized lower incomplete gamma function P(a, x), the integral of
 * t^(a - 1) e^-t / Gamma(a) from 0 to x; order 0 is P itself.
 *
 * Method: the tail nearer to x, as a power series in a. It is the density at x times an integral, or, for small a, a
 * series of positive terms; density and integral are both given as power series. The work is bounded for all a and x.
 * Error: for a from 1e-3 to 1e3 below 3e-13 relative for orders 0 to 4, wherever the derivative is not near a zero
 * (measured on 550 points); in the body of the distribution a few units of 2^-52.
 * Special values: P(a, 0) = 0, P(a, Infinity) = 1, P(0, x) = 1, P(Infinity, x) = 0; their derivatives by a are 0,
 * except at a = 0. NaN at P(0, 0) and P(Infinity, Infinity), for a < 0, x < 0 and NaN.
 *
 * @see DLMF 8.7.1 (series), 8.6 (integrals).
 * @internal
 */
export function incompleteGamma(order: number, a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN;
  if (x === 0 || a === Infinity) return a === 0 || x === Infinity ? NaN : 0;
  const lower = x <= a || x < 1;
  const density = x === Infinity ? [0] : poisson(order + 1, a, x);
  if (density[0] === 0) return lower || order > 0 ? 0 : 1;
  if (lower && a < LARGE) return factorial(order) * productAt(density, series(order + 1, a, x), 1, order, 0);
  timesLinear(density, 1, a, 1, 0);
  const part = factorial(order) * productAt(density, tail(order + 1, a, x, lower ? -1 : 1), 1, order, 0);
  return lower ? part : order === 0 ? 1 - part : -part;
}

/**
 * The regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x), without cancellation in its tail.
 *
 * Method: 1 - P where P is at most 1/2, else the density at x times the integral of its tail, also for small a and x. Error:
 * for a from 1e-3 to 1e3 below 3e-13 relative. Special values: those of 1 - P.
 *
 * @see {@link incompleteGamma}
 * @internal
 */
export function upperIncompleteGamma(a: number, x: number): number {
  const lower = a >= 0 && x > a && x >= 1 ? 1 : incompleteGamma(0, a, x);
  if (!(lower > 0.5)) return 1 - lower;
  // Below TINY the density is a power of x.
  if (x < TINY) return upperIncompleteGamma(a, TINY) - poisson(1, a, TINY)[0] * Math.expm1(a * Math.log(x / TINY));
  const density = x === Infinity ? 0 : a * poisson(1, a, x)[0];
  return density === 0 ? 0 : density * tail(1, a, x, 1)[0];
}

/**
 * The derivative of some order by a of x^(a - 1 - shift) e^-x / Gamma(a - shift), which for order and shift 0 is the
 * density of the gamma distribution, the derivative of P(a, x) by x. Its own derivative by x is that of shift + 1 minus
 * itself.
 *
 * Special values: 0 at Infinity; at x = 0 the limit from above; NaN for a < 0 and x < 0.
 * @internal
 */
export function gammaDensity(order: number, shift: number, a: number, x: number): number {
  if (!(a >= 0 && x >= 0)) return NaN;
  if (a === Infinity || x === Infinity) return 0;
  // The power of x is raised to one that is not negative.
  const raised = Math.max(0, shift + 1 - Math.floor(a));
  const power = a - (shift + 1 - raised);
  if (x === 0) {
    if (raised === 0 && power > 0) return 0;
    if (raised > 0 || order > 0) return infinite(gammaDensity(order, shift, a, 1e-30));
  }
  const jet = poisson(order + 1, power, x);
  for (let k = 0; k < raised; k++) timesOver(jet, 1, a - shift + k, x);
  return factorial(order) * jet[order];
}

/** The infinity of the sign that a function has near its pole; 0 where there is none. @internal */
export const infinite = (near: number): number => (near === 0 ? 0 : near * Infinity);

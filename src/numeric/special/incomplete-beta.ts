import { RULE } from "./gauss-legendre";
import { infinite } from "./incomplete-gamma";
import { binomial } from "./poisson-binomial";
import { constantJet, factorial, overLinear, productAt, type TaylorSeries, timesLinear, timesOver } from "./taylor";
import { expm1Minus, log1pMinus } from "./without-leading-terms";

/** From here on the integral is smooth enough for one rule. */
const LARGE = 20;
/** Length of the pieces that the rule is applied to. */
const PIECE = 4;

/** log(y + x e^-s) + x s, which is x y s^2 / 2 about 0. */
function bulge(s: number, x: number, y: number): number {
  if (x <= 0.5) {
    const w = x * Math.expm1(-s);
    return s < 0.5 ? log1pMinus(w) + x * expm1Minus(-s) : Math.log1p(w) + x * s;
  }
  const w = y * Math.expm1(s);
  return s < 0.5 ? log1pMinus(w) + y * expm1Minus(s) : w < Infinity ? Math.log1p(w) - y * s : Math.log(y) + x * s;
}

const bulgeSlope = (s: number, x: number, y: number): number =>
  s < 1 ? (-x * y * Math.expm1(-s)) / (y + x * Math.exp(-s)) : x - x / (x + y * Math.exp(s));

/**
 * The integral over s > 0 of (t / x)^a ((1 - t) / y)^b, where t / (1 - t) = e^-s x / y: the tail below x over the
 * density in log(t / (1 - t)) at x. Coefficients in a (rows) and b (columns). The integrand falls, its logarithm is
 * concave, and no coefficient cancels.
 */
function tail(rows: number, columns: number, a: number, b: number, x: number, y: number): TaylorSeries {
  const slope = a * y - b * x;
  const sum = a + b;
  const depth = 30 + 5 * (rows + columns);
  // Where the exponent is -depth: first as if it were quadratic, then by Newton's method.
  let end = (2 * depth) / (slope + Math.sqrt(slope * slope + 2 * sum * x * y * depth));
  for (let step = 0; step < 30; step++) {
    const rest = depth - slope * end - sum * bulge(end, x, y);
    if (Math.abs(rest) < 4) break;
    end += rest / (slope + sum * bulgeSlope(end, x, y));
  }
  const pieces = Math.ceil(end / PIECE);
  const width = end / pieces;
  const total = constantJet(rows * columns, 0);
  const { points, weights } = RULE;
  for (let p = 0; p < pieces; p++) {
    for (let k = 0; k < points.length; k++) {
      const s = (p + points[k]) * width;
      const bulged = bulge(s, x, y);
      // log(t / x) and log((1 - t) / y)
      const u = -y * s - bulged;
      const v = x * s - bulged;
      let row = weights[k] * width * Math.exp(-slope * s - sum * bulged);
      for (let i = 0; i < rows; i++) {
        let term = row;
        for (let j = 0; j < columns; j++) {
          total[i * columns + j] += term;
          term *= v / (j + 1);
        }
        row *= u / (i + 1);
      }
    }
  }
  return total;
}

/**
 * The sum over n of x^n (a + b) ... (a + b + n - 1) / ((a + 1) ... (a + n)), as coefficients in a and b: term by term
 * until a + n is large, then what is left as an integral.
 */
function series(rows: number, columns: number, a: number, b: number, x: number, y: number): TaylorSeries {
  const size = rows * columns;
  const term = constantJet(size, 1);
  const sum = constantJet(size, 0);
  let n = 0;
  for (let done = false; a + n < LARGE; n++) {
    done = true;
    for (let k = 0; k < size; k++) {
      sum[k] += term[k];
      done &&= Math.abs(term[k]) <= 1e-20 * Math.abs(sum[k]);
    }
    if (done) return sum;
    timesLinear(term, columns, x * (a + b + n), x, x);
    overLinear(term, columns, a + n + 1, 1, 0);
  }
  timesLinear(term, columns, a + n, 1, 0);
  const rest = tail(rows, columns, a + n, b, x, y);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) sum[i * columns + j] += productAt(term, rest, columns, i, j);
  }
  return sum;
}

/** The derivative of I where x is at most a / (a + b). */
function lower(i: number, j: number, a: number, b: number, x: number, y: number): number {
  const [rows, columns] = [i + 1, j + 1];
  const density = binomial(rows, columns, a, b, x, y);
  if (density[0] === 0) return 0;
  timesLinear(density, columns, b, 0, 1);
  overLinear(density, columns, a + b, 1, 1);
  return factorial(i) * factorial(j) * productAt(density, series(rows, columns, a, b, x, y), columns, i, j);
}

/**
 * The derivative of orders i by a and j by b of the regularized incomplete beta function I(a, b, x), the integral of
 * t^(a - 1) (1 - t)^(b - 1) / B(a, b) from 0 to x; orders 0 are I itself.
 *
 * Method: the tail nearer to x (1 - I(b, a, 1 - x) above the mean), as a power series in a and b. It is the density at
 * x times at most 20 positive terms and an integral, all of them given as power series. The work is bounded for all a,
 * b and x.
 * Error: for a and b from 1e-3 to 1e3 below 3e-13 relative for I, 1e-10 for derivatives of order 1 and 2, wherever the
 * derivative is not near a zero (measured on 400 points); in the body of the distribution a few units of 2^-52.
 * Special values: 0 at x = 0, 1 at x = 1; between them 1 for a = 0 or b = Infinity, 0 for b = 0 or a = Infinity. NaN
 * where both are 0 or both are infinite, for a < 0, b < 0, x outside [0, 1] and NaN.
 *
 * @see DLMF 8.17.8 (series), 8.17.4 (reflection).
 * @internal
 */
export function incompleteBeta(i: number, j: number, a: number, b: number, x: number): number {
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1) || (a === b && (a === 0 || a === Infinity))) return NaN;
  if (x === 0 || x === 1) return i + j === 0 ? x : 0;
  if (a === Infinity || b === Infinity) return i + j === 0 && b === Infinity ? 1 : 0;
  const y = 1 - x;
  if (x * b <= y * a) return lower(i, j, a, b, x, y);
  const part = lower(j, i, b, a, y, x);
  return i + j === 0 ? 1 - part : -part;
}

/** How far powers of x and of 1 - x are below those of the density of the beta distribution. @internal */
export interface Shifts {
  readonly low: number;
  readonly high: number;
}

/**
 * The derivative of orders i by a and j by b of Gamma(a + b) / (Gamma(p) Gamma(q)) x^(p - 1) (1 - x)^(q - 1), with p
 * for a - low and q for b - high. For orders and shifts 0 it is the density of the beta distribution, the derivative of
 * I(a, b, x) by x. Its own derivative by x is that of low + 1 minus that of high + 1.
 *
 * Special values: at x = 0 and 1 the limits from inside; 0 for infinite a or b; NaN for a < 0, b < 0
 * and x outside [0, 1].
 * @internal
 */
export function betaDensity(i: number, j: number, shifts: Shifts, a: number, b: number, x: number): number {
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1)) return NaN;
  if (a === Infinity || b === Infinity) return 0;
  return density(i, j, shifts, a, b, x, 1 - x);
}

function density(i: number, j: number, shifts: Shifts, a: number, b: number, x: number, y: number): number {
  const { low, high } = shifts;
  // Both powers are raised to ones that are not negative.
  const raisedA = Math.max(0, low + 1 - Math.floor(a));
  const raisedB = Math.max(0, high + 1 - Math.floor(b));
  const p = a - (low + 1 - raisedA);
  const q = b - (high + 1 - raisedB);
  if ((x === 0 && raisedA === 0 && p > 0) || (y === 0 && raisedB === 0 && q > 0)) return 0;
  if (x === 0 && (raisedA > 0 || i > 0)) return infinite(density(i, j, shifts, a, b, 1e-30, 1));
  if (y === 0 && (raisedB > 0 || j > 0)) return infinite(density(i, j, shifts, a, b, 1, 1e-30));
  const columns = j + 1;
  const jet = binomial(i + 1, columns, p, q, x, y);
  for (let k = 0; k < raisedA; k++) timesOver(jet, columns, a - low + k, x);
  for (let k = 0; k < raisedB; k++) timesLinear(jet, columns, (b - high + k) / y, 0, 1 / y);
  // From Gamma(p + q + 1) to Gamma(a + b).
  const above = low + high + 1 - raisedA - raisedB;
  for (let k = 0; k < above; k++) timesLinear(jet, columns, p + q + 1 + k, 1, 1);
  for (let k = 0; k < -above; k++) overLinear(jet, columns, a + b + k, 1, 1);
  return factorial(i) * factorial(j) * jet[i * columns + j];
}

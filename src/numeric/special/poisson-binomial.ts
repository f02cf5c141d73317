import { digamma, digammaSum, lgamma, polygamma, stirlingSum } from "./gamma";
import { expOf, type TaylorSeries } from "./taylor";
import { log1pMinus } from "./without-leading-terms";

/*
 * The probabilities of Poisson and of the binomial distribution for counts that need not be integers, as power series
 * in the counts: the factors in front of incomplete gamma and beta functions. Large terms that would cancel are taken
 * together first.
 *
 * Method: with Gamma(a + 1) = (a / e)^a exp(excess(a)), what is left of the powers is exp of sums of a log(whole / a) -
 * (whole - a), none of which is positive.
 * @see C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */

/** From here on Stirling's series is used. */
const STIRLING = 10;
/** Below this a times a logarithm counts as 0. */
const TINY = 1e-290;

/** log Gamma(a + 1) - a log(a) + a. */
function excess(a: number): number {
  if (a >= STIRLING) return Math.log(2 * Math.PI * a) / 2 + stirlingSum(a);
  return a < TINY ? 0 : lgamma(a + 1) + a - a * Math.log(a);
}

/** Its derivative, digamma(a + 1) - log(a). */
const excessSlope = (a: number): number => (a >= STIRLING ? 0.5 / a - digammaSum(a) : digamma(a + 1) - Math.log(a));

/** a log(whole / a) - difference, where the difference whole - a is known better than from whole. */
function bend(a: number, whole: number, difference: number): number {
  if (a < TINY) return -difference;
  const z = difference / a;
  return z > -0.6 && z < 1.6 ? a * log1pMinus(z) : a * Math.log(whole / a) - difference;
}

/** log(whole) - digamma(a + 1). */
function bendSlope(a: number, whole: number, difference: number): number {
  if (a < STIRLING) return Math.log(whole) - digamma(a + 1);
  const z = difference / a;
  return (z > -0.6 && z < 1.6 ? Math.log1p(z) : Math.log(whole / a)) - excessSlope(a);
}

/** Coefficient k >= 2 of lgamma about z. */
function lgammaCoefficient(k: number, z: number): number {
  let factor = 1;
  for (let i = 2; i <= k; i++) factor /= i;
  return polygamma(k - 1, z) * factor;
}

/** x^a e^-x / Gamma(a + 1) for a >= 0, x >= 0: `size` coefficients in a. @internal */
export function poisson(size: number, a: number, x: number): TaylorSeries {
  const l = [bend(a, x, x - a) - excess(a)];
  if (size > 1) l[1] = bendSlope(a, x, x - a);
  for (let k = 2; k < size; k++) l[k] = -lgammaCoefficient(k, a + 1);
  return expOf(l, 1);
}

/**
 * x^a y^b Gamma(a + b + 1) / (Gamma(a + 1) Gamma(b + 1)) for a, b >= 0 and x + y = 1: coefficients in a (rows) and b
 * (columns).
 * @internal
 */
export function binomial(rows: number, columns: number, a: number, b: number, x: number, y: number): TaylorSeries {
  const sum = a + b;
  const difference = x * b - y * a;
  const l = [bend(a, x * sum, difference) + bend(b, y * sum, -difference) + (excess(sum) - excess(a) - excess(b))];
  // Of a series in a + b, (i, j) has the binomial coefficient of i + j over i.
  for (let i = 0; i < rows; i++) {
    for (let j = 0, choose = 1; j < columns; j++) {
      const k = i + j;
      const at = i * columns + j;
      if (k > 1) l[at] = choose * lgammaCoefficient(k, sum + 1);
      choose *= (k + 1) / (j + 1);
    }
  }
  for (let i = 2; i < rows; i++) l[i * columns] -= lgammaCoefficient(i, a + 1);
  for (let j = 2; j < columns; j++) l[j] -= lgammaCoefficient(j, b + 1);
  if (rows > 1) l[columns] = shareSlope(a, x, sum, difference);
  if (columns > 1) l[1] = shareSlope(b, y, sum, -difference);
  return expOf(l, columns);
}

/** log(x) - digamma(a + 1) + digamma(sum + 1), where the difference is x sum - a. */
const shareSlope = (a: number, x: number, sum: number, difference: number): number =>
  sum < STIRLING
    ? Math.log(x) - digamma(a + 1) + digamma(sum + 1)
    : bendSlope(a, x * sum, difference) + excessSlope(sum);

import { erfcScaled, erfSmall } from "./erf";

/*
 * The standard normal distribution in both tails. Phi(x) is its distribution function, phi(x) its density, and
 * m(x) = phi(x) / Phi(x), the inverse Mills ratio of -x, the derivative of log Phi. Far below 0 m is almost -x: what is
 * left, x + m, is a continued fraction, and so is the derivative of that.
 */

const LOG_ROOT_TWO_PI = 0.918938533204672741780329736406;
const INVERSE_ROOT_TWO_PI = 0.398942280401432677939946059934;
/** From here on downwards the continued fraction is used. */
const FAR = -4;
/** Terms of it: enough for 2^-53 from FAR on. */
const TERMS = 40;
/** erfc is a polynomial ratio in x^2 up to here. */
const NEAR = 0.46875;

/** exp(-x^2 / 2): x^2 is split so that its rounding is not magnified. 0 from about 38.6. */
function bellOf(x: number): number {
  const size = Math.abs(x);
  if (size > 39) return 0;
  const s = Math.trunc(size * 16) / 16;
  return Math.exp((-s * s) / 2) * Math.exp((-(size - s) * (size + s)) / 2);
}

/** Phi(-x) for x above 0.67. */
const tailOf = (x: number): number => (bellOf(x) === 0 ? 0 : (bellOf(x) * erfcScaled(x * Math.SQRT1_2)) / 2);

/**
 * The density, `exp(-x^2 / 2) / sqrt(2 pi)`; its derivative is `-x` times it.
 *
 * Error below 3 units of 2^-52, relative. Special values: ±Infinity gives 0, NaN NaN.
 *
 * @internal
 */
export const normalDensity = (x: number): number => INVERSE_ROOT_TWO_PI * bellOf(x);

/**
 * The distribution function Phi; its derivative is {@link normalDensity}.
 *
 * Method: that of erfc, with exp(-x^2 / 2) taken of x itself. Error below 4 units of 2^-52, relative, where the result is
 * normal. Special values: 0 gives 1/2, -Infinity 0, Infinity 1, NaN NaN. 0 from about -38.5.
 *
 * @see W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969) 631-637.
 * @internal
 */
export function normalDistribution(x: number): number {
  const z = x * Math.SQRT1_2;
  if (z > NEAR) return 1 - tailOf(x);
  return z < -NEAR ? tailOf(-x) : 0.5 + erfSmall(z) / 2;
}

/**
 * log(Phi(x)); its derivative is {@link inverseMills}.
 *
 * Method: `-x^2 / 2 - log(sqrt(2 pi) m(x))` far below 0, the logarithm of Phi(x) up to 0, log(1 - Phi(-x)) above. Error below 4
 * units of 2^-52, relative. Special values: -Infinity gives -Infinity, Infinity -0, NaN NaN.
 *
 * @internal
 */
export function logNormalDistribution(x: number): number {
  if (x > 0) return Math.log1p(-normalDistribution(-x));
  return x < FAR ? -(x / 2) * x - LOG_ROOT_TWO_PI - Math.log(inverseMills(x)) : Math.log(normalDistribution(x));
}

/** First and second part of the continued fraction of x + m(x) far below 0: k1 = 1 / (-x + k2), k2 = 2 / (-x + 3 / (-x + ...)). */
function fractions(x: number): [first: number, second: number] {
  let k = 0;
  for (let n = TERMS; n > 1; n--) k = n / (k - x);
  return [1 / (k - x), k];
}

/**
 * m(x) = phi(x) / Phi(x); its derivative is minus {@link inverseMillsSlope}.
 *
 * Method: -x and a continued fraction below -4, the quotient above. Error below 8 units of 2^-52, relative. Special values:
 * -Infinity gives Infinity, Infinity 0, NaN NaN.
 *
 * @see NIST Digital Library of Mathematical Functions, 7.9.1, https://dlmf.nist.gov/7.9
 * @internal
 */
export const inverseMills = (x: number): number =>
  x < FAR ? fractions(x)[0] - x : normalDensity(x) / normalDistribution(x);

/** e(x) = x + m(x), without cancellation; its derivative is {@link inverseMillsExcessSlope}. @internal */
export const inverseMillsExcess = (x: number): number => (x < FAR ? fractions(x)[0] : x + inverseMills(x));

/** m(x) e(x), 1 at -Infinity and 0 at Infinity: its derivative is m(x) (1 - m(x) e(x) - e(x)^2). @internal */
export function inverseMillsSlope(x: number): number {
  if (x < FAR) return 1 - inverseMillsExcessSlope(x);
  const m = inverseMills(x);
  return m === 0 ? 0 : m * (x + m);
}

/** 1 - m(x) e(x), without cancellation: about 1 / x^2 far below 0, 1 at Infinity. @internal */
export function inverseMillsExcessSlope(x: number): number {
  if (!(x < FAR)) return 1 - inverseMillsSlope(x);
  const [first, second] = fractions(x);
  return first * (second - first);
}

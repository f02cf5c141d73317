/*
 * lgamma is computed from x = 0 up by the Taylor series about 2 (-0.5 to 2.5), by the recurrence (to 10), by Stirling's series (from 10);
 * digamma and polygamma by the recurrence and their asymptotic series; negative arguments by reflection. Formula numbers are those
 * of the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
 */
const LOG_PI = 1.1447298858494002;
const STIRLING_CONSTANT = 0.4189385332046727; // log(2 pi) / 2 - 1 / 2
const ONE_MINUS_EULER = 0.42278433509846713;

/** zeta(k) - 1 for k = 2, 3, ... */
const ZETA_MINUS_1 = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9,
];

/** Bernoulli numbers B2, B4, ... */
const BERNOULLI = /* @__PURE__ */ Array.of(
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
);

/** lgamma(2 + z) for |z| <= 1/2: (1 - gamma) z + sum over k >= 2 of (zeta(k) - 1) (-z)^k / k (5.7.3). */
function lgammaNearTwo(z: number): number {
  let sum = 0;
  for (let i = ZETA_MINUS_1.length - 1; i >= 0; i--) sum = ZETA_MINUS_1[i] / (i + 2) - z * sum;
  return z * (ONE_MINUS_EULER + z * sum);
}

/** The sum of B2k / (2k (2k - 1) x^(2k - 1)), what Stirling's formula lacks (5.11.1), for x >= 10: 8 terms. @internal */
export function stirlingSum(x: number): number {
  const s = 1 / (x * x);
  let sum = 0;
  for (let k = 8; k >= 1; k--) sum = BERNOULLI[k - 1] / (2 * k * (2 * k - 1)) + s * sum;
  return sum / x;
}

/** log(x) (x - 1/2) - x + log(2 pi) / 2 + stirlingSum(x), for x >= 10. */
function lgammaLarge(x: number): number {
  if (x > 1e17) return x * (Math.log(x) - 1);
  return (x - 0.5) * (Math.log(x) - 1) + STIRLING_CONSTANT + stirlingSum(x);
}

/** sin(pi x) for x >= 0; exactly 0 at integers. */
function sinPi(x: number): number {
  const r = x % 1;
  return r <= 0.25 ? Math.sin(Math.PI * r) : r <= 0.75 ? Math.cos(Math.PI * (r - 0.5)) : Math.sin(Math.PI * (1 - r));
}

/** cot(pi x), x not an integer; exactly 0 at half integers. */
function cotPi(x: number): number {
  const r = x - Math.round(x);
  return Math.abs(r) < 0.25 ? 1 / Math.tan(Math.PI * r) : Math.tan(Math.PI * (r > 0 ? 0.5 - r : -0.5 - r));
}

/**
 * The logarithm of the absolute value of the gamma function.
 *
 * `lgamma(x) = log |Gamma(x)|`; its derivative is digamma(x).
 *
 * Method: Taylor series about 2 with log1p and log for -0.5 < x < 2.5, recurrence up to 10, Stirling's series from 10,
 * reflection below -0.5. Error for x > 0 below 3 units of 2^-52, relative (also about the zeros 1 and 2); for x < 0 below 5 units,
 * relative to max(1, |lgamma|) (measured on 2500 points).
 * Special values: lgamma(1) = lgamma(2) = 0; Infinity at 0, -1, -2, ... and at both infinities; NaN gives NaN.
 *
 * @see DLMF 5.5.3 (reflection), 5.7.3 (series), 5.11.1 (Stirling).
 * @internal
 */
export function lgamma(x: number): number {
  if (x >= 10) return lgammaLarge(x);
  if (x > 2.5) {
    let product = 1;
    let shifted = x;
    while (shifted > 2.5) {
      shifted -= 1;
      product *= shifted;
    }
    return Math.log(product) + lgammaNearTwo(shifted - 2);
  }
  if (x >= 1.5) return lgammaNearTwo(x - 2);
  if (x >= 0.5) return lgammaNearTwo(x - 1) - Math.log1p(x - 1);
  if (x > -0.5) return lgammaNearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (!(x > -Infinity)) return -x;
  const sine = sinPi(-x);
  if (sine === 0) return Infinity;
  return LOG_PI - Math.log(Math.abs(x) * sine) - lgamma(-x);
}

/**
 * The logarithmic derivative of the gamma function; its own derivative is polygamma(1, x).
 *
 * Method: recurrence up to 10, then the asymptotic series; reflection below 0. Error below 7 units of 2^-52, relative to max(1, |digamma|)
 * (measured on 2500 points): absolute about its zeros.
 * Special values: digamma(+-0) = -+Infinity; NaN at -1, -2, ... (the sides differ), at -Infinity and at NaN; digamma(Infinity) = Infinity.
 *
 * @see DLMF 5.5.2 (recurrence), 5.5.4 (reflection), 5.11.2 (series). Poles as in SciPy.
 * @internal
 */
export function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) return Number.isInteger(x) || x === -Infinity ? NaN : digamma(1 - x) - Math.PI * cotPi(x);
  let shifted = x;
  let sum = 0;
  while (shifted < 10) {
    sum -= 1 / shifted;
    shifted += 1;
  }
  return sum + (Math.log(shifted) - 0.5 / shifted - digammaSum(shifted));
}

/** The sum of B2k / (2k x^2k), what log(x) - 1 / (2 x) is above digamma (5.11.2), for x >= 10: 8 terms. @internal */
export function digammaSum(x: number): number {
  const s = 1 / (x * x);
  let sum = 0;
  for (let k = 8; k >= 1; k--) sum = s * (BERNOULLI[k - 1] / (2 * k) + sum);
  return sum;
}

/**
 * The n-th derivative of digamma, for an integer n >= 0; its own derivative is polygamma(n + 1, x).
 *
 * Method: recurrence up to n + 10, then the asymptotic series; reflection below 0 with the derivatives of cot. Error
 * below 3 + n units of 2^-52, relative to max(1, |polygamma|) (measured for n = 1 to 6, 10, 20).
 * Special values: at the poles 0, -1, -2, ... Infinity for odd n; for even n, where the sides differ, polygamma(n, +-0) = -+Infinity and
 * NaN at the others. polygamma(n, Infinity) = 0 for n >= 1; NaN at -Infinity, at NaN, and where n is not an integer >= 0.
 *
 * @see DLMF 5.15: 5.15.5 (recurrence), 5.15.6 (reflection), 5.15.8 (series, differentiated).
 * @internal
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (!(Number.isInteger(n) && n > 0) || x === -Infinity) return NaN;
  const sign = n % 2 === 0 ? -1 : 1;
  if (x <= 0 && Number.isInteger(x)) return sign > 0 ? Infinity : x === 0 ? -1 / x : NaN;
  if (x > 0) return sign * hurwitz(n, x);
  if (n > FACTORIALS) {
    // Beyond all numbers, but halfway between two poles, where they cancel.
    const away = x - Math.round(x);
    if (sign > 0) return Infinity;
    return Math.abs(away) === 0.5 ? -hurwitz(n, 1 - x) : away > 0 ? -Infinity : Infinity;
  }
  return sign * Math.PI ** (n + 1) * cotDerivative(n, cotPi(x)) - hurwitz(n, 1 - x);
}

/** n! zeta(n + 1, x), the absolute value of polygamma(n, x), for x > 0. */
function hurwitz(n: number, x: number): number {
  let shifted = x;
  let sum = 0;
  while (shifted < n + 10) {
    const term = (factorialOverPower(n, shifted) * n) / shifted;
    sum += term;
    // All that follow add up to at most shifted / n times this one.
    if (!(term > 2 ** -60 * sum)) return sum;
    shifted += 1;
  }
  const s = 1 / (shifted * shifted);
  let series = 1 + n / (2 * shifted);
  let rising = 1;
  for (let k = 1; k <= BERNOULLI.length; k++) {
    rising *= (((n + 2 * k - 2) * (n + 2 * k - 1)) / ((2 * k - 1) * (2 * k))) * s;
    series += BERNOULLI[k - 1] * rising;
  }
  return sum + factorialOverPower(n, shifted) * series;
}

/** The largest n whose factorial is a number. */
const FACTORIALS = 170;

/** (n - 1)! / x^n, without overflow on the way. */
function factorialOverPower(n: number, x: number): number {
  if (n > FACTORIALS) return Math.exp(lgamma(n) - n * Math.log(x));
  let result = 1 / x;
  for (let i = 1; i < n; i++) result *= i / x;
  return result;
}

/** (-d/dt)^n cot(t) as a function of c = cot(t): a polynomial, since (-d/dt) P(c) = (1 + c^2) P'(c). No coefficient is negative. */
function cotDerivative(n: number, c: number): number {
  let coefficients = [0, 1];
  for (let step = 0; step < n; step++) {
    const next = new Array<number>(coefficients.length + 1).fill(0);
    for (let i = 1; i < coefficients.length; i++) {
      next[i - 1] += i * coefficients[i];
      next[i + 1] += i * coefficients[i];
    }
    coefficients = next;
  }
  // From the highest coefficient on: 0 times an infinite c would be NaN.
  let value = coefficients[n + 1];
  for (let i = n; i >= 0; i--) value = coefficients[i] + c * value;
  return value;
}

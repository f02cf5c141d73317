/*
 * The logarithm and the normal quantile for random numbers. Only + - * / and Math.sqrt are used, which IEEE 754 rounds exactly, so
 * the results are the same, bit for bit, on every machine; Math.log and Math.cos are not.
 */

const TWO_32 = 4294967296;
const LN2_HIGH = 0.6931471803691238; // the first 32 bits of log(2): its multiples by exponents are exact
const LN2_LOW = 1.9082149292705877e-10;

/**
 * The natural logarithm of a positive finite number, the same bits on every machine, unlike Math.log.
 *
 * Method: x = 2^e m with sqrt(1/2) <= m < sqrt(2), then log(m) = 2 artanh(s) with s = (m - 1) / (m + 1), by its series in s^2
 * up to s^23. Relative error below 2 units of 2^-52 (measured on 1450 points).
 * Slow far from 1: one step for every power of 2, of 2^32 beyond 2^+-32.
 *
 * @internal
 */
export function logPortable(x: number): number {
  let m = x;
  let e = 0;
  while (m < 1 / TWO_32) {
    m *= TWO_32;
    e -= 32;
  }
  while (m > TWO_32) {
    m /= TWO_32;
    e += 32;
  }
  while (m < Math.SQRT1_2) {
    m *= 2;
    e -= 1;
  }
  while (m >= Math.SQRT2) {
    m /= 2;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = z * (1 / k + series);
  return e * LN2_HIGH + (e * LN2_LOW + 2 * (s + s * series));
}

/**
 * The quantile of the standard normal distribution, the same bits on every machine.
 *
 * Method: rational approximations in (p - 1/2)^2 for |p - 1/2| <= 0.425, in sqrt(-log(min(p, 1 - p))) beyond. Relative error below 3 units
 * of 2^-52, absolute about 1/2 (measured on 650 points from 1e-300).
 * Special values: 0 gives -Infinity, 1 Infinity, what lies outside [0, 1] NaN.
 *
 * @see M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Appl. Statist. 37 (1988) (PPND16).
 * @internal
 */
export function normalQuantile(p: number): number {
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (!(p > 0 && p < 1)) return NaN;
  return p <= 0.5 ? lowerNormalQuantile(p) : -lowerNormalQuantile(1 - p);
}

/** The quantile for 0 < p <= 1/2. @internal */
export function lowerNormalQuantile(p: number): number {
  const q = p - 0.5;
  return q >= -0.425 ? middleQuantile(q, 0.180625 - q * q) : -tailQuantile(Math.sqrt(-logPortable(p)));
}

/** The quantile of p = 1/2 + q, for s = 0.425^2 - q^2 >= 0; linear in the argument q. @internal */
export function middleQuantile(q: number, s: number): number {
  return (
    (q *
      evaluate(
        s,
        3.387132872796366608,
        133.14166789178437745,
        1971.5909503065514427,
        13731.693765509461125,
        45921.953931549871457,
        67265.770927008700853,
        33430.575583588128105,
        2509.0809287301226727,
      )) /
    evaluate(
      s,
      1,
      42.313330701600911252,
      687.1870074920579083,
      5394.1960214247511077,
      21213.794301586595867,
      39307.89580009271061,
      28729.085735721942674,
      5226.495278852854561,
    )
  );
}

/** The quantile of 1 - p < 0.075, from r = sqrt(-log(p)). @internal */
export function tailQuantile(r: number): number {
  if (r <= 5) {
    const s = r - 1.6;
    return (
      evaluate(
        s,
        1.42343711074968357734,
        4.6303378461565452959,
        5.7694972214606914055,
        3.64784832476320460504,
        1.27045825245236838258,
        0.24178072517745061177,
        0.0227238449892691845833,
        7.7454501427834140764e-4,
      ) /
      evaluate(
        s,
        1,
        2.05319162663775882187,
        1.6763848301838038494,
        0.68976733498510000455,
        0.14810397642748007459,
        0.0151986665636164571966,
        5.475938084995344946e-4,
        1.05075007164441684324e-9,
      )
    );
  }
  const s = r - 5;
  return (
    evaluate(
      s,
      6.6579046435011037772,
      5.4637849111641143699,
      1.7848265399172913358,
      0.29656057182850489123,
      0.026532189526576123093,
      0.0012426609473880784386,
      2.71155556874348757815e-5,
      2.01033439929228813265e-7,
    ) /
    evaluate(
      s,
      1,
      0.59983220655588793769,
      0.13692988092273580531,
      0.0148753612908506148525,
      7.868691311456132591e-4,
      1.8463183175100546818e-5,
      1.4215117583164458887e-7,
      2.04426310338993978564e-15,
    )
  );
}

/** The polynomial c0 + c1 x + ... + c7 x^7. */
function evaluate(
  x: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  c4: number,
  c5: number,
  c6: number,
  c7: number,
): number {
  return c0 + x * (c1 + x * (c2 + x * (c3 + x * (c4 + x * (c5 + x * (c6 + x * c7))))));
}

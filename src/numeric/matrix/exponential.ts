import { gemm } from "./gemm";
import { factorSize, luFactorize, solveFactorized } from "./lu";

/** The Padé approximant of degree 13 of exp is p(x) / p(-x), with these coefficients of p. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];
/** Up to here it is exact to rounding, for a norm that powers of the matrix do not exceed. */
const BOUND = 4.25;
/** From this 1-norm on powers of the matrix might leave the range. */
const LARGE = 2 ** 120;
/** The first coefficient of its backward error, in units of rounding: that of x^27. */
const ROUNDING = 2 ** 53 / 1.132507756060211e35;

/** The largest sum of absolute values of a column of the leading block. */
function columnNorm(a: Float64Array, n: number, block: number): number {
  let norm = 0;
  for (let j = 0; j < block; j++) {
    let sum = 0;
    for (let i = 0; i < block; i++) sum += Math.abs(a[i * n + j]);
    if (!(sum <= norm)) norm = sum;
  }
  return norm;
}

/** How often to halve beyond that, so that rounding in the powers of |a| does not matter. */
function halvingsForRounding(a: Float64Array, n: number, block: number, norm: number): number {
  let sums = new Float64Array(block).fill(1);
  for (let k = 0; k < 27; k++) {
    const next = new Float64Array(block);
    for (let i = 0; i < block; i++) for (let j = 0; j < block; j++) next[j] += sums[i] * Math.abs(a[i * n + j]);
    sums = next;
  }
  const growth = (ROUNDING * Math.max(0, ...sums)) / norm;
  return growth > 1 ? Math.min(64, Math.ceil(Math.log2(growth) / 26)) : 0;
}

/**
 * The exponential of the n by n matrix `a`, by rows. How far it is scaled is decided by its leading `block` rows and columns: all of
 * it, or, where a is block upper triangular with that block all along its diagonal, the part that its exponential does not vary
 * with linearly.
 *
 * Method: scaling by a power of 2, chosen by the size of powers of a, the Padé approximant of degree 13, squaring. A matrix that is
 * not finite gives NaN.
 *
 * @see N. J. Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26 (2005);
 * A. H. Al-Mohy, N. J. Higham, "A new scaling and squaring algorithm for the matrix exponential", the same 31 (2009).
 * @internal
 */
export function matrixExponential(a: Float64Array, n: number, block: number): Float64Array {
  const norm = columnNorm(a, n, block);
  if (!a.every(Number.isFinite)) return new Float64Array(n * n).fill(Number.NaN);
  const first = norm > LARGE ? Math.ceil(Math.log2(norm / BOUND)) : 0;
  const times = (x: Float64Array, y: Float64Array): Float64Array => {
    const product = new Float64Array(n * n);
    gemm(product, 0, x, 0, n, 1, y, 0, n, 1, n, n, n, false);
    return product;
  };
  // In two steps: a power of 2 may be too small for a number.
  let a1: Float64Array = a.map((x) => x * 2 ** -(first >> 1) * 2 ** -(first - (first >> 1)));
  let a2 = times(a1, a1);
  let a4 = times(a2, a2);
  let a6 = times(a4, a2);
  // Powers of a matrix that is far from normal are smaller than its norm says.
  const size = Math.max(columnNorm(a4, n, block) ** (1 / 4), columnNorm(a6, n, block) ** (1 / 6));
  const more = size > BOUND ? Math.ceil(Math.log2(size / BOUND)) : 0;
  const halved = a1.map((x) => x * 2 ** -more);
  const halvings = more + halvingsForRounding(halved, n, block, columnNorm(halved, n, block));
  const scaled = (x: Float64Array, power: number): Float64Array => x.map((y) => y * 2 ** (-power * halvings));
  [a1, a2, a4, a6] = [scaled(a1, 1), scaled(a2, 2), scaled(a4, 4), scaled(a6, 6)];
  /** c0 I + c2 a2 + c4 a4 + c6 a6 with every other coefficient from `first` on. */
  const combined = (first: number, withIdentity: boolean): Float64Array =>
    a2.map((x, i) => {
      const sum = PADE[first + 2] * x + PADE[first + 4] * a4[i] + PADE[first + 6] * a6[i];
      return withIdentity && i % (n + 1) === 0 ? sum + PADE[first] : sum;
    });
  const [high, low] = [times(a6, combined(7, false)), times(a6, combined(6, false))];
  const odd = times(
    a1,
    combined(1, true).map((x, i) => x + high[i]),
  );
  const even = combined(0, true).map((x, i) => x + low[i]);
  const factors = new Float64Array(factorSize(n));
  for (let i = 0; i < n * n; i++) factors[i] = even[i] - odd[i];
  luFactorize(factors, 0, n);
  let y: Float64Array = even.map((x, i) => x + odd[i]);
  solveFactorized(factors, 0, n, y, 0, n, false, new Float64Array(n * n));
  for (let k = 0; k < first + halvings; k++) y = times(y, y);
  return y;
}

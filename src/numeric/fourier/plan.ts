import { type Pass, type Roots, runPass } from "./passes";

/** What a transform of one length needs to know. @internal */
export interface Plan {
  readonly length: number;
  readonly passes: readonly Pass[];
  readonly roots: Roots;
  /** A length with a large prime factor is done as a convolution. */
  readonly convolution: Convolution | null;
  /** How many elements a line takes in the buffers. */
  readonly room: number;
}

/** The transform as a convolution with exp(i pi k^2 / n), done by transforms of a convenient length. */
interface Convolution {
  readonly plan: Plan;
  /** exp(i pi k^2 / n) for k = 0, ..., n - 1. */
  readonly chirp: Roots;
  /** The transform of the chirp, over the length. */
  readonly filter: { readonly re: Float64Array; readonly im: Float64Array };
}

/**
 * Where lines are transformed: elements, and room of the same size for the next pass; the two change places. @internal
 */
export interface Buffers {
  re: Float64Array;
  im: Float64Array;
  nextRe: Float64Array;
  nextIm: Float64Array;
}

/** Prime factors above this are slower by their sum than by a convolution. */
const LARGEST_RADIX = 13;
/**
 * How many elements the tables of one kind may hold that are kept for the next call; the last one is kept whatever its
 * size.
 */
const KEPT = 1 << 20;

/**
 * cos and sin of 2 pi k / n, each by a call of its own on an angle of at most pi / 4: errors of one unit or so, at
 * every k. (By recurrence they would grow with k.)
 */
function writeRoot({ cos, sin }: Roots, at: number, k: number, n: number): void {
  const quarter = Math.round((4 * k) / n);
  const angle = ((4 * k - quarter * n) * (Math.PI / 2)) / n;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  cos[at] = quarter % 4 === 0 ? c : quarter === 1 ? -s : quarter === 2 ? -c : s;
  sin[at] = quarter % 4 === 0 ? s : quarter === 1 ? c : quarter === 2 ? -s : -c;
}

/** Cosine and sine of 2 pi k / n for k = 0, ..., n - 1. */
function makeRoots(n: number): Roots {
  const roots = { cos: new Float64Array(n), sin: new Float64Array(n) };
  for (let k = 0; 2 * k <= n; k++) {
    writeRoot(roots, k, k, n);
    if (k === 0) continue;
    roots.cos[n - k] = roots.cos[k];
    roots.sin[n - k] = 2 * k === n ? 0 : -roots.sin[k];
  }
  return roots;
}

/** A function of a length that remembers what it made, as far as there is room. */
function remembered<T>(make: (n: number) => T, sizeOf: (made: T) => number): (n: number) => T {
  const known = new Map<number, T>();
  let held = 0;
  return (n) => {
    const found = known.get(n);
    if (found !== undefined) return found;
    const made = make(n);
    known.set(n, made);
    held += sizeOf(made);
    for (const [oldest, value] of known) {
      if (held <= KEPT || oldest === n) break;
      known.delete(oldest);
      held -= sizeOf(value);
    }
    return made;
  };
}

/** Roots of unity for those who combine the halves of a real transform. @internal */
export const rootsOf = /* @__PURE__ */ remembered(makeRoots, (roots) => 2 * roots.cos.length);

/** The plan for a length. @internal */
export const planOf = /* @__PURE__ */ remembered(makePlan, (plan) => 4 * plan.room);

/** Factors 4, 2, 3, 5 and odd primes up to LARGEST_RADIX; null where another prime is left. */
function radicesOf(n: number): number[] | null {
  const radices: number[] = [];
  let rest = n;
  for (const radix of [4, 2, 3, 5, 7, 11, LARGEST_RADIX]) {
    for (; rest % radix === 0 && rest > 1; rest /= radix) radices.push(radix);
  }
  return rest === 1 ? radices : null;
}

function makePlan(n: number): Plan {
  const radices = radicesOf(n);
  if (radices === null) {
    const convolution = makeConvolution(n);
    return { length: n, passes: [], roots: convolution.chirp, convolution, room: convolution.plan.length };
  }
  const passes: Pass[] = [];
  let size = n;
  for (const radix of radices) {
    passes.push({ radix, rest: size / radix, power: n / size });
    size /= radix;
  }
  return { length: n, passes, roots: makeRoots(n), convolution: null, room: n };
}

/** The smallest length of the form 2^a, 3 2^a or 5 2^a that is at least n. */
function convenient(n: number): number {
  const power = 2 ** Math.ceil(Math.log2(n));
  return (5 * power) / 8 >= n ? (5 * power) / 8 : (3 * power) / 4 >= n ? (3 * power) / 4 : power;
}

function makeConvolution(n: number): Convolution {
  const chirp = { cos: new Float64Array(n), sin: new Float64Array(n) };
  // k^2 modulo 2 n, of which k^2 itself need not be an exact number.
  for (let k = 0, square = 0; k < n; square = (square + 2 * k + 1) % (2 * n), k++) writeRoot(chirp, k, square, 2 * n);
  const plan = planOf(convenient(2 * n - 1));
  const m = plan.length;
  const [re, im] = [new Float64Array(m), new Float64Array(m)];
  for (let k = 0; k < n; k++) {
    re[k] = chirp.cos[k] / m;
    im[k] = chirp.sin[k] / m;
    if (k === 0) continue;
    re[m - k] = re[k];
    im[m - k] = im[k];
  }
  const buffers = { re, im, nextRe: new Float64Array(m), nextIm: new Float64Array(m) };
  transformForward(plan, 1, buffers);
  return { plan, chirp, filter: { re: buffers.re, im: buffers.im } };
}

/**
 * The sums over j of x[j] exp(-2 pi i j k / n), of `width` lines whose elements stand side by side: element j of line q
 * at j * width + q. In place, as far as the caller sees.
 *
 * Method: mixed radix with passes that sort themselves; a length with a prime factor above 13 as a convolution with a
 * chirp.
 * @see C. Van Loan, "Computational Frameworks for the Fast Fourier Transform" (1992), section 1.7; L. I. Bluestein, "A
 * linear filtering approach to the computation of discrete Fourier transform", IEEE Trans. Audio Electroacoust. 18
 * (1970).
 * @internal
 */
export function transformForward(plan: Plan, width: number, buffers: Buffers): void {
  if (plan.convolution !== null) {
    convolve(plan.length, plan.convolution, width, buffers);
    return;
  }
  let done = width;
  for (const pass of plan.passes) {
    const { re, im, nextRe, nextIm } = buffers;
    runPass(pass, done, plan.roots, re, im, nextRe, nextIm);
    buffers.re = nextRe;
    buffers.im = nextIm;
    buffers.nextRe = re;
    buffers.nextIm = im;
    done *= pass.radix;
  }
}

/** The same with exp(+2 pi i j k / n): exchanging the parts before and after turns one into the other. @internal */
export function transformBackward(plan: Plan, width: number, buffers: Buffers): void {
  exchange(buffers);
  transformForward(plan, width, buffers);
  exchange(buffers);
}

function exchange(buffers: Buffers): void {
  const { re, im } = buffers;
  buffers.re = im;
  buffers.im = re;
}

function convolve(n: number, { plan, chirp, filter }: Convolution, width: number, buffers: Buffers): void {
  const size = n * width;
  turnBack(buffers, chirp, n, width);
  buffers.re.fill(0, size, plan.length * width);
  buffers.im.fill(0, size, plan.length * width);
  transformForward(plan, width, buffers);
  const { re, im } = buffers;
  for (let k = 0, i = 0; k < plan.length; k++) {
    const c = filter.re[k];
    const s = filter.im[k];
    for (const end = i + width; i < end; i++) {
      const x = re[i];
      re[i] = x * c - im[i] * s;
      im[i] = x * s + im[i] * c;
    }
  }
  transformBackward(plan, width, buffers);
  turnBack(buffers, chirp, n, width);
}

/** Multiplies row k by exp(-i pi k^2 / n). */
function turnBack({ re, im }: Buffers, { cos, sin }: Roots, n: number, width: number): void {
  for (let k = 0, i = 0; k < n; k++) {
    const c = cos[k];
    const s = sin[k];
    for (const end = i + width; i < end; i++) {
      const x = re[i];
      re[i] = x * c + im[i] * s;
      im[i] = im[i] * c - x * s;
    }
  }
}

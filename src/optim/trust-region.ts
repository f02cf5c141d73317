import { lengthOf, solveUpper, solveUpperTransposed, triangularize } from "../numeric/matrix/householder";

/** Newton needs two or three; its bounds close in on the rest. */
const MOST_DAMPINGS = 10;

/** A least squares problem min |J p + f|, brought to triangular form. */
export interface Triangular {
  readonly size: number;
  /** R of J with permuted columns: r[i + j * rows]. */
  readonly r: Float64Array;
  readonly rows: number;
  readonly permutation: Int32Array;
  /** The leading elements of Q^T f. */
  readonly rhs: Float64Array;
}

/** J (column by column) and f in triangular form; both are left as they are. Rows of zeros make up for missing ones. */
export function factor(jacobian: Float64Array, f: Float64Array, size: number): Triangular {
  const rows = Math.max(f.length, size);
  const [r, b] = [new Float64Array(rows * size), new Float64Array(rows)];
  for (let j = 0; j < size; j++) r.set(jacobian.subarray(j * f.length, (j + 1) * f.length), j * rows);
  b.set(f);
  const permutation = new Int32Array(size);
  triangularize(r, rows, size, b, permutation);
  return { size, r, rows, permutation, rhs: b.slice(0, size) };
}

/** The damped problem min |J p + f|² + damping |D p|², by a QR factorization of R over sqrt(damping) D. */
function solveDamped(
  { size, r, rows, permutation, rhs }: Triangular,
  scale: Float64Array,
  damping: number,
): { z: Float64Array; s: Float64Array } {
  const s = new Float64Array(2 * size * size);
  const b = new Float64Array(2 * size);
  b.set(rhs);
  const root = Math.sqrt(damping);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i <= j; i++) s[i + j * 2 * size] = r[i + j * rows];
    s[size + j + j * 2 * size] = root * scale[permutation[j]];
  }
  triangularize(s, 2 * size, size, b);
  return { z: solveUpper(s, 2 * size, b.subarray(0, size), size), s };
}

/** How many columns, in their order, are independent up to rounding. */
function rankOf({ size, r, rows }: Triangular): number {
  const least = Math.abs(r[0]) * rows * 2 ** -53;
  for (let j = 0; j < size; j++) if (!(Math.abs(r[j + j * rows]) > least)) return j;
  return size;
}

/** A step to try. */
export interface Step {
  /** To be subtracted from the parameters. */
  readonly step: Float64Array;
  /** |D step|. */
  readonly length: number;
  readonly damping: number;
}

function stepOf({ permutation }: Triangular, scale: Float64Array, z: Float64Array, damping: number): Step {
  const step = new Float64Array(z.length);
  for (let j = 0; j < z.length; j++) step[permutation[j]] = z[j];
  return { step, length: lengthOf(step.map((x, j) => x * scale[j])), damping };
}

/** The derivative of |D p| by the damping, over |D p|, is minus the square of this: |R^-T P^T D (D p) / |D p||. */
function bend({ permutation }: Triangular, scale: Float64Array, step: Step, r: Float64Array, rows: number): number {
  const normal = Float64Array.from(permutation, (j) => scale[j] * ((scale[j] * step.step[j]) / step.length));
  return lengthOf(solveUpperTransposed(r, rows, normal));
}

/** |D^-1 J^T f|. */
function steepnessOf({ r, rows, permutation, rhs }: Triangular, scale: Float64Array): number {
  const gradient = Float64Array.from(permutation, (column, j) => {
    let sum = 0;
    for (let i = 0; i <= j; i++) sum += r[i + j * rows] * rhs[i];
    return sum / scale[column];
  });
  return lengthOf(gradient);
}

/**
 * The step that minimizes |J p + f| within |D p| <= radius, up to a tenth of the radius: the undamped one if it is short
 * enough, else the damped one of that length, found by Newton's iteration on 1/|D p| - 1/radius with bounds.
 *
 * @see J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", Numerical Analysis, Lecture Notes in
 * Mathematics 630 (1978); MINPACK's lmpar, with reflections where that has rotations
 */
export function trustRegionStep(problem: Triangular, scale: Float64Array, radius: number, damping: number): Step {
  const { size, r, rows, rhs } = problem;
  const rank = rankOf(problem);
  let now = stepOf(problem, scale, solveUpper(r, rows, rhs, rank), 0);
  let excess = now.length - radius;
  if (excess <= 0.1 * radius) return now;

  let lower = rank < size ? 0 : excess / radius / bend(problem, scale, now, r, rows) ** 2;
  const steepness = steepnessOf(problem, scale);
  let upper = steepness / radius || Number.MIN_VALUE / Math.min(radius, 0.1);
  let par = Math.min(Math.max(damping, lower), upper) || steepness / now.length;
  for (let i = 0; i < MOST_DAMPINGS; i++) {
    par ||= Math.max(Number.MIN_VALUE, 0.001 * upper);
    const { z, s } = solveDamped(problem, scale, par);
    now = stepOf(problem, scale, z, par);
    const before = excess;
    excess = now.length - radius;
    if (Math.abs(excess) <= 0.1 * radius || (lower === 0 && excess <= before && before < 0)) break;
    if (excess > 0) lower = Math.max(lower, par);
    else upper = Math.min(upper, par);
    par = Math.max(lower, par + excess / radius / bend(problem, scale, now, s, 2 * size) ** 2);
  }
  return now;
}

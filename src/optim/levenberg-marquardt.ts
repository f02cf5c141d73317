import { lengthOf } from "../numeric/matrix/householder";
import type { Reason } from "./outcome";
import { factor, type Step, trustRegionStep } from "./trust-region";

/** A least squares problem in plain numbers. */
export interface Residuals {
  /** f(x). */
  value(x: Float64Array): Float64Array;
  /** Its Jacobian, column by column. */
  jacobian(x: Float64Array): Float64Array;
}

export interface LevenbergMarquardtOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
  /** First radius, as a multiple of the scaled length of the start. */
  readonly radius: number;
  /** Whether to go on; told after every step tried. */
  onStep(state: { iteration: number; x: Float64Array; norm: number; gradientNorm: number; stepNorm: number }): boolean;
}

export interface Fit {
  readonly x: Float64Array;
  /** |f(x)|. */
  readonly norm: number;
  readonly iterations: number;
  readonly reason: Reason;
}

const EPSILON = 2 ** -52;
/** What rounding errors of a sum of squares may be, relatively. */
const ROUNDING = 2 ** -44;
/** The fraction of the predicted decrease that a step must achieve. */
const LEAST_RATIO = 1e-4;
/** A start near 0 gives no scale: then the first radius is what changes the residuals by this share. */
const LEAST_SHARE = 0.01;
const isFiniteArray = (x: Float64Array): boolean => x.every(Number.isFinite);

interface Linearized {
  readonly x: Float64Array;
  readonly f: Float64Array;
  readonly norm: number;
  readonly jacobian: Float64Array;
  readonly columnNorms: Float64Array;
  /** J^T f, and the largest cosine between f and a column of J. */
  readonly gradientNorm: number;
  readonly cosine: number;
}

function linearize(problem: Residuals, x: Float64Array, f: Float64Array): Linearized | null {
  const jacobian = problem.jacobian(x);
  if (!isFiniteArray(jacobian)) return null;
  const rows = f.length;
  const norm = lengthOf(f);
  const columnNorms = x.map((_, j) => lengthOf(jacobian, j * rows, (j + 1) * rows));
  let cosine = 0;
  const gradient = x.map((_, j) => {
    let sum = 0;
    if (norm > 0) for (let i = 0; i < rows; i++) sum += jacobian[j * rows + i] * (f[i] / norm);
    if (columnNorms[j] > 0) cosine = Math.max(cosine, Math.abs(sum) / columnNorms[j]);
    return sum * norm;
  });
  return { x, f, norm, jacobian, columnNorms, gradientNorm: lengthOf(gradient), cosine };
}

/** What came of a step, in parts of |f|²: forms that neither cancel nor overflow. */
interface Verdict {
  readonly actual: number;
  readonly predicted: number;
  readonly ratio: number;
  /** Of the linearized value along the step, for the parabola through both values. */
  readonly slope: number;
  /** The value grew tenfold, or is not finite. */
  readonly bad: boolean;
}

function judge(here: Linearized, { step, length, damping }: Step, norm: number): Verdict {
  const bad = !(0.1 * norm < here.norm);
  const actual = bad ? -1 : 1 - (norm / here.norm) ** 2;
  const linear = predictedChange(here, step) / here.norm;
  const damped = (Math.sqrt(damping) * length) / here.norm;
  const predicted = linear ** 2 + 2 * damped ** 2;
  const ratio = predicted === 0 ? 0 : actual / predicted;
  return { actual, predicted, ratio, slope: -(linear ** 2 + damped ** 2), bad };
}

/** |J p|. */
function predictedChange({ jacobian, f }: Linearized, step: Float64Array): number {
  const product = new Float64Array(f.length);
  for (let j = 0; j < step.length; j++) {
    for (let i = 0; i < f.length; i++) product[i] += jacobian[j * f.length + i] * step[j];
  }
  return lengthOf(product);
}

/** Radius and damping for the next step: smaller where the predicted decrease was not reached, larger where it was. */
function adapt({ actual, ratio, slope, bad }: Verdict, { length, damping }: Step, radius: number): [number, number] {
  if (ratio <= 0.25) {
    const vertex = actual >= 0 ? 0.5 : (0.5 * slope) / (slope + 0.5 * actual);
    const shrink = bad || !(vertex >= 0.1) ? 0.1 : vertex;
    return [shrink * Math.min(radius, 10 * length), damping / shrink];
  }
  return damping === 0 || ratio >= 0.75 ? [2 * length, 0.5 * damping] : [radius, damping];
}

/**
 * Levenberg and Marquardt's method in the form of Moré: steps minimize the linearized residuals within an ellipsoid
 * scaled by the longest columns seen; the ellipsoid grows and shrinks with how well the linearization predicted the
 * value. Values that are infinite or NaN are steps that failed.
 *
 * @see J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory" (1978); MINPACK's lmder
 */
export function levenbergMarquardt(problem: Residuals, start: Float64Array, options: LevenbergMarquardtOptions): Fit {
  const f = problem.value(start);
  const first = isFiniteArray(f) ? linearize(problem, start, f) : null;
  if (first === null) return { x: start, norm: Number.NaN, iterations: 0, reason: "nonFinite" };
  let here = first;
  let iteration = 0;
  let reason = arrived(here, options.tolerance);
  const scale = here.columnNorms.map((norm) => norm || 1);
  let radius = options.radius * Math.max(scaledLength(scale, start), LEAST_SHARE * here.norm);
  let damping = 0;
  let triangular = reason === null ? factor(here.jacobian, here.f, start.length) : null;
  while (reason === null && triangular !== null) {
    if (iteration >= options.maxIterations) {
      reason = "maxIterations";
      break;
    }
    iteration++;
    const step = trustRegionStep(triangular, scale, radius, damping);
    if (iteration === 1) radius = Math.min(radius, step.length);
    const x = here.x.map((xj, j) => xj - step.step[j]);
    const values = problem.value(x);
    const norm = lengthOf(values);
    const verdict = judge(here, step, norm);
    // Differences of values that are all rounding errors decide nothing: then the gradient does.
    const blind = verdict.predicted <= ROUNDING && Math.abs(verdict.actual) <= ROUNDING;
    const found = blind || verdict.ratio >= LEAST_RATIO ? linearize(problem, x, values) : null;
    const finite = Number.isFinite(norm) && (found !== null || verdict.ratio < LEAST_RATIO);
    const next = blind && found !== null && found.cosine >= here.cosine ? null : found;
    const bad = verdict.bad || !finite;
    const ratio = bad ? -1 : blind ? (next === null ? 0 : 1) : verdict.ratio;
    [radius, damping] = adapt({ ...verdict, ratio, bad }, step, radius);
    if (next !== null) {
      here = next;
      here.columnNorms.forEach((length, j) => {
        scale[j] = Math.max(scale[j], length);
      });
      reason = arrived(here, options.tolerance);
      if (reason === null) triangular = factor(here.jacobian, here.f, start.length);
    }
    const stepNorm = next === null ? 0 : lengthOf(step.step);
    const state = { iteration, x: here.x, norm: here.norm, gradientNorm: here.gradientNorm, stepNorm };
    if (!options.onStep(state)) reason = "stopped";
    reason ??= stalled(verdict, radius / scaledLength(scale, here.x), finite, options.tolerance);
  }
  return { x: here.x, norm: here.norm, iterations: iteration, reason: reason ?? "gradient" };
}

const scaledLength = (scale: Float64Array, x: Float64Array): number => lengthOf(x.map((xj, j) => scale[j] * xj));

function arrived({ norm, cosine }: Linearized, tolerance: number): Reason | null {
  if (norm === 0) return "value";
  return cosine <= tolerance ? "gradient" : null;
}

/** Whether steps have become too small to go on; `radius` is relative to the parameters. */
function stalled(
  { actual, predicted, ratio }: Verdict,
  radius: number,
  finite: boolean,
  tolerance: number,
): Reason | null {
  const least = Math.max(tolerance * tolerance, EPSILON);
  if (Math.abs(actual) <= least && predicted <= least && ratio <= 2) return "value";
  if (finite && radius <= tolerance) return "step";
  return radius <= EPSILON ? (finite ? "step" : "nonFinite") : null;
}

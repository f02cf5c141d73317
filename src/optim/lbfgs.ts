import { lengthOf } from "../numeric/matrix/householder";
import { CURVATURE, dot, type Evaluate, isFinitePoint, type Point, roundingOf, searchLine } from "./line-search";
import type { Reason } from "./outcome";

export interface LbfgsOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
  /** Whether to go on; told after every step. */
  onStep(state: { iteration: number; point: Point; stepNorm: number }): boolean;
}

export interface Descent {
  readonly point: Point;
  readonly iterations: number;
  readonly reason: Reason;
}

const EPSILON = 2 ** -52;
/** How many steps are remembered: more than 20 seldom helps. */
const MEMORY = 10;
const FIRST = 0.1;
const TINY = 2 ** -26;
const RISE = 10;

/** One step and the change of the gradient over it. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

const largest = (x: Float64Array): number => x.reduce((most, xi) => Math.max(most, Math.abs(xi)), 0);
const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((ai, i) => ai - b[i]);

function addMultiple(x: Float64Array, factor: number, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
}

/**
 * Minus the gradient times the approximate inverse Hessian (Nocedal and Wright, algorithm 7.4: two loops). Where nothing
 * is remembered yet, minus the gradient, as long as {@link firstLength} says.
 */
function directionOf(point: Point, pairs: readonly Pair[]): Float64Array {
  const q = point.gradient.map((g) => -g);
  const alphas = pairs.map(() => 0);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, sy } = pairs[k];
    alphas[k] = dot(s, q) / sy;
    addMultiple(q, -alphas[k], y);
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? firstLength(point) / largest(q) : last.sy / dot(last.y, last.y);
  const r = q.map((x) => scale * x);
  pairs.forEach(({ s, y, sy }, k) => {
    addMultiple(r, alphas[k] - dot(y, r) / sy, s);
  });
  return r;
}

/**
 * How far to go first, in the unit of the parameters: a share of their size, or, where they are 0, of what would bring a
 * linear function to 0; also where they are so small that they are as good as 0. The line search goes further or less far.
 *
 * @see W. W. Hager, H. Zhang, "Algorithm 851: CG_DESCENT", ACM Transactions on Mathematical Software 32 (2006), rule I0
 */
function firstLength({ x, value, gradient }: Point): number {
  const [size, reach] = [largest(x), Math.abs(value) / largest(gradient)];
  return FIRST * (size === 0 ? reach || 1 : Math.max(size, TINY * reach));
}

/** The steps remembered, and the last one if the function curves upwards along it. */
function remember(pairs: readonly Pair[], from: Point, to: Point): Pair[] {
  const [s, y] = [difference(to.x, from.x), difference(to.gradient, from.gradient)];
  const sy = dot(s, y);
  return sy > EPSILON * lengthOf(s) * lengthOf(y) ? [...pairs.slice(1 - MEMORY), { s, y, sy }] : [...pairs];
}

/**
 * The limited-memory BFGS method.
 *
 * @see D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical Programming
 * 45 (1989)
 */
export function lbfgs(evaluate: Evaluate, start: Float64Array, options: LbfgsOptions): Descent {
  const { maxIterations, tolerance, onStep } = options;
  let point = evaluate(start);
  let iterations = 0;
  let pairs: Pair[] = [];
  const done = (reason: Reason): Descent => ({ point, iterations, reason });
  if (!isFinitePoint(point)) return done("nonFinite");
  const steepest = largest(point.gradient);
  // A direction with a gradient as small as that may be one that is curved as little: one more step tells.
  let flat = false;
  for (;;) {
    const flatBefore = flat;
    flat = isFlat(point, pairs, steepest, tolerance);
    const asked = flatBefore || iterations === 0 || largest(point.gradient) === 0;
    if (flat && (asked || iterations >= maxIterations)) return done("gradient");
    if (iterations >= maxIterations) return done("maxIterations");
    const found = descend(evaluate, point, pairs);
    if (typeof found === "string") return done(flat ? "gradient" : found);
    const before = point;
    point = found.point;
    pairs = remember(found.pairs, before, point);
    iterations++;
    const stepNorm = lengthOf(difference(point.x, before.x));
    if (!onStep({ iteration: iterations, point, stepNorm })) return done("stopped");
    const stall = stalled(before, point, tolerance);
    if (stall !== null && !flat) return done(stall);
  }
}

/** The least change, relatively, that is looked at. */
const leastOf = (tolerance: number): number => Math.max(tolerance * tolerance, EPSILON);

/**
 * Whether the gradient is as good as zero: it is small beside that at the start, and the step that it asks for is small
 * beside the parameters; where they go to 0, it is smaller still. Neither question has a unit.
 */
function isFlat(point: Point, pairs: readonly Pair[], steepest: number, tolerance: number): boolean {
  const share = largest(point.gradient) / steepest;
  if (!(share > leastOf(tolerance))) return true;
  return share <= tolerance && largest(directionOf(point, pairs)) <= tolerance * largest(point.x);
}

/** A step along the quasi-Newton direction; if that leads nowhere, along the gradient with nothing remembered. */
function descend(
  evaluate: Evaluate,
  from: Point,
  pairs: readonly Pair[],
): { point: Point; pairs: readonly Pair[] } | Reason {
  let finite = false;
  const counted: Evaluate = (x) => {
    const point = evaluate(x);
    finite ||= isFinitePoint(point);
    return point;
  };
  for (const memory of pairs.length === 0 ? [pairs] : [pairs, []]) {
    const direction = directionOf(from, memory);
    const slope = dot(from.gradient, direction);
    if (!(slope < 0)) continue;
    const point = searchLine(counted, { from, direction, slope });
    if (point !== null) return { point, pairs: memory };
    // What a step could have gained is less than rounding errors of the value.
    if (-slope <= 4 * roundingOf(from)) return "value";
  }
  return finite ? "lineSearch" : "nonFinite";
}

/**
 * Whether a step has changed too little to go on. Where values agree to rounding, a gradient that falls still leads on; so does
 * one that rises much: the step was too long, and tells the curvature.
 */
function stalled(before: Point, after: Point, tolerance: number): Reason | null {
  const least = leastOf(tolerance);
  const size = Math.max(Math.abs(before.value), Math.abs(after.value));
  const ratio = largest(after.gradient) / largest(before.gradient);
  if (ratio > CURVATURE && ratio < RISE && Math.abs(before.value - after.value) <= least * size) return "value";
  return largest(difference(after.x, before.x)) <= least * largest(after.x) ? "step" : null;
}

import { digits, formatNumber } from "../base/format";
import { sizeOf } from "../base/shape";
import type { Tolerance } from "./options";
import type { Probe } from "./probe";
import { leafOf, valuesAt } from "./subject";

/** What a check found wrong. */
export interface Complaint {
  /** What is said of it, behind the name of the op. */
  readonly text: string;
  /** The rule that is to blame: "jvp", "vjp", "batch", … */
  readonly rule: string;
  /** Position of the leaf among the inputs, null where it is not one of them. */
  readonly input: number | null;
  readonly got: unknown;
  readonly want: unknown;
  readonly hint: string;
}

/** Two numbers that should be the same, and how far apart they may be. */
interface Pair {
  readonly got: number;
  readonly want: number;
  readonly bound: number;
}

/** Part of the tolerance that is relative to the largest element of the result, where a smaller one is looked at. */
const SHARE = 0.01;
/** Leaves of more elements than this are not searched for the one that is worst. */
const SEARCHED = 64;

const agree = ({ got, want, bound }: Pair): boolean => Math.abs(got - want) <= bound || Object.is(got, want);

const sumOf = (numbers: ArrayLike<number>, others: ArrayLike<number>): number =>
  Array.from(numbers).reduce((total, x, i) => total + x * others[i], 0);
const sizeOfTerms = (numbers: ArrayLike<number>, others: ArrayLike<number>): number =>
  Array.from(numbers).reduce((total, x, i) => total + Math.abs(x * others[i]), 0);

function boundOf(want: number, scale: number, error: number, tolerance: Tolerance): number {
  const granted = Math.min(4 * error, tolerance.granted * scale + tolerance.absolute * 1000);
  return tolerance.absolute + tolerance.relative * (Math.abs(want) + SHARE * scale) + granted;
}

/** The jvp beside the difference: one pair for each element of the result. */
function forwardPairs(probe: Probe, tolerance: Tolerance): Pair[] {
  const { value, error } = probe.difference;
  const scale = largestOf(value);
  return Array.from(probe.tangent, (got, j) => ({
    got,
    want: value[j],
    bound: boundOf(value[j], scale, error[j], tolerance),
  }));
}

/** <xBar, xDot> of the vjp beside <yBar, difference>. */
function reversePair(probe: Probe, tolerance: Tolerance): Pair {
  const { value, error } = probe.difference;
  const got = probe.cotangents.reduce((total, xBar, k) => total + sumOf(xBar, probe.direction[k]), 0);
  const want = sumOf(probe.cotangent, value);
  const scale = sizeOfTerms(probe.cotangent, value);
  return { got, want, bound: boundOf(want, scale, sizeOfTerms(probe.cotangent, error), tolerance) };
}

/** <xBar, xDot> of the vjp beside <yBar, yDot> of the jvp. */
function adjointPair(probe: Probe, tolerance: Tolerance): Pair {
  const got = probe.cotangents.reduce((total, xBar, k) => total + sumOf(xBar, probe.direction[k]), 0);
  const want = sumOf(probe.cotangent, probe.tangent);
  const terms = probe.cotangents.reduce((total, xBar, k) => total + sizeOfTerms(xBar, probe.direction[k]), 0);
  const scale = terms + sizeOfTerms(probe.cotangent, probe.tangent);
  return { got, want, bound: tolerance.absolute + tolerance.relative * (Math.abs(want) + scale) * 0.05 };
}

/** Whether what is asked agrees; false too where finding out throws. */
function holds(question: () => boolean): boolean {
  try {
    return question();
  } catch {
    return false;
  }
}

/** What the three ways of differentiating say about each other: worked out, not guessed. */
function verdict(probe: Probe, tolerance: Tolerance): string {
  const forward = holds(() => forwardPairs(probe, tolerance).every(agree));
  const reverse = holds(() => agree(reversePair(probe, tolerance)));
  if (!(forward && reverse) && holds(() => probe.turns)) return KINK;
  if (forward && !reverse) return "The jvp agrees with a central difference, the vjp does not: look at the vjp.";
  if (reverse && !forward) return "The vjp agrees with a central difference, the jvp does not: look at the jvp.";
  if (forward && reverse) return "Both agree with a central difference, but not closely enough with each other.";
  const { value, error } = probe.difference;
  const worst = largestOf(error);
  if (worst > tolerance.granted * largestOf(value) + tolerance.absolute * 1000) {
    return `The difference is itself uncertain by ${formatNumber(worst)}: the edge of the domain may be near, or the function be rough.`;
  }
  return holds(() => agree(adjointPair(probe, tolerance)))
    ? "The jvp and the vjp agree with each other: what they are the derivative of is not this value."
    : "Neither the jvp nor the vjp agrees with a central difference, nor with the other.";
}

const KINK = "The point is a kink or a jump, where there is no derivative to compare with: choose another.";
const largestOf = (numbers: Float64Array): number => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The leaf that moves, in words. */
const moverOf = ({ leaf, subject }: Probe): string =>
  leaf === null ? "all inputs together" : subject.leaves[leaf].path;

const placeOf = (position: number, shape: readonly number[]): string => {
  const index: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index.length === 0 ? "" : ` at [${index.join(", ")}]`;
};

/** Position of the j-th of all elements of the result. */
function outputPlace({ subject }: Probe, j: number): string {
  const ys = subject.call(valuesAt(subject)).map((y) => leafOf("", y));
  let from = 0;
  for (const [k, { shape }] of ys.entries()) {
    const name = ys.length === 1 ? "the output" : `output ${k}`;
    if (j < from + sizeOf(shape))
      return shape.length > 0 ? `${placeOf(j - from, shape)} of ${name}` : ys.length === 1 ? "" : ` at ${name}`;
    from += sizeOf(shape);
  }
  return "";
}

/** The one element of the leaf for which two ways of differentiating differ most, where that can be searched. */
function worstOf(probe: Probe, leaf: number, pairAt: (one: Probe) => Pair): [position: number, pair: Pair] | null {
  const size = probe.subject.point[leaf].length;
  let worst: [number, Pair] | null = null;
  for (let i = 0; i < Math.min(size, SEARCHED); i++) {
    const pair = pairAt(probe.along(leaf, i));
    if (agree(pair)) continue;
    const off = ([, { got, want }]: [number, Pair]) => Math.abs(got - want);
    if (worst === null || off([i, pair]) > off(worst)) worst = [i, pair];
  }
  return worst;
}

function complaint(probe: Probe, rule: string, said: string, pair: Pair, tolerance: Tolerance): Complaint {
  const { got, want } = pair;
  return {
    text: `the ${rule} of ${moverOf(probe)} ${said}`,
    rule,
    input: probe.leaf,
    got,
    want,
    hint: verdict(probe, tolerance),
  };
}

/** The jvp against a central difference. */
export function checkForward(probe: Probe, name: string, tolerance: Tolerance): Complaint | null {
  const pairs = forwardPairs(probe, tolerance);
  const j = pairs.findIndex((pair) => !agree(pair));
  if (j < 0) return null;
  const { got, want } = pairs[j];
  const place = outputPlace(probe, j);
  return complaint(
    probe,
    name,
    `gives ${digits(got)}${place}, a central difference ${digits(want)}`,
    pairs[j],
    tolerance,
  );
}

/** The vjp against a central difference. */
export function checkReverse(probe: Probe, name: string, tolerance: Tolerance): Complaint | null {
  return checkBack(probe, name, tolerance, reversePair, "a central difference");
}

/** The vjp against the jvp: <yBar, J xDot> is <transpose(J) yBar, xDot>. */
export function checkAdjoint(probe: Probe, name: string, tolerance: Tolerance): Complaint | null {
  return checkBack(probe, name, tolerance, adjointPair, "the jvp");
}

function checkBack(
  probe: Probe,
  name: string,
  tolerance: Tolerance,
  pairOf: (probe: Probe, tolerance: Tolerance) => Pair,
  other: string,
): Complaint | null {
  const pair = pairOf(probe, tolerance);
  if (agree(pair)) return null;
  const { leaf } = probe;
  const worst = leaf === null ? null : worstOf(probe, leaf, (one) => pairOf(one, tolerance));
  if (leaf !== null && worst !== null) {
    const [position, { got, want }] = worst;
    const place = placeOf(position, probe.subject.leaves[leaf].shape);
    return complaint(probe, name, `gives ${digits(got)}${place}, ${other} ${digits(want)}`, worst[1], tolerance);
  }
  const said = `gives ${digits(pair.got)} as its product with a direction, ${other} ${digits(pair.want)}`;
  return complaint(probe, name, said, pair, tolerance);
}

import type { Dtype } from "../base/dtype";
import { jvp, vjp } from "../transforms/vjp-jvp";
import { type Difference, differenceAlong, turnsAt } from "./difference";
import { drawDirection } from "./random";
import { joined, leafOf, numbersOf, type Subject, valueOf, valuesAt, widened } from "./subject";

/** The tangent of the result along a direction, by the pushforward. */
export function pushAlong(subject: Subject, direction: readonly ArrayLike<number>[]): Float64Array {
  const xs = valuesAt(subject);
  const xDots = subject.leaves.map((leaf, k) => valueOf(leaf, direction[k]));
  return joined(jvp((...leaves) => subject.call(leaves), xs, xDots)[1]);
}

/** The cotangent of every leaf, by the pullback of one for the result. */
export function pullBack(subject: Subject, cotangent: Float64Array): Float64Array[] {
  const [ys, pullback] = vjp((...leaves) => subject.call(leaves), valuesAt(subject));
  let from = 0;
  const yBars = ys.map((y) => {
    const leaf = leafOf("", y);
    const size = numbersOf(y).length;
    from += size;
    return valueOf(leaf, cotangent.subarray(from - size, from));
  });
  return pullback(yBars).map(numbersOf);
}

/** The function (x, xDot) -> J(x) xDot as a subject of its own, at a direction drawn. */
export function pushforwardOf(subject: Subject, random: () => number): Subject {
  const n = subject.leaves.length;
  return {
    leaves: [...subject.leaves, ...subject.leaves.map((leaf) => ({ ...leaf, path: `the tangent of ${leaf.path}` }))],
    point: [...subject.point, ...subject.point.map((x) => drawDirection(random, x.length))],
    call: (xs) => jvp((...leaves) => subject.call(leaves), xs.slice(0, n), xs.slice(n))[1],
  };
}

/** The function (x, yBar) -> transpose(J(x)) yBar as a subject of its own, at a cotangent drawn. */
export function pullbackOf(subject: Subject, random: () => number): Subject {
  const n = subject.leaves.length;
  const ys = subject.call(valuesAt(subject));
  return {
    leaves: [...subject.leaves, ...ys.map((y) => leafOf("the cotangent", y))],
    point: [...subject.point, ...ys.map((y) => drawDirection(random, numbersOf(y).length))],
    call: (xs) => vjp((...leaves) => subject.call(leaves), xs.slice(0, n))[1](xs.slice(n)),
  };
}

/** How derivatives are looked at. */
export interface Precision {
  /** The first step of differences; by the size of the elements if undefined. */
  readonly step: number | undefined;
  /** A float32 is among the inputs or the results. */
  readonly single: boolean;
  /** Results are float32 even where the inputs are not. */
  readonly rough: boolean;
}

/** The precision that a subject and its float64 form have. */
export function precisionOf(subject: Subject, exact: Subject, step: number | undefined): Precision {
  const isSingle = (x: { readonly dtype: Dtype }) => x.dtype === "float32";
  const givesSingle = (s: Subject) => s.call(valuesAt(s)).some((y) => typeof y !== "number" && isSingle(y));
  return { step, single: subject.leaves.some(isSingle) || givesSingle(subject), rough: givesSingle(exact) };
}

/** One direction in which a subject's derivative is looked at in three ways; each is worked out when first asked for. */
export class Probe {
  private known: { difference?: Difference; tangent?: Float64Array; cotangents?: Float64Array[] } = {};

  /**
   * @param exact - the subject in float64, of which differences are taken
   * @param leaf - the one leaf that moves, null for all together
   */
  constructor(
    readonly subject: Subject,
    readonly exact: Subject,
    readonly leaf: number | null,
    readonly direction: readonly Float64Array[],
    readonly cotangent: Float64Array,
    readonly precision: Precision,
  ) {}

  /** The first step of differences. */
  private get step(): number {
    const moving = this.exact.point.filter((_, k) => this.leaf === null || k === this.leaf);
    const largest = moving.reduce((most, x) => x.reduce((m, xi) => Math.max(m, Math.abs(xi)), most), 1);
    return this.precision.step ?? largest / 32;
  }

  /** Without rules. */
  get difference(): Difference {
    this.known.difference ??= differenceAlong(this.exact, this.direction, this.step);
    return this.known.difference;
  }

  /** Whether the point is a kink or a jump in this direction. */
  get turns(): boolean {
    return turnsAt(this.exact, this.direction, this.step);
  }

  /** By the jvp. */
  get tangent(): Float64Array {
    this.known.tangent ??= pushAlong(this.subject, this.direction);
    return this.known.tangent;
  }

  /** By the vjp, of the cotangent. */
  get cotangents(): Float64Array[] {
    this.known.cotangents ??= pullBack(this.subject, this.cotangent);
    return this.known.cotangents;
  }

  /** The same leaf and cotangent, in the direction of one of its elements. */
  along(leaf: number, position: number): Probe {
    const direction = this.subject.point.map((x) => new Float64Array(x.length));
    direction[leaf][position] = 1;
    return new Probe(this.subject, this.exact, leaf, direction, this.cotangent, this.precision);
  }
}

/** A probe for every leaf that has elements, and one for all together where there are several. */
export function probesOf(subject: Subject, step: number | undefined, random: () => number): Probe[] {
  const exact = widened(subject);
  const precision = precisionOf(subject, exact, step);
  const ys = subject.call(valuesAt(subject));
  const cotangent = drawDirection(random, joined(ys).length);
  const full = subject.point.map((x) => drawDirection(random, x.length));
  const moving = full.flatMap((u, k) => (u.length > 0 ? [k] : []));
  const leaves = moving.length > 1 ? [...moving, null] : moving;
  return leaves.map((leaf) => {
    const direction = full.map((u, k) => (leaf === null || k === leaf ? u : new Float64Array(u.length)));
    return new Probe(subject, exact, leaf, direction, cotangent, precision);
  });
}

// Labels name axes: what they were unified, cut and regrouped to must be what a reshape does to the elements.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Label, Labels } from "../../src/rewrite/labels";

/** Divisions of `total` into factors, in order. */
const factorings = (total: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(), { maxLength: 5 }).map((draws) => {
    const shape: number[] = [];
    let left = total;
    for (const draw of draws) {
      const divisors = Array.from({ length: left }, (_, k) => k + 1).filter((d) => left % d === 0);
      const size = divisors[draw % divisors.length];
      shape.push(size);
      left /= size;
    }
    return [...shape, left];
  });
const totals = fc.constantFrom(1, 2, 6, 8, 12, 24, 36, 60);
const pairs = totals.chain((total) => fc.tuple(factorings(total), factorings(total)));

/** Where positions of labels stand on axes, row by row: for each position of all labels the index on each axis. */
function indicesOf(labels: Labels, all: readonly Label[], axes: readonly (readonly Label[])[]): number[][] {
  const list = labels.resolve(all);
  return Array.from({ length: labels.product(list) }, (_, n) => {
    const at = new Map<Label, number>();
    let rest = n;
    for (const label of [...list].reverse()) {
      at.set(label, rest % labels.size(label));
      rest = Math.floor(rest / labels.size(label));
    }
    return axes.map((axis) =>
      labels.resolve(axis).reduce((index, label) => index * labels.size(label) + (at.get(label) ?? Number.NaN), 0),
    );
  });
}

/** The same for a shape: the index on each axis of element 0, 1, 2 ... */
const elementsOf = (shape: readonly number[]): number[][] =>
  Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, n) => {
    let rest = n;
    return shape.reduceRight<number[]>((index, size) => {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
      return index;
    }, []);
  });

/** Whether every axis of one shape ends where the axes of the other end, or can be cut to: the ends form a chain of divisors. */
const haveCommonCut = (a: readonly number[], b: readonly number[]): boolean => {
  const ends = (shape: readonly number[]) => shape.map((_, k) => shape.slice(k).reduce((n, size) => n * size, 1));
  const all = [...new Set([...ends(a), ...ends(b)])].sort((p, q) => p - q);
  return all.every((end, k) => k === 0 || end % all[k - 1] === 0);
};

describe("regroup", () => {
  test("gives every element the indices that a reshape gives it, or null where there is no common cut", () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const labels = new Labels();
        const given = from.flatMap((size) => labels.make(size));
        const axes = labels.regroup(given, to);
        expect(axes !== null).toBe(haveCommonCut(from, to));
        if (axes === null) return;
        expect(indicesOf(labels, given, axes)).toEqual(elementsOf(to));
      }),
      { numRuns: 300 },
    );
  });

  test("there and back are the axes that were", () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const labels = new Labels();
        const given = from.map((size) => labels.make(size));
        const there = labels.regroup(given.flat(), to);
        const back = there && labels.regroup(there.flat(), from);
        fc.pre(back !== null);
        expect(back?.map((axis) => labels.resolve(axis))).toEqual(given.map((axis) => labels.resolve(axis)));
      }),
    );
  });

  test("refuses an axis that ends inside a label without a cut there, an empty one, and a label that stays whole", () => {
    const labels = new Labels();
    expect(labels.regroup([...labels.make(3), ...labels.make(2)], [2, 3])).toBeNull();
    expect(labels.regroup([...labels.make(0), ...labels.make(2)], [0, 2])).toBeNull();
    expect(labels.regroup(labels.make(6, true), [2, 3])).toBeNull();
    expect(labels.regroup(labels.make(6, true), [6, 1])).toHaveLength(2);
  });

  test("an axis of size 1 has no label, unless it must stay whole", () => {
    const labels = new Labels();
    expect(labels.make(1)).toEqual([]);
    expect(labels.make(1, true)).toHaveLength(1);
  });
});

describe("unify", () => {
  test("two axes become the same labels, whose sizes the axes had, or it is refused", () => {
    fc.assert(
      fc.property(pairs, ([first, second]) => {
        const labels = new Labels();
        const [a, b] = [first, second].map((shape) => shape.flatMap((size) => labels.make(size)));
        const done = labels.unify(a, b);
        expect(done).toBe(haveCommonCut(first, second));
        if (!done) return;
        expect(labels.resolve(a)).toEqual(labels.resolve(b));
        for (const axis of [a, b]) {
          const sizes = axis.map((label) => labels.size(label));
          const indices = indicesOf(
            labels,
            axis,
            axis.map((label) => [label]),
          );
          expect(indices).toEqual(elementsOf(sizes));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("axes that were unified stay so, whatever is cut later", () => {
    const labels = new Labels();
    const [a, b, c] = [labels.make(12), labels.make(12), labels.make(12)];
    expect(labels.unify(a, b)).toBe(true);
    expect(labels.unify(c, b)).toBe(true);
    expect(labels.regroup(c, [3, 4])?.map((axis) => labels.product(axis))).toEqual([3, 4]);
    expect(labels.resolve(a)).toEqual(labels.resolve(c));
    expect(labels.resolve(b)).toEqual(labels.resolve(c));
  });

  test("a label that must stay whole is what others become, and is never cut", () => {
    const labels = new Labels();
    const whole = labels.make(6, true);
    for (const [first, second] of [
      [whole, labels.make(6)],
      [labels.make(6), whole],
    ]) {
      expect(labels.unify(first, second)).toBe(true);
      expect(labels.resolve(first)).toEqual(whole);
      expect(labels.resolve(second)).toEqual(whole);
    }
    expect(labels.unify(whole, [...labels.make(2), ...labels.make(3)])).toBe(false);
    expect(labels.unify([...labels.make(2), ...labels.make(3)], whole)).toBe(false);
    expect(labels.resolve(whole)).toEqual(whole);
  });

  test("axes of two sizes are refused", () => {
    const labels = new Labels();
    expect(labels.unify(labels.make(2), labels.make(4))).toBe(false);
    expect(labels.unify([], labels.make(4))).toBe(false);
  });

  test("a label that is on an axis twice stays one that others can be unified with", () => {
    const labels = new Labels();
    const [a, b] = [labels.make(4), labels.make(4)];
    expect(labels.unify(a, b)).toBe(true);
    const other = [...labels.make(4), ...labels.make(4)];
    expect(labels.unify([...a, ...b], other)).toBe(true);
    expect(labels.resolve(other)).toEqual(labels.resolve([...a, ...b]));
    const halves = [labels.make(2), labels.make(2), labels.make(2), labels.make(2)].flat();
    expect(labels.unify([...a, ...b], halves)).toBe(true);
    expect(labels.resolve(halves)).toEqual(labels.resolve([...a, ...b]));
    expect(labels.regroup([...a, ...b], [2, 2, 4])?.map((axis) => labels.product(axis))).toEqual([2, 2, 4]);
  });

  test("a chain of axes one by one is as short as one", () => {
    const labels = new Labels();
    const axes = [labels.make(3)];
    for (let k = 0; k < 100_000; k++) {
      const pair = [axes[k], labels.make(3)];
      axes.push(pair[1]);
      labels.unify(pair[k % 2], pair[1 - (k % 2)]);
    }
    expect(new Set(axes.flatMap((axis) => labels.resolve(axis))).size).toBe(1);
  });
});

// Windows: a window on zeros of a window on zeros is one window on zeros.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "../../src/rewrite/labels";
import { areApart, placed, samePlace } from "../../src/rewrite/place";
import { type Place, plain } from "../../src/rewrite/terms";

/** Where elements stand. */
const positions = ({ start, step, size }: Place): number[] => Array.from({ length: size }, (_, k) => start + k * step);

/** A window of `size` elements on some whole of at least so many. */
const windows = (size: number): fc.Arbitrary<Place> =>
  fc
    .record({ step: fc.constantFrom(1, 2, 3, -1, -2), before: fc.nat(3), after: fc.nat(3) })
    .map(({ step, before, after }) => {
      const width = Math.max(0, size - 1) * Math.abs(step) + 1;
      const start = step > 0 ? before : before + width - 1;
      return { start, step, size, whole: before + width + after };
    });
const sizes = fc.integer({ min: 1, max: 5 });

test("two windows, one around the other, put elements where the two put them one after the other", () => {
  const nested = sizes.chain((size) =>
    windows(size).chain((inner) => windows(inner.whole).map((outer) => ({ inner, outer }))),
  );
  fc.assert(
    fc.property(nested, ({ inner, outer }) => {
      const labels = new Labels();
      const axis = labels.make(inner.size);
      const put = (t: Parameters<typeof placed>[0], shape: number, { start, step, size, whole }: Place) =>
        placed(t, [shape], { starts: [start], steps: [step], sizes: [size], shape: [whole] });
      const once = put({ scale: 1, factors: [], axes: [plain(axis)] }, inner.size, inner);
      const [{ labels: own, place }] = put(once, inner.whole, outer).axes;
      const wanted = positions(inner).map((k) => positions(outer)[k]);
      const got = place === null ? Array.from({ length: inner.size }, (_, k) => k) : positions(place);
      expect(got).toEqual(wanted);
      expect(place?.whole ?? inner.size).toBe(outer.whole);
      expect(own).toEqual(axis);
    }),
    { numRuns: 300 },
  );
});

test("a window may add axes of size 1, and drop them", () => {
  const labels = new Labels();
  const [a, b] = [labels.make(3), labels.make(4)];
  const t = { scale: 1, factors: [], axes: [plain(a), plain([]), plain(b)] };
  const window = { starts: [2, 0, 1, 0], steps: [1, 1, 1, 1], sizes: [1, 3, 1, 4], shape: [5, 3, 2, 4] };
  expect(placed(t, [3, 1, 4], window).axes).toEqual([
    { labels: [], place: { start: 2, step: 1, size: 1, whole: 5 } },
    plain(a),
    { labels: [], place: { start: 1, step: 1, size: 1, whole: 2 } },
    plain(b),
  ]);
});

test("places that are apart share no position, and the same ones share all", () => {
  const two = fc.tuple(sizes, sizes).chain(([m, n]) => fc.tuple(windows(m), windows(n)));
  fc.assert(
    fc.property(two, ([a, b]) => {
      const [p, q] = [positions(a), positions(b)];
      if (areApart(a, b)) expect(p.filter((k) => q.includes(k))).toEqual([]);
      if (samePlace(a, b)) expect(p).toEqual(q);
      expect(areApart(a, b)).toBe(areApart(b, a));
      expect(samePlace(a, { ...a })).toBe(true);
      const away = { ...b, start: b.start + Math.max(...p) + 1 - Math.min(...q) };
      expect(areApart(a, away)).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect([samePlace(null, null), samePlace(null, { start: 0, step: 1, size: 1, whole: 2 })]).toEqual([true, false]);
});

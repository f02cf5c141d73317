// Pools against naive loops.
import fc from "fast-check";
import { avgPool2d, grad, maxPool2d, mul, sum, type Tensor, tensor, vmap } from "gradtape";
import { describe, expect, test } from "vitest";

interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

const placesOf = ({ size, window, stride, dilation, padding }: Axis): number =>
  Math.floor((size + 2 * padding - dilation * (window - 1) - 1) / stride) + 1;

/** Places of x that window q sees. */
const seen = ({ size, window, stride, dilation, padding }: Axis, q: number): number[] =>
  Array.from({ length: window }, (_, t) => q * stride + t * dilation - padding).filter((i) => i >= 0 && i < size);

const axisWith = (dilations: readonly number[]): fc.Arbitrary<Axis> =>
  fc
    .record({
      size: fc.integer({ min: 1, max: 7 }),
      window: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.constantFrom(...dilations),
      padding: fc.integer({ min: 0, max: 3 }),
    })
    .filter((axis) => {
      const count = placesOf(axis);
      return count > 0 && Array.from({ length: count }, (_, q) => seen(axis, q)).every(({ length }) => length > 0);
    });

const pools = (dilations: readonly number[], value: fc.Arbitrary<number>) =>
  fc
    .record({
      images: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 2 }),
      rows: axisWith(dilations),
      columns: axisWith(dilations),
    })
    .chain((d) => {
      const length = d.images * d.channels * d.rows.size * d.columns.size;
      return fc.record({
        ...Object.fromEntries(Object.entries(d).map(([key, of]) => [key, fc.constant(of)])),
        data: fc.array(value, { minLength: length, maxLength: length }),
      }) as fc.Arbitrary<typeof d & { data: number[] }>;
    });
type Drawn = { images: number; channels: number; rows: Axis; columns: Axis; data: number[] };

const imagesOf = ({ images, channels, rows, columns, data }: Drawn): Tensor =>
  tensor(data, { shape: [images, channels, rows.size, columns.size] });
const optionsOf = ({ rows, columns }: Drawn) => ({
  window: [rows.window, columns.window],
  stride: [rows.stride, columns.stride],
  padding: [rows.padding, columns.padding],
});

/** For every window, in order, the places of x it sees, by rows. */
function windowsOf({ images, channels, rows, columns }: Drawn): number[][] {
  const windows: number[][] = [];
  for (let plane = 0; plane < images * channels; plane++) {
    for (let p = 0; p < placesOf(rows); p++) {
      for (let q = 0; q < placesOf(columns); q++) {
        const lines = seen(rows, p).map((i) => (plane * rows.size + i) * columns.size);
        windows.push(lines.flatMap((line) => seen(columns, q).map((j) => line + j)));
      }
    }
  }
  return windows;
}

/** The place that wins: the first NaN, or the first of the largest. */
const winner = (places: readonly number[], data: readonly number[]): number =>
  places.reduce((best, i) => {
    const [a, b] = [data[best], data[i]];
    return !Number.isNaN(a) && (Number.isNaN(b) || b > a) ? i : best;
  });

const few = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(Number.NaN, -Infinity, Infinity));
const someNumber = fc.double({ min: -10, max: 10, noNaN: true });

describe("maxPool2d", () => {
  test("takes the first of the largest numbers of each window, and NaN before all", () => {
    fc.assert(
      fc.property(pools([1, 2], few), (d) => {
        const y = maxPool2d(imagesOf(d), { ...optionsOf(d), dilation: [d.rows.dilation, d.columns.dilation] });
        expect(y.shape).toEqual([d.images, d.channels, placesOf(d.rows), placesOf(d.columns)]);
        expect([...y.data]).toEqual(windowsOf(d).map((places) => d.data[winner(places, d.data)]));
      }),
      { numRuns: 300 },
    );
  });

  test("sends every cotangent to the winner", () => {
    fc.assert(
      fc.property(pools([1, 2], few), (d) => {
        const options = { ...optionsOf(d), dilation: [d.rows.dilation, d.columns.dilation] };
        const windows = windowsOf(d);
        const weights = tensor(
          windows.map((_, i) => i + 1),
          { shape: maxPool2d(imagesOf(d), options).shape },
        );
        const want = d.data.map(() => 0);
        windows.forEach((places, i) => {
          const at = winner(places, d.data);
          want[at] = want[at] + i + 1;
        });
        const got = grad((x: Tensor) => sum(mul(maxPool2d(x, options), weights)))(imagesOf(d));
        expect([...got.data]).toEqual(want);
      }),
    );
  });

  test("with padding same has ceil(n / stride) places", () => {
    const x = tensor([[[[1, 2, 3, 4, 5]]]]);
    expect(maxPool2d(x, { window: [1, 2], padding: "same" }).toArray()).toEqual([[[[2, 4, 5]]]]);
    expect(maxPool2d(x, { window: [1, 4], stride: [1, 3], padding: "same" }).toArray()).toEqual([[[[3, 5]]]]);
    expect(maxPool2d(x, { window: [1, 2], padding: "valid" }).toArray()).toEqual([[[[2, 4]]]]);
  });

  test("keeps the dtype, and maps", () => {
    for (const dtype of ["float64", "float32", "int32", "bool"] as const) {
      const x = tensor([[[[0, 1, 1, 0]]], [[[0, 0, 1, 1]]]], { dtype });
      const y = maxPool2d(x, { window: [1, 2] });
      expect(y.dtype).toBe(dtype);
      expect([...y.data]).toEqual([1, 1, 0, 1]);
    }
    const xs = tensor([[[[[1, 2]]]], [[[[4, 3]]]]]);
    expect(vmap((x: Tensor) => maxPool2d(x, { window: [1, 2] }))(xs).toArray()).toEqual([[[[[2]]]], [[[[4]]]]]);
  });
});

describe("avgPool2d", () => {
  test("is the mean of each window, of all its places or of those in x", () => {
    fc.assert(
      fc.property(pools([1], someNumber), fc.boolean(), (d, countIncludePad) => {
        const y = avgPool2d(imagesOf(d), { ...optionsOf(d), countIncludePad });
        expect(y.shape).toEqual([d.images, d.channels, placesOf(d.rows), placesOf(d.columns)]);
        windowsOf(d).forEach((places, i) => {
          const total = places.reduce((sum, at) => sum + d.data[at], 0);
          const count = countIncludePad ? d.rows.window * d.columns.window : places.length;
          expect(y.data[i]).toBeCloseTo(total / count, 10);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("sends equal shares of every cotangent back", () => {
    fc.assert(
      fc.property(pools([1], someNumber), fc.boolean(), (d, countIncludePad) => {
        const want = d.data.map(() => 0);
        for (const places of windowsOf(d)) {
          const count = countIncludePad ? d.rows.window * d.columns.window : places.length;
          for (const at of places) want[at] = want[at] + 1 / count;
        }
        const got = grad((x: Tensor) => sum(avgPool2d(x, { ...optionsOf(d), countIncludePad })))(imagesOf(d));
        want.forEach((share, i) => {
          expect(got.data[i]).toBeCloseTo(share, 10);
        });
      }),
    );
  });
});

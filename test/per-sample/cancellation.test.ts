// Products where sums cancel, overflow or underflow on the way. The numbers have few digits, so that the truth is known exactly.
import {
  add,
  conv2d,
  dot,
  einsum,
  grad,
  matmul,
  mul,
  reshape,
  type Scalar,
  scan,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  trace,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../core/sweep/programs";
import { expectEvery } from "../support";
import type { FloatDtype } from "../truth/numbers";
import { builders } from "./builders";
import { flat, type Rows, weightedSum } from "./oracle";

/** Each sample's gradient is x[0] d[0]ᵀ + x[1] d[1]ᵀ: two positions, or two uses of the parameter w [N, M]. */
interface Sample {
  readonly x: Tensor;
  readonly d: Tensor;
}
type Loss = (w: Tensor, sample: Sample) => Scalar;

const [N, M] = [12, 10];

const losses: Readonly<Record<string, Loss>> = {
  "two positions": (w, { x, d }) => sum(mul(matmul(x, w), d)),
  "two uses": (w, { x, d }) => add(dot(matmul(x.at(0), w), d.at(0)), dot(matmul(x.at(1), w), d.at(1))),
  "two steps of a loop": (w, { x, d }) =>
    scan(
      (total: Tensor, at: Sample): [Tensor, undefined] => [add(total, dot(matmul(at.x, w), at.d)), undefined],
      zeros([], { dtype: w.dtype }),
      { x, d },
    )[0],
  "two places of a convolution": (w, { x, d }) => {
    const images = reshape(x.transpose(), [1, N, 1, 2]);
    return sum(mul(conv2d(images, reshape(w.transpose(), [M, N, 1, 1])), reshape(d.transpose(), [1, M, 1, 2])));
  },
  "a sum of three factors": (w, { x, d }) => einsum("tn,nm,tm->", x, w, d),
};

/** An integer from 1 to 7. */
const small = (i: number, k: number): number => ((7 * i + 3 * k + 1) % 7) + 1;

/** Samples of two positions, of which the second takes away all but the part `left` of the first. */
interface Batch {
  readonly batch: Sample;
  readonly rows: Rows;
  readonly norms: readonly number[];
}
function cancelling(left: readonly number[], dtype: FloatDtype): Batch {
  const xs = left.map((_, i) => Array.from({ length: N }, (__, k) => small(i, k)));
  const ds = left.map((_, i) => Array.from({ length: M }, (__, k) => small(i + 3, k) - 4));
  return {
    batch: {
      x: tensor(
        left.map((part, i) => [xs[i], xs[i].map((x) => -x * (1 - part))]),
        { dtype },
      ),
      d: tensor(
        ds.map((d) => [d, d]),
        { dtype },
      ),
    },
    rows: left.map((part, i) => xs[i].flatMap((x) => ds[i].map((d) => part * x * d))),
    norms: left.map((part, i) => part * Math.hypot(...xs[i]) * Math.hypot(...ds[i])),
  };
}

/** Fails unless every number is right to the tolerance, relative to a size of its own. */
function expectRight(
  got: readonly number[],
  want: readonly number[],
  tolerance: number,
  sizes: readonly number[] = want.map(Math.abs),
): void {
  expect(got.length).toBe(want.length);
  const wrong = got.flatMap((x, i) =>
    Object.is(x, want[i]) || Math.abs(x - want[i]) <= tolerance * sizes[i] ? [] : [`${i}: got ${x}, want ${want[i]}`],
  );
  expect(wrong).toEqual([]);
}

const times = (row: readonly number[], by: number): number[] => row.map((x) => x * by);
const inner = (a: readonly number[], b: readonly number[]): number => a.reduce((total, x, i) => total + x * b[i], 0);
const largestOf = (xs: readonly number[]): number => xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const meanOf = (rows: Rows): number[] =>
  weightedSum(
    rows,
    rows.map(() => 1 / rows.length),
  );

/** What is left of the first position: all of it, about 1e-6 of it, about 1e-8, and nothing. Powers of two, so products are exact. */
const LEFT = {
  float64: { left: [1, 2 ** -20, 2 ** -27, 0, 2 ** -10], tolerance: 1e-10 },
  float32: { left: [1, 2 ** -7, 2 ** -12, 0, 2 ** -3], tolerance: 1e-5 },
} as const;

const dtypes = ["float64", "float32"] as const;

describe.each(Object.entries(builders))("%s", (_, each) => {
  describe.each(Object.entries(losses))("where two positions nearly cancel, by %s", (__, loss) => {
    describe.each(dtypes)("%s", (dtype) => {
      const { left, tolerance } = LEFT[dtype];
      const { batch, rows, norms } = cancelling(left, dtype);
      const w = zeros([N, M], { dtype });

      test("norms are right, each to its own size", () => {
        const result = each(loss)(w, batch);
        expectRight(numbersOf(result.norms()), norms, tolerance);
        expectRight(flat(result.norms({ perParameter: true })), norms, tolerance);
        const squares = norms.map((x) => x * x);
        expectRight(numbersOf(result.squaredNorms()), squares, 2 * tolerance);
      });

      test("clippedMean is right, where it shortens all and where it shortens some", () => {
        const nonZero = norms.filter((x) => x > 0);
        for (const bound of [Math.min(...nonZero) / 2, Math.sqrt(Math.min(...nonZero) * Math.max(...nonZero))]) {
          const clipped = rows.map((row, i) => times(row, Math.min(1, bound / norms[i] || 0)));
          const got = flat(each(loss)(w, batch).clippedMean(bound));
          const want = meanOf(clipped);
          expectRight(
            got,
            want,
            tolerance,
            want.map(() => largestOf(clipped.flat())),
          );
        }
      });

      test("gram is right, each number to the norms of its two samples", () => {
        const want = rows.flatMap((a) => rows.map((b) => inner(a, b)));
        const sizes = norms.flatMap((a) => norms.map((b) => a * b));
        expectRight(numbersOf(each(loss)(w, batch).gram()), want, tolerance, sizes);
      });
    });
  });

  test("where positions look up one row, and their cotangents nearly cancel", () => {
    const left = [1, 2 ** -20, 2 ** -27, 0];
    const lookup = (table: Tensor, { i, d }: { readonly i: Tensor; readonly d: Tensor }): Scalar =>
      sum(mul(take(table, i), d));
    const ds = left.map((_, i) => Array.from({ length: M }, (__, k) => small(i, k)));
    const batch = {
      i: tensor(
        left.map((_, i) => [i, 5, i]),
        { dtype: "int32" },
      ),
      d: tensor(left.map((part, i) => [ds[i], times(ds[i], part), times(ds[i], part - 1)])),
    };
    // Row i has the part that is left, row 5 the same part.
    const norms = left.map((part, i) => Math.SQRT2 * part * Math.hypot(...ds[i]));
    const result = each(lookup)(zeros([200, M]), batch);
    expectRight(numbersOf(result.norms()), norms, 1e-10);
    const clipped = flat(result.clippedMean(1e-9));
    expectRight([Math.hypot(...clipped.slice(0, M))], [1e-9 / Math.SQRT2 / 4], 1e-10);
    expectRight([Math.hypot(...clipped.slice(M, 2 * M))], [1e-9 / Math.SQRT2 / 4], 1e-10);
  });

  test("where no number can be read, squares are never negative, and off by rounding of what canceled", () => {
    const { batch, norms } = cancelling(LEFT.float64.left, "float64");
    const loss: Loss = (w, sample) => losses["two positions"](w, sample);
    const whole = norms.map((x, i) => 2 * (LEFT.float64.left[i] > 0 ? x / LEFT.float64.left[i] : 1e4));
    const traced = trace((w: Tensor) => {
      const result = each(loss)(w, batch);
      return [result.squaredNorms(), result.clippedMean(1), result.norms()];
    })(zeros([N, M]));
    const [squares, clipped, roots] = traced.replay(zeros([N, M])).map(numbersOf);
    expectEvery(squares, (x) => x >= 0);
    expectEvery([...clipped, ...roots], Number.isFinite);
    expectRight(
      squares,
      norms.map((x) => x * x),
      1e-14,
      whole.map((x) => x * x),
    );
  });

  describe("where squares overflow or underflow", () => {
    const scales = { float64: [1e200, 1, 1e-200, 0], float32: [1e25, 1, 1e-25, 0] };
    const tolerances = { float64: 1e-10, float32: 1e-5 };
    const base = Array.from({ length: N }, (_, k) => small(0, k));
    const models: Readonly<Record<string, (w: Tensor, x: Tensor) => Scalar>> = {
      "a sum": (w, x) => dot(w.at(0), x.at(0)),
      "two positions": (w, x) => sum(matmul(x, w.transpose())),
    };
    describe.each(dtypes)("%s", (dtype) => {
      const tolerance = tolerances[dtype];
      const rounded = (x: number): number => (dtype === "float32" ? Math.fround(x) : x);
      const w = zeros([1, N], { dtype });
      const batch = tensor(
        scales[dtype].map((scale) => [times(base, scale), times(base, scale)]),
        { dtype },
      );

      test.each(Object.entries(models))("%s: norms, clippedMean, and what gram can hold", (name, loss) => {
        const positions = name === "a sum" ? 1 : 2;
        const size = positions * Math.hypot(...base);
        const norms = scales[dtype].map((scale) => scale * size);
        const result = each(loss)(w, batch);
        expectRight(numbersOf(result.norms()), norms, tolerance);
        expectRight(flat(result.norms({ perParameter: true })), norms, tolerance);
        const clipped = times(base, positions * (1 / size + 1 / size));
        expectRight(flat(result.clippedSum(1)), clipped, tolerance);
        expectRight(flat(result.clippedMean(1)), times(clipped, 1 / 4), tolerance);
        const gram = norms.flatMap((a) => norms.map((b) => rounded(a * b)));
        expectRight(numbersOf(result.gram()), gram, tolerance);
      });
    });
  });

  describe("100,000 samples of float32, in chunks", () => {
    const [count, width] = [100_000, 3];
    const data = Float32Array.from({ length: count * width }, (_, i) => 1 + Math.abs(Math.sin(12.9898 * i)));
    const batch = tensor(data, { shape: [count, width] });
    const sums = Array.from({ length: width }, (_, k) => {
      let total = 0;
      for (let i = k; i < data.length; i += width) total += data[i];
      return total;
    });
    const result = each((w: Tensor, x: Tensor): Scalar => dot(w, x), { chunk: 100 })(
      zeros([width], { dtype: "float32" }),
      batch,
    );

    test("the mean and the sum are right to 1e-6", () => {
      expectRight(flat(result.mean()), times(sums, 1 / count), 1e-6);
      expectRight(flat(result.sum()), sums, 1e-6);
    });

    test("so are a clipped mean and the second moment", () => {
      expectRight(flat(result.clippedMean(100)), times(sums, 1 / count), 1e-6);
      const seconds = sums.map((_, k) => {
        let total = 0;
        for (let i = k; i < data.length; i += width) total += data[i] ** 2;
        return total / count;
      });
      expectRight(flat(result.secondMoment()), seconds, 1e-6);
    });
  });

  describe("the variance of samples that are nearly equal is that of two passes", () => {
    const count = 50;
    const spread = Array.from({ length: count }, (_, i) => Math.sin(i) + ((i * 7) % 5) / 4);
    /** Gradients of about 1e6 that differ by about 1. */
    const models: Readonly<Record<string, (w: Tensor, x: Tensor) => Scalar>> = {
      "a sum": (w, x) => dot(reshape(w, [-1]), add(1e6, x)),
      "a product": (w, x) => sum(mul(matmul(reshape(add(1e3, mul(1e-3, x)), [1, 4]), reshape(w, [4, 1])), 1e3)),
      "two positions": (w, x) =>
        sum(mul(matmul(reshape(add(x, tensor([[5e5], [5e5]])), [2, 4]), reshape(w, [4, 1])), 1)),
    };
    const batch = tensor(spread.map((s) => [0, 1, 2, 3].map((k) => s * (k + 1) + k)));
    test.each(Object.entries(models))("%s", (_, loss) => {
      const w = zeros([4]);
      const rows = spread.map((__, i) => flat(grad(loss)(w, batch.at(i))));
      const mean = meanOf(rows);
      const squares = mean.map((m, j) => rows.reduce((total, row) => total + (row[j] - m) ** 2, 0));
      expectEvery(mean, (x) => x > 9e5);
      for (const options of [{}, { chunk: 7 }]) {
        expectRight(flat(each(loss, options)(w, batch).variance()), times(squares, 1 / count), 1e-10);
        expectRight(
          flat(each(loss, options)(w, batch).variance({ correction: 1 })),
          times(squares, 1 / (count - 1)),
          1e-10,
        );
      }
    });
  });

  describe("where a gradient is 0, and its derivative is not", () => {
    const loss = (w: Tensor, x: Tensor): Scalar => square(dot(w, x));
    const w = tensor([1, -1]);
    const others = tensor([[1, 2], [3, -1]]); // biome-ignore format: a matrix
    const all = tensor([[1, 2], [2, 2], [3, -1]]); // biome-ignore format: a matrix

    test("norms have the derivative 0", () => {
      const slope = (batch: Tensor) => flat(grad((p: Tensor): Scalar => sum(each(loss)(p, batch).norms()))(w));
      expect(slope(tensor([[2, 2]]))).toEqual([0, 0]);
      expectRight(slope(all), slope(others), 1e-12);
    });

    test("a gradient that is not clipped has its derivative", () => {
      const bound = 100;
      const slope = (f: (p: Tensor) => Tensor) => flat(grad((p: Tensor): Scalar => dot(tensor([1, 3]), f(p)))(w));
      const clipped = slope((p) => each(loss)(p, all).clippedSum(bound));
      expectRight(
        clipped,
        slope((p) => each(loss)(p, all).sum()),
        1e-12,
      );
    });

    test("clipping by 0 gives 0", () => {
      const result = each(loss)(w, all);
      expect(flat(result.clippedMean(0))).toEqual([0, 0]);
      expect(flat(result.clippedSum(0, { perParameter: true }))).toEqual([0, 0]);
    });
  });
});

// Whatever squares on its way: numbers near either end of the range give what numbers of ordinary size give.
import fc from "fast-check";
import {
  cast,
  grad,
  hessian,
  hypot,
  layerNorm,
  linalg,
  loss,
  mul,
  norm,
  std,
  sum,
  type Tensor,
  tensor,
  type Value,
} from "gradtape";
import { clipByGlobalNorm, globalNorm } from "gradtape/optim";
import { describe, expect, test } from "vitest";

/** A scalar function of four numbers; f(s x) = s^degree f(x). */
interface Homogeneous {
  readonly f: (x: Tensor, scale: number) => Value;
  readonly degree: 0 | 1;
}
const weights = [1, -2, 0.5, 3];
const other = [2, 1, -1, 1];

const functions: Readonly<Record<string, Homogeneous>> = {
  norm: { f: (x) => norm(x), degree: 1 },
  "norm of order 3": { f: (x) => norm(x, { ord: 3 }), degree: 1 },
  "norm of order 10": { f: (x) => norm(x, { ord: 10 }), degree: 1 },
  "norm along an axis": { f: (x) => sum(norm(x.reshape([2, 2]), { axis: 0 })), degree: 1 },
  "norm of what a mask leaves": { f: (x) => norm(x, { where: tensor([true, true, false, true]) }), degree: 1 },
  std: { f: (x) => std(x), degree: 1 },
  "std with correction 1": { f: (x) => std(x, { correction: 1 }), degree: 1 },
  "std along an axis": { f: (x) => sum(std(x.reshape([2, 2]), { axis: 0 })), degree: 1 },
  "std of what a mask leaves": { f: (x) => std(x, { where: tensor([true, true, false, true]) }), degree: 1 },
  "linalg.norm": { f: (x) => linalg.norm(x.reshape([2, 2])), degree: 1 },
  globalNorm: { f: (x) => globalNorm({ w: x.slice([{ stop: 3 }]), b: x.at(3) }), degree: 1 },
  hypot: { f: (x) => sum(hypot(x.slice([{ stop: 2 }]), x.slice([{ start: 2 }]))), degree: 1 },
  clipByGlobalNorm: {
    f: (x, scale) => sum(mul(clipByGlobalNorm(x, scale), tensor(weights, { dtype: x.dtype }))),
    degree: 1,
  },
  layerNorm: { f: (x) => sum(mul(layerNorm(x, { epsilon: 0 }), tensor(weights, { dtype: x.dtype }))), degree: 0 },
  "layerNorm along an axis": {
    f: (x) => {
      const y = layerNorm(x.reshape([2, 2]), { axis: [0, 1], epsilon: 0 });
      return sum(mul(y.reshape([4]), tensor(weights, { dtype: x.dtype })));
    },
    degree: 0,
  },
  "loss.cosineSimilarity": {
    f: (x, scale) =>
      loss.cosineSimilarity(
        x,
        tensor(
          other.map((n) => n * scale),
          { dtype: x.dtype },
        ),
        { epsilon: 0 },
      ),
    degree: 0,
  },
};

/** Four numbers of ordinary size, away from each other and from 0. */
const numbers = fc
  .array(fc.double({ min: 0.1, max: 0.5, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((parts) => parts.map((part, i) => (i + part) * (i % 2 === 0 ? 2 : -2)));

function expectNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  const largest = Math.max(...Array.from(want, Math.abs));
  Array.from(want, (x, i) => expect(Math.abs(got[i] - x), `${got[i]}, ${x}`).toBeLessThanOrEqual(tolerance * largest));
}

describe.each(Object.entries(functions))("%s", (_, { f, degree }) => {
  /** The value, and the gradient times the scale: both have the degree of f. */
  const outcome = (x: readonly number[], scale: number, dtype: "float64" | "float32") => {
    const at = tensor(
      x.map((n) => n * scale),
      { dtype },
    );
    const gradient = grad((v: Tensor) => f(v, scale) as Tensor<readonly []>)(at);
    const divisor = scale ** degree;
    const value = f(at, scale);
    return {
      value: [(typeof value === "number" ? value : value.item()) / divisor],
      gradient: cast(gradient, "float64").data.map((g) => (degree === 0 ? g * scale : g)),
    };
  };

  test.each([1e200, 1e-200, 2 ** 1018, 2 ** -1000, 1e155, 1e-155])("at %d", (scale) => {
    fc.assert(
      fc.property(numbers, (x) => {
        const [got, want] = [outcome(x, scale, "float64"), outcome(x, 1, "float64")];
        expectNear(got.value, want.value, 1e-12);
        expectNear(got.gradient, want.gradient, 1e-12);
      }),
      { numRuns: 20 },
    );
  });

  test.each([1e25, 1e-25, 2 ** 124, 2 ** -110])("at %d in float32", (scale) => {
    fc.assert(
      fc.property(numbers, (x) => {
        const rounded = x.map(Math.fround);
        const [got, want] = [outcome(rounded, scale, "float32"), outcome(rounded, 1, "float64")];
        expectNear(got.value, want.value, 2e-6);
        // The gradients of functions of degree 0 leave the range themselves.
        if (degree === 1) expectNear(got.gradient, want.gradient, 2e-6);
      }),
      { numRuns: 20 },
    );
  });

  test.each([1e150, 1e-150])("of second order, at %d", (scale) => {
    const x = [1, -3, 4, -6.5];
    const second = (by: number) => {
      const h = hessian((v: Tensor) => f(v, by) as Tensor<readonly []>)(tensor(x.map((n) => n * by)));
      return h.data.map((entry) => entry * by * by ** (1 - degree));
    };
    expectNear(second(scale), second(1), 1e-11);
  });
});

test("a sum of squares overflows or vanishes where it must", () => {
  expect(norm(tensor([1.7e308, 1.7e308])).item()).toBe(Infinity);
  expect(norm(tensor([2e38, 3e38], { dtype: "float32" })).item()).toBe(Infinity);
  expect(norm(tensor([0, 0])).item()).toBe(0);
  expect(norm(tensor([5e-324, 0])).item()).toBe(5e-324);
});

test.each([
  ["float64", 3e200, 1],
  ["float64", 3e-200, 1e-200],
  ["float32", 3e25, 1],
  ["float32", 3e-25, 1e-25],
] as const)("gradients of %s as large as %d are clipped to %d, in their direction", (dtype, size, most) => {
  const clipped = clipByGlobalNorm(tensor([size, (4 / 3) * size], { dtype }), most);
  expectNear(clipped.data, [0.6 * most, 0.8 * most], dtype === "float64" ? 1e-15 : 1e-7);
  const spread = grad((x: Tensor) => sum(mul(clipByGlobalNorm(x, most), tensor([1, 0], { dtype }))));
  const slope = most / size;
  const gradient = spread(tensor([size, (4 / 3) * size], { dtype }));
  expectNear(gradient.data, [0.384 * slope, -0.288 * slope], dtype === "float64" ? 1e-14 : 1e-5);
});

test("gradients longer than their dtype can say are clipped all the same", () => {
  const clipped = clipByGlobalNorm(tensor([3e38, 3e38], { dtype: "float32" }), 1);
  expectNear(clipped.data, [Math.SQRT1_2, Math.SQRT1_2], 1e-7);
});

test("no cosine is above 1 or below -1, and its curvature is that of the formula", () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.1, max: 10, noNaN: true }), (x, factor) => {
      for (const dtype of ["float64", "float32"] as const) {
        const [a, b] = [
          tensor(x, { dtype }),
          tensor(
            x.map((n) => n * factor),
            { dtype },
          ),
        ];
        expect(Math.abs((loss.cosineSimilarity(a, b) as Tensor).item())).toBeLessThanOrEqual(1);
        expect(Math.abs((loss.cosineSimilarity(a, mul(b, -1)) as Tensor).item())).toBeLessThanOrEqual(1);
      }
    }),
  );
  const curved = hessian((v: Tensor) => loss.cosineSimilarity(v, tensor([0.6, 0.8])) as Tensor<readonly []>);
  expectNear(curved(tensor([0.6, 0.8])).data, [-0.64, 0.48, 0.48, -0.36], 1e-12);
});

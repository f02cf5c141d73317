import fc from "fast-check";
import { einsum, ones, type Tensor, tensor, trace, transpose, vmap } from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import type { Handle } from "../../../src/core/tensor/handle";
import { asHandle } from "../../../src/core/tensor/value";
import { contract, costOf, type Named } from "../../../src/ops/contract/engine";
import { generator } from "../../../src/testing/random";

const LETTERS = ["a", "b", "c", "d", "e"];

/** An operand: its labels, and the label that it selects, if it holds indices. */
interface Term {
  readonly labels: readonly string[];
  readonly selects?: string | undefined;
}
interface Sum {
  readonly terms: readonly Term[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly seed: number;
}

const someLabels = fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 });
const sums: fc.Arbitrary<Sum> = fc
  .record({
    dense: fc.array(
      someLabels.map((labels): Term => ({ labels })),
      { maxLength: 3 },
    ),
    selections: fc.array(
      fc
        .record({
          labels: fc.array(fc.constantFrom(...LETTERS), { maxLength: 2 }),
          selects: fc.constantFrom(...LETTERS),
        })
        .map((term): Term => term),
      { maxLength: 2 },
    ),
    output: fc.shuffledSubarray(LETTERS),
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ dense, selections, output, sizes, seed }) => ({
    terms: [...selections, ...dense],
    output,
    sizes: new Map(LETTERS.map((label, i) => [label, sizes[i]])),
    seed,
  }));

const sizeOf = (labels: readonly string[], sizes: ReadonlyMap<string, number>): number[] =>
  labels.map((label) => sizes.get(label) ?? 1);
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers, or indices of which some count from the end, for each operand; with axes in front. */
function operandsOf({ terms, sizes, seed }: Sum, ...front: readonly number[]): Tensor[] {
  const random = generator(seed);
  return terms.map(({ labels, selects }) => {
    const shape = [...front, ...sizeOf(labels, sizes)];
    const size = sizes.get(selects ?? "") ?? 1;
    const numbers = Array.from({ length: count(shape) }, () =>
      selects === undefined ? random() - 0.5 : Math.floor((random() * 2 - 1) * size),
    );
    return tensor(numbers, { shape, dtype: selects === undefined ? "float64" : "int32" });
  });
}

const namedOf = ({ terms, sizes }: Sum, xs: readonly Tensor[]): Named[] =>
  terms.map(({ labels, selects }, k) => ({
    x: asHandle(xs[k]),
    labels,
    selects: selects === undefined ? undefined : { label: selects, size: sizes.get(selects) ?? 1 },
  }));
const contracted = (sum: Sum, xs: readonly Tensor[]): Handle => contract(namedOf(sum, xs), sum.output, sum.sizes);

/** The definition: for all values of all labels the product of the numbers, selections spelled out. */
function definition({ terms, output, sizes }: Sum, xs: readonly Tensor[]): number[] {
  const labels = [
    ...new Set([...terms.flatMap((t) => [...t.labels, t.selects ?? output[0] ?? t.labels[0]]), ...output]),
  ];
  const present = labels.filter((label) => label !== undefined);
  const sumsAt = new Array<number>(count(sizeOf(output, sizes))).fill(0);
  const at = new Map<string, number>();
  const flat = (own: readonly string[]): number =>
    own.reduce((place, label) => place * (sizes.get(label) ?? 1) + (at.get(label) ?? 0), 0);
  const visit = (k: number): void => {
    if (k === present.length) {
      const product = terms.reduce((p, { labels: own, selects }, i) => {
        const x = xs[i].data[flat(own)];
        if (selects === undefined) return p * x;
        const size = sizes.get(selects) ?? 1;
        return (x + size) % size === at.get(selects) ? p : 0;
      }, 1);
      sumsAt[flat(output)] += product;
      return;
    }
    for (let i = 0; i < (sizes.get(present[k]) ?? 1); i++) {
      at.set(present[k], i);
      visit(k + 1);
    }
  };
  visit(0);
  return sumsAt;
}

function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(wanted[i], 10);
}

describe("a contraction with selections", () => {
  test("is the sum over all labels of the products, selections spelled out", () => {
    fc.assert(
      fc.property(sums, (sum) => {
        const xs = operandsOf(sum);
        const y = contracted(sum, xs);
        expect(y.shape).toEqual(sizeOf(sum.output, sum.sizes));
        expect(y.dtype).toBe("float64");
        expectNear(y.data, definition(sum, xs));
      }),
      { numRuns: 1500 },
    );
  });

  test("is recorded: its derivatives are those of the sum, to the second order", () => {
    fc.assert(
      fc.property(sums, (sum) => {
        const xs = operandsOf(sum);
        const floats = xs.filter((x) => x.dtype === "float64");
        if (floats.length === 0) return;
        gradcheck(
          (given: Tensor[]): Tensor => {
            let next = 0;
            return contracted(
              sum,
              xs.map((x) => (x.dtype === "float64" ? given[next++] : x)),
            );
          },
          [floats],
        );
      }),
      { numRuns: 60 },
    );
  });

  test("is made of ops that are traced, and batched with indices and numbers of every sample", () => {
    fc.assert(
      fc.property(sums, fc.integer({ min: 1, max: 3 }), (sum, batch) => {
        if (sum.terms.length === 0) return;
        const f = (...xs: Tensor[]): Tensor => contracted(sum, xs);
        const one = operandsOf(sum);
        const others = operandsOf({ ...sum, seed: sum.seed + 1 });
        expectNear(trace(f)(...others).replay(...one).data, contracted(sum, one).data);
        const xs = operandsOf(sum, batch);
        const y = vmap(f)(...xs);
        const rows = count(sizeOf(sum.output, sum.sizes));
        for (let i = 0; i < batch; i++) {
          const row = xs.map((x) =>
            tensor(x.data.slice((i * x.size) / batch, ((i + 1) * x.size) / batch), { shape: x.shape.slice(1) }),
          );
          expectNear(y.data.slice(i * rows, (i + 1) * rows), contracted(sum, row).data);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("casts to the dtype asked for, float64 where there are only indices", () => {
    const i = { x: asHandle(tensor([1, 0], { dtype: "int32" })), labels: ["t"], selects: { label: "v", size: 3 } };
    const d = { x: asHandle(tensor([1, 2, 3], { dtype: "float32" })), labels: ["v"] };
    const sizes = new Map([
      ["t", 2],
      ["v", 3],
    ]);
    expect(contract([i], ["t", "v"], sizes).toJSON()).toEqual(
      tensor([
        [0, 1, 0],
        [1, 0, 0],
      ]).toJSON(),
    );
    expect(contract([i, i], ["t"], sizes, "float32").toJSON()).toEqual(ones([2], { dtype: "float32" }).toJSON());
    expect(contract([i, d], ["t"], sizes).toJSON()).toEqual(tensor([2, 1], { dtype: "float32" }).toJSON());
    expect(contract([i, d], ["t"], sizes, "float64").dtype).toBe("float64");
    expect(contract([], [], sizes).toArray()).toBe(1);
    const wrong = { ...i, x: asHandle(tensor([1, 3], { dtype: "int32" })) };
    for (const others of [[d], [i], []]) {
      const output = others.length === 0 ? ["v"] : [];
      expect(() => contract([wrong, ...others], output, sizes)).toThrow("index 3 at [1] is out of range");
    }
  });
});

describe("nothing is transposed behind a product", () => {
  const sizes = new Map([..."bijkmn"].map((label, i) => [label, i + 2]));
  const x = (labels: string): Tensor => ones(sizeOf([...labels], sizes));
  /** The ops that an equation comes to. */
  const opsOf = (equation: string, ...xs: Tensor[]): string[] =>
    Array.from(
      trace((...given: Tensor[]) => einsum(equation, ...given))(...xs)
        .toString()
        .matchAll(/= (\w+)/g),
      ([, name]) => name,
    );
  test.each([
    ["ik", "kj", "ij"],
    ["ik", "kj", "ji"],
    ["ik", "jk", "ji"],
    ["ki", "kj", "ji"],
    ["bik", "bkj", "bji"],
    ["bki", "bjk", "bij"],
    ["ib", "b", "bi"],
    ["i", "j", "ji"],
  ])("%s,%s->%s", (a, b, output) => {
    const transposes = opsOf(`${a},${b}->${output}`, x(a), x(b)).filter((name) => name === "transpose");
    // An operand may have to lie otherwise, the result never.
    expect(transposes.length).toBe(a === "ib" ? 1 : 0);
  });

  test("the weighted sum of outer products is one product of a small and a weighted factor", () => {
    const [w, a, b] = ["i", "im", "in"].map(x);
    const names = opsOf("i,im,in->mn", w, a, b);
    expect(names.filter((name) => name === "transpose")).toEqual([]);
    expect(names.filter((name) => name === "matmul")).toHaveLength(1);
    expect(transpose(einsum("i,im,in->mn", w, a, b)).toArray()).toEqual(einsum("i,im,in->nm", w, a, b).toArray());
  });
});

test("costs are the multiplications of the pairs and the numbers at the end", () => {
  const sizes = new Map([
    ["i", 100],
    ["m", 5],
    ["n", 7],
    ["z", 3],
  ]);
  expect(
    costOf(
      [
        ["i", "m"],
        ["i", "n"],
      ],
      ["m", "n"],
      sizes,
    ),
  ).toEqual({ multiplications: 3500, written: 35 });
  expect(costOf([["i"], ["i", "m"], ["i", "n"]], ["m", "n"], sizes)).toEqual({ multiplications: 4000, written: 35 });
  expect(
    costOf(
      [
        ["i", "m", "z"],
        ["m", "m"],
      ],
      ["i"],
      sizes,
    ),
  ).toEqual({ multiplications: 500, written: 100 });
  expect(costOf([["i", "m"]], ["i", "z"], sizes)).toEqual({ multiplications: 0, written: 300 });
  expect(costOf([], [], sizes)).toEqual({ multiplications: 0, written: 1 });
});

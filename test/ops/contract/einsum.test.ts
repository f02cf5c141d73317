import fc from "fast-check";
import { broadcastTo, einsum, jvp, onesLike, type Tensor, tensor, vjp } from "gradtape";
import { expect, test } from "vitest";
import { contractionOrder } from "../../../src/numeric/einsum/contraction-order";
import { generator } from "../../../src/testing/random";
import { untyped } from "../../support";

const LETTERS = ["a", "b", "c", "d", "X"];

/** Terms over a few letters of sizes 0 to 3, letters twice in a term among them, and an output without repetition. */
const drawn = fc
  .record({
    sizes: fc.tuple(...LETTERS.map(() => fc.integer({ min: 0, max: 3 }))),
    terms: fc.array(fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .chain(({ sizes, terms, seed }) => {
    const present = [...new Set(terms.flat())];
    return fc.shuffledSubarray(present).map((output) => ({ sizes, terms, output, seed }));
  });

const sizeOf = (label: string, sizes: readonly number[]) => sizes[LETTERS.indexOf(label)] ?? 1;
const operandsOf = (terms: readonly string[][], sizes: readonly number[], seed: number): Tensor[] => {
  const random = generator(seed);
  return terms.map((term) => {
    const shape = term.map((label) => sizeOf(label, sizes));
    const count = shape.reduce((a, b) => a * b, 1);
    const data = Array.from({ length: count }, () => random() - 0.5);
    return tensor(data, { shape });
  });
};

function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(wanted[i], 12);
}

/** The sum written as loops over every index. */
function loops(terms: readonly string[][], output: readonly string[], sizes: readonly number[], xs: readonly Tensor[]) {
  const labels = [...new Set([...terms.flat(), ...output])];
  const flat = (term: readonly string[], at: Readonly<Record<string, number>>) =>
    term.reduce((place, label) => place * sizeOf(label, sizes) + (at[label] ?? 0), 0);
  const sums = new Array<number>(output.map((l) => sizeOf(l, sizes)).reduce((a, b) => a * b, 1)).fill(0);
  const visit = (k: number, at: Record<string, number>): void => {
    const label = labels[k];
    if (label === undefined) {
      const term = terms.reduce((p, own, i) => p * xs[i].data[flat(own, at)], 1);
      sums[flat(output, at)] = sums[flat(output, at)] + term;
      return;
    }
    for (let i = 0; i < sizeOf(label, sizes); i++) visit(k + 1, { ...at, [label]: i });
  };
  visit(0, {});
  return sums;
}

test("einsum is the sum that its equation says, as loops", () => {
  fc.assert(
    fc.property(drawn, ({ sizes, terms, output, seed }) => {
      const xs = operandsOf(terms, sizes, seed);
      const y = einsum(`${terms.map((t) => t.join("")).join(",")}->${output.join("")}`, ...xs);
      expect(y.shape).toEqual(output.map((label) => sizeOf(label, sizes)));
      expectNear(y.data, loops(terms, output, sizes, xs));
    }),
    { numRuns: 300 },
  );
});

// FAULTS 21: NumPy broadcasts size 1 under a letter that others share.
test("size 1 under a letter counts as repeated, in value and derivative", () => {
  const thin = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(drawn, fc.array(thin, { minLength: 4, maxLength: 4 }), ({ sizes, terms, output, seed }, thins) => {
      const equation = `${terms.map((t) => t.join("")).join(",")}->${output.join("")}`;
      const whole = terms.map((term) => term.map((label) => sizeOf(label, sizes)));
      const narrow = (label: string, k: number) => thins[k][LETTERS.indexOf(label)];
      // A letter that is thin in every operand has size 1.
      const full = whole.map((shape, i) =>
        shape.map((size, axis) => {
          const label = terms[i][axis];
          return terms.every((term, k) => !term.includes(label) || narrow(label, k)) ? 1 : size;
        }),
      );
      const random = generator(seed);
      const xs = terms.map((term, k) => {
        const shape = term.map((label, axis) => (narrow(label, k) ? 1 : full[k][axis]));
        return tensor(
          Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
          { shape },
        );
      });
      const [y, pull] = vjp((...operands: Tensor[]) => einsum(equation, ...operands), xs);
      const [wanted, wantedPull] = vjp(
        (...operands: Tensor[]) => einsum(equation, ...operands.map((x, k) => broadcastTo(x, full[k]))),
        xs,
      );
      expect(y.shape).toEqual(wanted.shape);
      expectNear(y.data, wanted.data);
      const bars = wantedPull(onesLike(wanted));
      pull(onesLike(y)).forEach((bar, k) => void expectNear(bar.data, bars[k].data));
    }),
    { numRuns: 200 },
  );
});

test("without an arrow the output is what occurs once, in alphabetical order", () => {
  fc.assert(
    fc.property(drawn, ({ sizes, terms, seed }) => {
      const xs = operandsOf(terms, sizes, seed);
      const all = terms.flat();
      const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
      const left = terms.map((t) => t.join("")).join(" , ");
      expect(einsum(left, ...xs).toJSON()).toEqual(einsum(`${left} -> ${once.join("")}`, ...xs).toJSON());
    }),
  );
});

test('"..." stands for axes that broadcast, wherever it stands in a term', () => {
  const sizes = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(sizes, sizes, fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 999 }), (m, n, one, none, seed) => {
      const [x, y] = operandsOf(
        [
          ["a", "b", "d"],
          ["d", "b"],
        ],
        [m, n, 1, 2, 1],
        seed,
      ) as [Tensor, Tensor];
      const short = none ? einsum("db->d", y) : one ? einsum("db->d", y).reshape([2, 1]) : y;
      const wanted = einsum(
        "abd,db->abd",
        x,
        none || one ? einsum("d,b->db", short.reshape([2]), tensor(new Array<number>(n).fill(1))) : y,
      );
      expect(einsum("...d,d...->...d", x, short).toArray()).toEqual(wanted.toArray());
      expect(einsum("...d,d...", x, short).toArray()).toEqual(einsum("abd->ab", wanted).toArray());
    }),
  );
});

test("the derivative by one operand is the einsum of the cotangent with the others", () => {
  fc.assert(
    fc.property(drawn, ({ sizes, terms, output, seed }) => {
      const distinct = terms.map((term) => [...new Set(term)]);
      const kept = output.filter((label) => distinct.some((term) => term.includes(label)));
      const xs = operandsOf(distinct, sizes, seed);
      const [bar] = operandsOf([kept], sizes, seed + 1) as [Tensor];
      const texts = distinct.map((term) => term.join(""));
      const [, pullback] = vjp((...ys: Tensor[]) => einsum(`${texts.join(",")}->${kept.join("")}`, ...ys), xs);
      pullback(untyped(bar)).forEach((gradient, k) => {
        const others = texts.filter((_, i) => i !== k);
        const ones = texts[k];
        // Indices that only this operand has: ones of their sizes bring them in.
        const fill = operandsOf([distinct[k]], sizes, 1).map((x) => x.mul(0).add(1));
        const wanted = einsum(
          `${[kept.join(""), ...others, ones].join(",")}->${ones}`,
          bar,
          ...xs.filter((_, i) => i !== k),
          ...fill,
        );
        expectNear(gradient.data, wanted.data);
      });
      const directions = operandsOf(distinct, sizes, seed + 2);
      const [, dot] = jvp(
        (...ys: Tensor[]) => einsum(`${texts.join(",")}->${kept.join("")}`, ...ys),
        xs,
        untyped(directions),
      );
      const parts = xs.map((_, k) =>
        einsum(`${texts.join(",")}->${kept.join("")}`, ...xs.map((x, i) => (i === k ? directions[i] : x))),
      );
      const total = parts.reduce((sum, part) => sum.add(part));
      expectNear(dot.data, total.data);
    }),
  );
});

/** Multiplications of an order. */
function workOf(
  operands: readonly string[][],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
  pairs: readonly (readonly [number, number])[],
) {
  let rest: string[][] = operands.map((labels) => [...labels]);
  let work = 0;
  for (const [i, j] of pairs) {
    const all = [...new Set([...rest[i], ...rest[j]])];
    work += all.reduce((product, label) => product * (sizes.get(label) as number), 1);
    rest = rest.filter((_, k) => k !== i && k !== j);
    rest.push(all.filter((label) => output.includes(label) || rest.some((other) => other.includes(label))));
  }
  return work;
}

test("the order of up to six operands is the cheapest of all orders of pairs", () => {
  const labels = fc.uniqueArray(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(labels, { minLength: 2, maxLength: 4 }),
      fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 5, maxLength: 5 }),
      (operands, numbers) => {
        const sizes = new Map(LETTERS.map((label, i) => [label, numbers[i]]));
        const output = operands[0].slice(0, 1);
        let best = Infinity;
        const tryAll = (count: number, pairs: [number, number][]): void => {
          if (count === 1) best = Math.min(best, workOf(operands, output, sizes, pairs));
          for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) tryAll(count - 1, [...pairs, [i, j]]);
        };
        tryAll(operands.length, []);
        expect(workOf(operands, output, sizes, contractionOrder(operands, output, sizes))).toBe(best);
      },
    ),
  );
});

test("a long chain of small matrices is contracted without large intermediates", () => {
  const operands = Array.from({ length: 12 }, (_, i) => [`i${i}`, `i${i + 1}`]);
  const sizes = new Map(Array.from({ length: 13 }, (_, i) => [`i${i}`, 4]));
  const work = workOf(operands, ["i0", "i12"], sizes, contractionOrder(operands, ["i0", "i12"], sizes));
  expect(work).toBe(11 * 4 ** 3);
});

test("fifty operands are contracted one after the other", () => {
  const operands = Array.from({ length: 50 }, (_, i) => [`i${i}`, `i${i + 1}`]);
  const sizes = new Map(Array.from({ length: 51 }, (_, i) => [`i${i}`, 4]));
  const pairs = contractionOrder(operands, ["i0", "i50"], sizes);
  expect(workOf(operands, ["i0", "i50"], sizes, pairs)).toBe(49 * 4 ** 3);
});

test("one equation for operands of other shapes is planned anew", () => {
  const equation = "i...,...->i";
  expect(einsum("...i,...i->...", tensor([1, 2]), tensor([3, 4])).toArray()).toBe(11);
  expect(einsum("...i,...i->...", tensor([[1, 2]]), tensor([[3, 4]])).toArray()).toEqual([11]);
  for (let k = 1; k < 300; k++) {
    const x = tensor(new Array<number>(k).fill(1));
    expect(einsum("i,i", x, x).item()).toBe(k);
  }
  expect(() => einsum(equation, tensor([1, 2]), tensor([1, 2]))).toThrow("einsum: the equation");
});

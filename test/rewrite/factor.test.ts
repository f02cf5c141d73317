// Factor: an output is the sum of its terms, whatever steps lead to it.
import fc from "fast-check";
import { add, einsum, mul, neg, reshape, scatterAdd, sum, type Tensor, tensor, transpose, zeros } from "gradtape";
import { describe, expect, test } from "vitest";
import { accumulate } from "../../src/core/op/sweep-ops";
import { asHandle } from "../../src/core/tensor/value";
import { Factoring } from "../../src/rewrite/factor";
import { type Label, Labels } from "../../src/rewrite/labels";
import type { Operand } from "../../src/rewrite/prune";
import { stacked } from "../../src/rewrite/stack";
import type { Term } from "../../src/rewrite/terms";
import { generator } from "../../src/testing/random";
import { diagonal, programs, type RandomProgram } from "./random-programs";
import { programOf, run, spelled, whole } from "./spelled";

const largest = (numbers: readonly number[]): number => numbers.reduce((a, x) => Math.max(a, Math.abs(x)), 0);

/** Programs whose numbers are exact: sums of products of small whole numbers. */
const exact = programs.filter(({ program, inputs }) => largest(run(program, inputs).flat()) < 2 ** 40);

const factoringOf = ({ program, varying, anyway, outputs }: RandomProgram) =>
  new Factoring(program, varying, anyway, outputs);

/** Each output as the sum of the terms that `termsOf` gives, beside what the program gives. */
function expectSpelled(drawn: RandomProgram, termsOf: (walk: Factoring, y: Operand) => Term[]): void {
  const { program, inputs, outputs, anyway } = drawn;
  const walk = factoringOf(drawn);
  const terms = outputs.map((y) => termsOf(walk, y));
  const wanted = run({ ...program, outputs: [...outputs, ...anyway] }, inputs);
  outputs.forEach((y, k) => {
    const got = spelled(walk, terms[k], walk.draft.kindOf(y).shape, inputs);
    // 0 is not told from -0.
    expect(got.map((x) => x + 0)).toEqual(wanted[k].map((x) => x + 0));
  });
  expect(run(walk.draft.programOf(anyway), inputs)).toEqual(wanted.slice(outputs.length));
}

describe("random programs", () => {
  test("the terms of an output add up to it, and what is needed anyway stays as it was", () => {
    fc.assert(
      fc.property(exact, (drawn) => expectSpelled(drawn, (walk, y) => walk.terms(y))),
      { numRuns: 1000 },
    );
  });

  test("stacked, they still do", () => {
    fc.assert(
      fc.property(exact, (drawn) => expectSpelled(drawn, (walk, y) => stacked(walk.draft, walk.labels, walk.terms(y)))),
      { numRuns: 500 },
    );
  });

  test("are taken apart in every way that there is", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(programs, (drawn) => {
        const walk = factoringOf(drawn);
        for (const y of drawn.outputs) {
          const terms = walk.terms(y);
          if (terms.length > 1) seen.add("several terms");
          for (const t of terms) {
            if (t.factors.length > 1) seen.add("product");
            if (t.factors.some((f) => f.selects !== null)) seen.add("selection");
            if (t.axes.some((axis) => axis.place !== null)) seen.add("window");
            if (t.scale !== 1) seen.add("scale");
            if (t.axes.some((axis) => axis.labels.length > 1)) seen.add("merged axes");
          }
        }
      }),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(["merged axes", "product", "scale", "selection", "several terms", "window"]);
  });
});

/** A program of inputs that all differ by sample, of which every output is wanted. */
function drawnOf(inputs: readonly Tensor[], f: (xs: readonly Tensor[]) => readonly Tensor[]): RandomProgram {
  const program = programOf(
    inputs.map((x) => asHandle(x)),
    f,
  );
  return { program, inputs, varying: inputs.map(() => true), outputs: program.outputs, anyway: [] };
}
const random = generator(1);
const outer = (x: Tensor, y: Tensor): Tensor => mul(reshape(x, [-1, 1]), y);

describe("what several steps read", () => {
  test("is not changed for the others by one that takes its diagonal", () => {
    const inputs = [whole(random, [3], 1, 3), whole(random, [3], 1, 3)];
    const drawn = drawnOf(inputs, ([x, y]) => {
      const both = outer(x, y);
      return [diagonal(both), neg(both), both];
    });
    expectSpelled(drawn, (walk, y) => walk.terms(y));
  });

  test("is not changed for the others by one that cuts its axes", () => {
    const inputs = [whole(random, [6]), whole(random, [4])];
    const drawn = drawnOf(inputs, ([x, y]) => {
      const both = outer(x, y);
      return [reshape(both, [2, 3, 2, 2]), transpose(both), reshape(both, [3, 2, 4])];
    });
    expectSpelled(drawn, (walk, y) => walk.terms(y));
  });

  test("stands for itself if it has many terms, of which each would multiply what follows", () => {
    const xs = Array.from({ length: 40 }, (_, k) => whole(random, [1 + (k % 20)]));
    const drawn = drawnOf([whole(random, [2]), ...xs], ([x, ...others]) => {
      // Contractions of different sizes: they are not alike.
      const total = others.map((y) => outer(x, y)).map((both, k) => mul(sum(both, { axis: 1 }), k + 1));
      const both = total.reduce((a, b) => add(a, b));
      return [neg(both), mul(both, 2)];
    });
    expectSpelled(drawn, (walk, y) => {
      const terms = walk.terms(y);
      expect(terms.length).toBeLessThanOrEqual(16);
      return terms;
    });
  });
});

test("zeros that something is added to are no term, and zeros that multiply stay: they may meet Infinity", () => {
  const indices = tensor([1, 0], { dtype: "int32" });
  const drawn = drawnOf([whole(random, [2, 3])], ([x]) => [
    add(zeros([2, 3]), neg(x)),
    scatterAdd(zeros([4, 3]), indices, neg(x)),
    mul(neg(x), zeros([2, 3])),
  ]);
  expectSpelled(drawn, (walk, y) => {
    const terms = walk.terms(y);
    expect(terms).toHaveLength(1);
    return terms;
  });
});

/** Labels that count how often they are made and looked at. */
class Counting extends Labels {
  count = 0;
  override make(size: number, stays = false): Label[] {
    this.count++;
    return super.make(size, stays);
  }
  override resolve(labels: readonly Label[]): Label[] {
    this.count += labels.length;
    return super.resolve(labels);
  }
}

describe("long chains", () => {
  test("of 30,000 accumulations are as many terms, one after the other", () => {
    const n = 30_000;
    const inputs = [whole(random, [2], 1, 2), whole(random, [3], 1, 2), whole(random, [2, 3])];
    const drawn = drawnOf(inputs, ([x, y, z]) => {
      let [left, right] = [asHandle(z), asHandle(z)];
      const both = outer(x, y);
      for (let k = 0; k < n / 2; k++) {
        left = accumulate(left, asHandle(neg(both)));
        right = accumulate(asHandle(neg(both)), right);
      }
      return [left, right];
    });
    const counting = new Counting();
    const walk = new Factoring(drawn.program, drawn.varying, [], drawn.outputs, counting);
    for (const y of drawn.outputs) {
      const terms = walk.terms(y);
      expect(terms).toHaveLength(n / 2 + 1);
      const few = stacked(walk.draft, walk.labels, terms);
      expect(few).toHaveLength(2);
      expect(spelled(walk, few, [2, 3], inputs)).toEqual(run({ ...drawn.program, outputs: [y] }, inputs)[0]);
    }
    expect(counting.count).toBeLessThan(100 * n);
  });

  test.each([
    ["multiplied by what all samples share", (y: Tensor, w: Tensor) => mul(y, w)],
    ["and sums of products with what all samples share", (y: Tensor, w: Tensor) => einsum("ab,bc->ac", y, w)],
  ])("%s stay short terms", (_, step) => {
    const n = 3000;
    const inputs = [
      whole(random, [2], 1, 2),
      whole(random, [2], 1, 2),
      tensor([
        [0, 1],
        [1, 0],
      ]),
    ];
    const program = programOf(
      inputs.map((x) => asHandle(x)),
      ([x, y, w]) => {
        let total = outer(x, y);
        for (let k = 0; k < n; k++) total = add(step(total, w), outer(x, mul(y, k % 2)));
        return [total];
      },
    );
    const counting = new Counting();
    const walk = new Factoring(program, [true, true, false], [], program.outputs, counting);
    const terms = walk.terms(program.outputs[0]);
    expect(terms.length).toBeLessThan(100);
    expect(Math.max(...terms.map((t) => t.factors.length))).toBeLessThan(100);
    expect(spelled(walk, terms, [2, 2], inputs)).toEqual(run(program, inputs)[0]);
    expect(counting.count).toBeLessThan(3000 * n);
  });
});

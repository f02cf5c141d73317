// Ops that declare what they are not: checkOp must say which fact is wrong, and how.
import {
  add,
  defineLinear,
  defineOp,
  mul,
  type OpDefinition,
  reshape,
  scatterAdd,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
} from "gradtape";
import { checkOp } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { caught } from "./caught";

type Two = readonly [a: Tensor, b: Tensor];
type Declared = OpDefinition<Two, undefined>["declares"];

/** The outer product of two vectors. */
const products = (declares: Declared) =>
  defineOp<Two>({
    name: "products",
    shape: ([a, b]) => [...a, ...b],
    evaluate: (output, [a, b]) => {
      a.data.forEach((x, i) => {
        b.data.forEach((y, j) => {
          output[i * b.size + j] = x * y;
        });
      });
    },
    vjp: [
      ({ yBar, inputs: [, b] }) => sum(mul(yBar, b), { axis: 1 }),
      ({ yBar, inputs: [a] }) => sum(mul(transpose(yBar), a), { axis: 1 }),
    ],
    declares,
  });
const vectors = () => ({ inputs: [tensor([1, 2]), tensor([3, 4, 5])] });

/** What checkOp says of what is declared, without the case. */
function saidOf(op: Parameters<typeof checkOp>[0], inputs: readonly Tensor[], attrs?: object): string {
  const error = caught(() => checkOp(op, () => ({ inputs, attrs }), { laws: ["declares"], runs: 1 }));
  expect(error.facts).toMatchObject({ law: "declares", rule: "declares" });
  return error.message
    .replace(/^checkOp: \w+ breaks the law "declares": /, "")
    .replace(/ Seed \d+: .*?\. (?=[A-Z])/s, " ");
}
const saidOfProducts = (declares: Declared) => saidOf(products(declares), vectors().inputs);

const EQUATION =
  'An equation has one term for each input and one letter for each axis; "1" is an axis of size 1 that is stretched; a letter has one size.';

test("true facts pass", () => {
  checkOp(products({ linear: "each", contraction: () => "a,b->ab" }), vectors);
  checkOp(products({ contraction: ([[n], [m]]) => (n === m ? null : "x,y->xy") }), vectors);
});

describe("a contraction that is not what evaluate does:", () => {
  test.each([
    ["a,b->ba", 'has letter "b" for size 3 (input 1) and size 2 (the output)'],
    ["ab->ab", "has 1 term for 2 inputs"],
    ["ab,c->ac", 'has 2 letters ("ab") for input 0, which has shape [2]'],
    ["a,a->aa", 'has a letter twice behind "->"'],
    ["a,a->ab", 'has letter "a" for size 2 (input 0) and size 3 (input 1)'],
    ["1,b->ab", 'has "1" for axis 0 of input 0, which has size 2'],
    ["a,b->a1", 'must have letters alone behind "->"'],
    ["a,b", 'must be terms, "->" and the output, as in "ab,bc->ac"'],
  ])("%s", (equation, words) => {
    expect(saidOfProducts({ contraction: () => equation })).toBe(
      `the contraction "${equation}" that products declares ${words}. ${EQUATION}`,
    );
  });

  test("wrong in numbers", () => {
    const message = saidOf(products({ contraction: () => "a,b->ba" }), [tensor([1, 2]), tensor([3, 4])]);
    expect(message).toBe(
      'the contraction "a,b->ba" that products declares gives 6 for element 1 of the output, its evaluate 4. What products declares and what its evaluate does must be the same.',
    );
  });

  test("no text at all", () => {
    const contraction = (): string => JSON.parse("5");
    expect(saidOfProducts({ contraction })).toBe(
      `the contraction that products declares must give a text or null, got number. ${EQUATION}`,
    );
  });
});

/** A linear op of one input that does what it does not say: y is x reversed, with twice its elements. */
const reversed = (declares: object) => {
  const op = defineLinear({
    name: "reversed",
    shape: (shape) => shape,
    evaluate: (output, x) => output.set(x.data.map((_, i) => 2 * (x.data[x.size - 1 - i] ?? 0))),
    transpose: (yBar): Tensor => op(yBar),
    declares,
  });
  return op;
};
const SAME = "What reversed declares and what its evaluate does must be the same.";

describe("other facts that are not so:", () => {
  const pair = [tensor([1, 2])];

  test("regroup", () => {
    expect(saidOf(reversed({ regroup: true }), pair)).toBe(
      `the regroup that reversed declares gives 1 for element 0 of the output, its evaluate 4. ${SAME}`,
    );
    expect(saidOfProducts({ regroup: true })).toBe(
      "products declares regroup, but has 2 inputs. A fact about the one input is for ops that have one.",
    );
  });

  test("scale", () => {
    expect(saidOf(reversed({ scale: () => 2 }), pair)).toBe(
      `the scale 2 that reversed declares gives 2 for element 0 of the output, its evaluate 4. ${SAME}`,
    );
  });

  test("placement", () => {
    const placed = (starts: number[], sizes: number[], shape: number[]) =>
      saidOf(reversed({ placement: () => ({ starts, steps: [1], sizes, shape }) }), pair);
    const hint =
      "A window has a start, a step and a size for each axis of the shape, and all that it takes lies inside.";
    expect(placed([0], [2], [2])).toBe(
      `the placement that reversed declares gives 1 for element 0 of the output, its evaluate 4. ${SAME}`,
    );
    expect(placed([0], [2], [3])).toBe(
      `the placement that reversed declares gives shape [3], its shape rule [2]. ${SAME}`,
    );
    expect(placed([1], [2], [2])).toBe(`the placement that reversed declares leaves the shape [2] on axis 0. ${hint}`);
    expect(placed([0], [3], [3])).toBe(
      `the placement that reversed declares takes [3] of an input of shape [2]. ${hint}`,
    );
    expect(placed([0, 0], [2], [2])).toBe(
      `the placement that reversed declares has 2, 1, 1 starts, steps and sizes for shape [2]. ${hint}`,
    );
  });

  test("selection", () => {
    const gathered = (axis: number, indices: number, values: number) =>
      defineOp<[x: Tensor, at: Tensor, more: Tensor]>({
        name: "gathered",
        shape: ([x]) => x,
        dtype: ([x]) => x,
        evaluate: (output, [x, at, more]) => {
          output.set(x.data);
          at.data.forEach((to, i) => {
            output[to] = more.data[i] ?? 0;
          });
        },
        vjp: [
          ({ yBar, inputs: [, at] }) => add(yBar, scatterAdd(mul(0, yBar), at, mul(-1, take(yBar, at)))),
          null,
          ({ yBar, inputs: [, at] }) => take(yBar, at),
        ],
        declares: { selection: () => ({ base: 0, indices, values, axis }) },
      });
    const inputs = [tensor([1, 2]), tensor([1], { dtype: "int32" }), tensor([5])];
    const hint = "Updates have the shape of the base, with the axes of the indices in the place of its axis.";
    expect(saidOf(gathered(0, 1, 2), inputs)).toBe(
      "the selection that gathered declares gives 7 for element 1 of the output, its evaluate 5. What gathered declares and what its evaluate does must be the same.",
    );
    expect(saidOf(gathered(1, 1, 2), inputs)).toBe(
      `the selection that gathered declares has axis 1 of a base of shape [2]. ${hint}`,
    );
    expect(saidOf(gathered(0, 1, 3), inputs)).toBe(
      `the selection that gathered declares names inputs 0, 1, 3 of 3. ${hint}`,
    );
    expect(saidOf(gathered(0, 1, 0), inputs)).toBe(
      `the selection that gathered declares needs updates of shape [1], got [2]. ${hint}`,
    );
  });

  test("linear", () => {
    expect(saidOfProducts({ linear: "jointly" })).toMatch(
      /^products declares linear: "jointly", but element \d of the output is \S+ for a sum, \S+ by its terms\. It is "jointly" /,
    );
    const shifted = defineOp<[x: Tensor]>({
      name: "shifted",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data.map((element) => element + 1)),
      vjp: [({ yBar }) => yBar],
      declares: { linear: "each" },
    });
    expect(saidOf(shifted, pair)).toBe(
      'shifted declares linear: "each", but zeros for input 0 give 1 for element 0 of the output. It is "jointly" (in all inputs at once) or "each" (in each input with the others fixed).',
    );
  });

  test("elementwise", () => {
    const hint = "Elementwise is what gives each element of the output from those at its position, after broadcasting.";
    const running = defineOp<[x: Tensor]>({
      name: "running",
      shape: ([x]) => x,
      evaluate: (output, [x]) => {
        let total = 0;
        x.data.forEach((element, i) => {
          total += element;
          output[i] = total;
        });
      },
      vjp: [({ yBar }) => add(yBar, mul(0, reshape(yBar, yBar.shape)))],
      declares: { elementwise: true },
    });
    const error = caught(() => checkOp(running, () => ({ inputs: pair }), { laws: ["declares"] }));
    expect(error.message).toContain(
      "running declares elementwise, but element 1 of the output depends on element 0 of input 0",
    );
    expect(error.hint).toBe(hint);
    expect(saidOfProducts({ elementwise: true })).toBe(
      `products declares elementwise, but input 0 of shape [2] does not broadcast to [2, 3]. ${hint}`,
    );
  });
});

test("a contraction of an op of several outputs", () => {
  const twice = defineOp<[x: Tensor]>({
    name: "twice",
    parts: 2,
    shape: ([x]) => [x, x],
    evaluate: (outputs, [x]) => {
      for (const output of outputs) output.set(x.data);
    },
    vjp: [({ yBars: [a, b], inputs: [x] }) => add(a ?? mul(0, x), b ?? mul(0, x))],
    declares: { contraction: () => "a->a" },
  });
  expect(saidOf(twice, [tensor([1])])).toBe(
    "twice declares a contraction, but has 2 outputs. A contraction is for ops that have one output.",
  );
});

test("an op that lies is found inside a function, by its own name", () => {
  const op = products({ contraction: () => "a,b->b" });
  expect(saidOf((a: Tensor, b: Tensor) => mul(op(a, b), 2), vectors().inputs)).toContain(
    'the contraction "a,b->b" that products declares has 1 letter ("b") for the output, which has shape [2, 3]',
  );
});

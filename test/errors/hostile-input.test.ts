// FAULTS 28, 29, 30: input that no program means, but that some program gives: an error with a code, soon, and of one line.
import { runInNewContext } from "node:vm";
import * as gradtape from "gradtape";
import {
  allClose,
  arange,
  argmax,
  backward,
  batchGrad,
  broadcastTo,
  conv2d,
  defineBinary,
  defineLinear,
  defineOp,
  defineReduction,
  defineUnary,
  dtypeOf,
  exp,
  explain,
  eye,
  GradtapeError,
  grad,
  hessian,
  mul,
  ones,
  pad,
  polygamma,
  searchsorted,
  shapeOf,
  square,
  sum,
  sumTo,
  type Tensor,
  type TensorData,
  take,
  tensor,
  tile,
  trace,
  tree,
  valueAndGrad,
  valueOf,
  variable,
  vmap,
  zeros,
} from "gradtape";
import { adam, leastSquares, minimize, sgd } from "gradtape/optim";
import { checkOp, gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { describe as described, list } from "../../src/base/errors";
import { untyped } from "../support";
import { errorOf } from "./error-of";

const LONG = 1000;
const m = ones([2, 3]);

/** An array inside itself. */
const cycle: unknown[] = [];
cycle.push(cycle, cycle);

// biome-ignore-start lint/suspicious/noSparseArray: holes are what some of this is about
describe("messages are short whatever they quote", () => {
  const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 1);
  const wide = Array.from({ length: 8 }, () => Array.from({ length: 8 }, () => Array(8).fill("x".repeat(40))));
  const named = Object.defineProperty(() => 1, "name", { value: "f".repeat(1e5) });
  test.each<[string, unknown]>([
    ["a cycle", cycle],
    ["a deep array", deep],
    ["a wide one", wide],
    ["a long text", "x".repeat(1e6)],
    ["a long name", named],
    ["a large bigint", 10n ** 10_000n],
    ["a symbol", Symbol("x".repeat(1e5))],
    ["a hole", [, 1]],
    ["an object whose constructor is odd", { constructor: { name: m } }],
    ["no prototype", Object.create(null)],
  ])("%s", (_, x) => {
    expect(described(x).length).toBeLessThanOrEqual(300);
    expect(list([x, x]).length).toBeLessThanOrEqual(LONG);
    for (const call of [
      () => sum(untyped(x)),
      () => zeros(untyped(x)),
      () => zeros(untyped([x])),
      () => tensor(untyped(x)),
    ]) {
      const error = errorOf(call);
      expect(error).toContain("[");
      expect(error.length).toBeLessThan(2 * LONG);
    }
  });

  test("short ones read as before", () => {
    expect(described([1, [2, "a"], true])).toBe('[1, [2, "a"], true]');
    expect(described([[[1]]])).toBe("[[an array of 1]]");
    expect(list([2, 3])).toBe("[2, 3]");
  });

  test("a path of a long key, and a shape of many sizes", () => {
    expect(errorOf(() => grad(() => 1)({ ["k".repeat(1e6)]: "x" })).length).toBeLessThan(2 * LONG);
    expect(errorOf(() => zeros(Array(1e5).fill(-1))).length).toBeLessThan(2 * LONG);
  });
});

describe("FAULTS 31: names, equations and paths of any length", () => {
  const long = "k".repeat(1e5);
  const nested = Array.from({ length: 500 }).reduce<unknown>((inner) => ({ layer: inner }), "x");
  test.each<[string, () => unknown, string]>([
    ["an option", () => sum(m, untyped({ [long]: 1 })), "[option/unknown] sum"],
    ["an option near another", () => sum(m, untyped({ [`axis${long}`]: 1 })), "[option/unknown] sum"],
    ["an equation", () => gradtape.einsum(`${"a".repeat(1e4)}!${"b".repeat(1e4)}->`, m), "  ^"],
    ["the end of an equation", () => gradtape.einsum(`${"a ".repeat(1e4)}!`, m), "!\n"],
    ["a key", () => grad(() => 1)({ [long]: "x" }), "[tree/leaf] grad"],
    ["a deep path", () => grad(() => 1)(untyped(nested)), ".layer is"],
    ["a path of a batch", () => batchGrad(() => 1)(1, untyped({ [long]: 1 })), "[batch"],
    [
      "a path of axes",
      () => vmap(untyped(sum), { inAxes: [untyped({ [long]: "x" })] })(untyped({ [long]: m })),
      "[vmap/axes]",
    ],
    ["a key of axes", () => vmap(untyped(sum), { inAxes: [untyped({ [long]: 0 })] })(untyped({ a: m })), "[vmap/axes]"],
    [
      "the keys there are",
      () =>
        vmap(untyped(sum), { inAxes: [untyped({ b: 0 })] })(
          untyped(Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`p${i}`, m]))),
        ),
      "Known parts: p0, p1",
    ],
  ])("%s", (_, call, text) => {
    const error = errorOf(call);
    expect(error.slice(0, LONG)).toContain(text);
    expect(error.length).toBeLessThan(500);
  });

  test("the caret stands under the character", () => {
    const lines = errorOf(() => gradtape.einsum(`${"ab,".repeat(100)}a!${"b".repeat(100)}`, m)).split("\n");
    expect(lines[1][lines[2].indexOf("^")]).toBe("!");
  });
});

describe("allocations that fail say op, shape and bytes", () => {
  test.each<[string, () => unknown, string]>([
    [
      "zeros",
      () => zeros([1e9, 1e9]),
      "zeros: no memory for float64[1000000000, 1000000000], 8000000000000000000 bytes.",
    ],
    ["eye", () => eye(1e6), "eye: no memory for float64[1000000, 1000000]"],
    [
      "full",
      () => gradtape.full([1e13], 1, { dtype: "float32" }),
      "full: no memory for float32[10000000000000], 40000000000000 bytes",
    ],
    ["broadcastTo", () => broadcastTo(1, [1e6, 1e6]), "broadcastTo: no memory for float64[1000000, 1000000]"],
    ["pad", () => pad(ones([1]), [[0, 1e12]]), "pad: no memory for float64[1000000000001]"],
    ["tile", () => tile(ones([1]), [1e12]), "] tile: no memory for float64["],
    ["repeat", () => gradtape.repeat(ones([1]), 1e12), "] repeat: no memory for float64["],
    ["meshgrid", () => gradtape.meshgrid(ones([1e6]), ones([1e6])), "] meshgrid: no memory for float64["],
    ["diag", () => gradtape.diag(ones([1e6])), "] diag: no memory for float64["],
    ["outer", () => gradtape.outer(ones([1e6]), ones([1e6])), "] outer: no memory for float64["],
    ["kron", () => gradtape.linalg.kron(ones([1e3, 1e3]), ones([1e3, 1e3])), "] linalg.kron: no memory for float64["],
    [
      "an op that broadcasts",
      () => mul(ones([1, 1e6]), ones([1e6, 1])),
      "mul: no memory for float64[1000000, 1000000]",
    ],
    ["hessian", () => hessian((x: Tensor) => sum(square(x)))(ones([1e6])), "no memory for float64["],
    ["arange", () => arange(1e13), "arange: no memory for float64[10000000000000]"],
    ["linspace", () => gradtape.linspace(0, 1, 1e13), "linspace: no memory"],
    [
      "random",
      () => gradtape.random.uniform(gradtape.random.key(1), [1e13]),
      "] random.uniform: no memory for float64[10000000000000], 80000000000000 bytes. Compute it in parts.",
    ],
    [
      "random choices",
      () => gradtape.random.choice(gradtape.random.key(1), 5, [1e13]),
      "] random.choice: no memory for int32[10000000000000]",
    ],
    [
      "random choices by weight",
      () => gradtape.random.choice(gradtape.random.key(1), 2, [1e13], { weights: [1, 1] }),
      "] random.choice: no memory for int32[10000000000000]",
    ],
    [
      "random classes",
      () => gradtape.random.categorical(gradtape.random.key(1), ones([2]), { shape: [1e13] }),
      "] random.categorical: no memory for float64[10000000000000, 2]",
    ],
    ["oneHot", () => gradtape.oneHot([0], 1e13), "no memory for"],
  ])("%s", (_, call, text) => {
    const error = errorOf(call);
    expect(error).toContain("[tensor/memory]");
    expect(error).toContain(text);
  });
});

describe("an answer or an error at once", () => {
  test.each<[string, () => unknown, string]>([
    ["arange(2 ** 54)", () => arange(2 ** 54), "[tensor/memory] arange"],
    ["arange(1e300)", () => arange(1e300), "[tensor/memory] arange"],
    ["steps less than a rounding", () => arange(2 ** 100, 2 ** 100 + 2 ** 48, 1), "[tensor/memory] arange"],
    [
      "indices that contain themselves",
      () => take(m, untyped(cycle)),
      "[tensor/data] take: indices must be nested at most 32 deep.",
    ],
    ["data that contain themselves", () => tensor(untyped(cycle)), "[tensor/data]"],
  ])("%s", (_, call, text) => {
    expect(errorOf(call)).toContain(text);
  });

  test("arange leaves out what is rounded to stop, as before", () => {
    expect(arange(1e16, 1e16 + 4, 1).toArray()).toEqual([1e16, 1e16, 1e16 + 2]);
    expect(arange(0, 1, 0.1).size).toBe(10);
    expect(arange(1, 0, -0.25).toArray()).toEqual([1, 0.75, 0.5, 0.25]);
  });

  test("polygamma of a large order", () => {
    const start = performance.now();
    expect(polygamma(1e5, 2)).toBe(-Infinity);
    expect(polygamma(100_001, 1e5)).toBe(0);
    expect(polygamma(1e5, -1.25)).toBe(Infinity);
    expect(polygamma(1e9, 3e8)).not.toBeNaN();
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("trees of many keys take linear time", () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const start = performance.now();
    tree.map((a) => a, many, many);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("engine errors are errors with codes", () => {
  const f = (x: Tensor) => sum(square(x));
  test.each<[string, () => unknown, string]>([
    [
      "valueOf of nothing",
      () => valueOf(untyped(undefined)),
      "[argument/tensor] valueOf: x must be a number or a tensor, got undefined. Look for a missing argument, or a missing return.",
    ],
    [
      "shapeOf of an array",
      () => shapeOf(untyped([1])),
      "[argument/tensor] shapeOf: x must be a number or a tensor, got [1].",
    ],
    ["dtypeOf of null", () => dtypeOf(untyped(null)), "[argument/tensor] dtypeOf"],
    ["explain of an object", () => explain(untyped({})), "[argument/tape] explain: subject must be a tape"],
    ["explain of nothing", () => explain(untyped(undefined)), "[argument/tape]"],
    [
      "gradcheck without brackets",
      () => gradcheck(f, untyped(m)),
      "[argument/array] gradcheck: args must be the array of arguments, got a tensor. Write [x].",
    ],
    ["gradcheck of no function", () => gradcheck(untyped(1), [m]), "[argument/function] gradcheck"],
    ["checkOp of no cases", () => checkOp(exp, untyped([])), "[argument/function] checkOp: cases must be a function"],
    [
      "onIteration of minimize",
      () => minimize(f, ones([2]), { onIteration: untyped("x") }),
      "[argument/function] minimize: onIteration must be a function",
    ],
    [
      "onIteration of leastSquares",
      () => leastSquares((x: Tensor) => x, ones([2]), { onIteration: untyped(1) }),
      "[argument/function] leastSquares: onIteration",
    ],
  ])("%s", (_, call, text) => {
    expect(errorOf(call)).toContain(text);
  });
});

describe("definitions are checked when they are given", () => {
  const whole = { name: "own", shape: ([x]: readonly number[][]) => x, evaluate: () => undefined, vjp: [null] };
  const define = (definition: unknown) => errorOf(() => defineOp(untyped(definition)));
  test.each<[unknown, string]>([
    [undefined, "[op/definition] defineOp: the definition must be an object, got undefined."],
    [{}, "[op/definition] defineOp: name must be a text, got undefined. A definition has name, shape, evaluate."],
    [{ ...whole, name: "" }, "[op/definition] defineOp: name must be a text"],
    [{ ...whole, shape: undefined }, "[op/definition] defineOp: shape of own must be a function, got undefined."],
    [{ ...whole, evaluate: 1 }, "[op/definition] defineOp: evaluate of own must be a function, got 1."],
    [{ ...whole, evalute: () => 1 }, '[option/unknown] defineOp: unknown option "evalute". Did you mean "evaluate"?'],
    [{ ...whole, vjps: [null] }, '[option/unknown] defineOp: unknown option "vjps". Did you mean "vjp"?'],
    [{ ...whole, vjp: () => 1 }, "[op/definition] defineOp: vjp of own must be an array of functions and nulls"],
    [{ ...whole, vjp: [1] }, "[op/definition] defineOp: vjp of own"],
    [{ ...whole, jvp: [, null] }, "[op/definition] defineOp: jvp of own"],
    [{ ...whole, batch: true }, "[op/definition] defineOp: batch of own must be a function, got true."],
    [{ ...whole, parts: 0 }, "[op/definition] defineOp: parts of own must be a number of outputs, got 0."],
    [{ ...whole, vjp: undefined }, "[op/definition] own: a definition must have vjp or pullback, got neither."],
  ])("%#", (definition, text) => {
    expect(define(definition)).toContain(text);
  });

  test("of families too", () => {
    const [value, derivative] = [(x: number) => x, 1];
    expect(errorOf(() => defineUnary(untyped({ name: "own", value, derivatives: 1 })))).toContain(
      '[option/unknown] defineUnary: unknown option "derivatives". Did you mean "derivative"?',
    );
    expect(errorOf(() => defineUnary(untyped({ name: "own", derivative })))).toContain(
      "value of own must be a function",
    );
    expect(errorOf(() => defineUnary(untyped({ name: "own", value })))).toContain("must be a number or a function");
    expect(errorOf(() => defineBinary(untyped({ name: "own", value, derivatives: [1] })))).toContain(
      "two numbers or functions",
    );
    expect(errorOf(() => defineReduction(untyped({ name: "own", combine: value, derivative: value })))).toContain(
      "initial of own must be a number, got undefined.",
    );
    expect(errorOf(() => defineLinear(untyped({ name: "own", shape: value, evaluate: value })))).toContain(
      "transpose of own must be a function",
    );
    expect(errorOf(() => gradtape.defineBilinear(untyped({ ...whole, jvp: [] })))).toContain('unknown option "jvp"');
  });
});

describe("nothing wrong is taken without a word", () => {
  const image = ones([1, 1, 4, 4]);
  const kernel = ones([1, 1, 2, 2]);
  const holes = [, 1];
  const cost = (x: Tensor) => sum(square(x));
  const wrong = defineUnary({ name: "wrong", value: (x) => x * x, derivative: 1 });
  test.each<[string, () => unknown, string]>([
    [
      "holes in a stride",
      () => conv2d(image, kernel, { stride: untyped(holes) }),
      "[argument/integer] conv2d: stride[0] must be",
    ],
    [
      "holes in axes",
      () => sum(m, { axis: untyped(holes) }),
      "[axis/range] sum: an axis must be an integer, got undefined for rank 2.",
    ],
    ["holes in a permutation", () => gradtape.transpose(m, untyped(holes)), "transpose"],
    ["holes in a shape", () => zeros(untyped(holes)), "[shape/invalid] zeros"],
    ["holes in repetitions", () => tile(m, untyped(holes)), "tile"],
    ["holes in sizes", () => gradtape.split(m, untyped([, 3]), { axis: 1 }), "split"],
    ["holes in shifts", () => gradtape.roll(m, untyped(holes), { axis: [0, 1] }), "roll"],
    ["holes in widths", () => pad(m, untyped([, [1, 1]])), "pad"],
    [
      "sumTo that would repeat",
      () => sumTo(m, [4]),
      "[shape/broadcast] sumTo: shape [4] does not broadcast to shape [2, 3] of x.",
    ],
    ["sumTo to a text", () => sumTo(m, untyped("2")), "[shape/invalid] sumTo"],
    ["sumTo of nothing", () => sumTo(untyped(undefined), [2]), "[argument/tensor] sumTo"],
    [
      "gradcheck in no mode",
      () => gradcheck(wrong, [m], { modes: [] }),
      "[option/choice] gradcheck: modes must be an array of at least one of",
    ],
    [
      "checkOp by no law",
      () => checkOp(wrong, () => ({ inputs: [m] }), { laws: [] }),
      "[option/choice] checkOp: laws must be",
    ],
    [
      "nesterov as text",
      () => sgd({ rate: 1, nesterov: untyped("false") }),
      "[option/choice] sgd: nesterov must be true or false",
    ],
    [
      "createGraph as text",
      () => {
        const x = variable([1]);
        return backward(cost(x), x, { createGraph: untyped("no") });
      },
      "[option/choice] backward: createGraph",
    ],
    [
      "retain as text",
      () => {
        const x = variable([1]);
        return backward(cost(x), x, { retain: untyped("no") });
      },
      "[option/choice] backward: retain",
    ],
    ["copy as text", () => tensor(Float64Array.of(1), { copy: untyped("false") }), "[option/choice] tensor: copy"],
    ["aux as text", () => valueAndGrad(untyped(cost), untyped({ aux: "yes" })), "[option/choice] valueAndGrad: aux"],
    [
      "a tolerance as text",
      () => allClose(1, 5, { relative: untyped("9") }),
      "[argument/number] allClose: relative must be a number",
    ],
    [
      "a step of NaN",
      () => adam({ rate: 0.1 }).update([1], { ...adam({ rate: 0.1 }).init([1]), step: Number.NaN }, [1]),
      "[argument/integer] adam.update: state.step must be",
    ],
    [
      "a schedule of NaN",
      () => {
        const o = adam({ rate: () => Number.NaN });
        return o.update([1], o.init([1]), [1]);
      },
      "[argument/number] adam.update: the rate must be a number >= 0, got NaN.",
    ],
    [
      "detach of a tensor of another copy",
      () => gradtape.detach(untyped({ [Symbol.for("gradtape.tensor")]: true })),
      "[package/two-copies] detach",
    ],
    ["stopGradient of a clone", () => gradtape.stopGradient(structuredClone(m)), "[tensor/cloned] stopGradient"],
  ])("%s", (_, call, text) => {
    expect(errorOf(call)).toContain(text);
  });

  test("places that int32 cannot count", () => {
    const huge = (f: (x: Tensor) => Tensor) =>
      errorOf(() => trace((x: Tensor) => f(broadcastTo(x, [2 ** 31 + 1])))(ones([1])));
    for (const f of [argmax, gradtape.argmin, gradtape.argsort, gradtape.cummax]) {
      const call: (x: Tensor) => Tensor = untyped(f);
      expect(huge(call)).toContain("[index/invalid]");
    }
    expect(huge((x) => searchsorted(x, ones([2])))).toContain("[index/invalid] searchsorted: int32 cannot count");
    expect(huge((x) => gradtape.median(x) as Tensor)).toContain("[index/invalid]");
  });

  test("typed arrays of another realm are what they say", () => {
    const foreign = (code: string): TensorData => untyped(runInNewContext(code));
    expect(errorOf(() => tensor(foreign("Uint8Array.of(5, 7)")))).toContain(
      "[tensor/data] tensor: a Uint8Array holds bool",
    );
    expect(tensor(foreign("Float32Array.of(1, 2)")).dtype).toBe("float32");
    expect(take(tensor([1, 2, 3]), untyped(foreign("Int32Array.of(2, 0)"))).toArray()).toEqual([3, 1]);
    const adopted = tensor(foreign("new Float64Array([1, 2, 3]).subarray(1)"), { copy: false });
    expect(sum(adopted).item()).toBe(5);
  });
});

test("errors that come of a failed allocation change nothing", () => {
  const x = ones([1e3]);
  expect(() => zeros([1e12])).toThrow(GradtapeError);
  expect(sum(x).item()).toBe(1e3);
});
// biome-ignore-end lint/suspicious/noSparseArray: the end of it

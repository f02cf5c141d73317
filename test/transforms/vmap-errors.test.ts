import { add, GradtapeError, mul, sum, type Tensor, tensor, valueOf, vmap } from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";

const xs = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const three = tensor([1, 2, 3]);
const three3 = (...args: Tensor[]): Tensor => args.reduce((a, b) => add(a, sum(b)), tensor(0));

describe("sizes", () => {
  const vary = (f: (...args: never[]) => unknown, args: readonly unknown[], inAxes?: unknown) =>
    errorOf(() => vmap(untyped(f), untyped({ inAxes }))(...args));

  test("the odd one is named, whatever its place and whatever is not mapped", () => {
    expect(vary(three3, [xs, xs, three])).toBe(
      "[vmap/axis-size] vmap: mapped axes must have one size: most have 2, but axis 0 of arguments[2] (float64[3]) has 3. Give null in inAxes for what all samples share, or the axis of the samples.",
    );
    expect(vary(three3, [xs, three, xs])).toContain("most have 2, but axis 0 of arguments[1] (float64[3]) has 3.");
    expect(vary(three3, [3, three, xs, xs], [null, 0, 0, 0])).toBe(
      "[vmap/axis-size] vmap: mapped axes must have one size: most have 2, but axis 0 of arguments[1] (float64[3]) has 3. Give null in inAxes for what all samples share, or the axis of the samples.",
    );
    expect(vary(({ a, b }: { a: Tensor; b: Tensor[] }) => add(a, b[0]), [{ a: three, b: [xs] }])).toBe(
      "[vmap/axis-size] vmap: mapped axes must have one size: axis 0 of arguments[0].a (float64[3]) has 3, axis 0 of arguments[0].b[0] (float64[2, 3]) has 2. Give null in inAxes for what all samples share, or the axis of the samples.",
    );
  });

  test("facts say the same to programs", () => {
    let caught: unknown;
    try {
      vmap(three3)(xs, xs, three);
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof GradtapeError)) throw new Error("no error of the library");
    const matrix = { axis: 0, size: 2, shape: [2, 3], dtype: "float64" };
    const odd = { path: "arguments[2]", axis: 0, size: 3, shape: [3], dtype: "float64" };
    expect(caught.facts).toEqual({
      sizes: { 2: ["arguments[0]", "arguments[1]"], 3: ["arguments[2]"] },
      common: 2,
      odd,
      axes: [{ path: "arguments[0]", ...matrix }, { path: "arguments[1]", ...matrix }, odd],
    });
  });

  test("a number has no axis", () => {
    expect(vary(untyped(mul), [xs, 3])).toBe(
      "[vmap/axis-size] vmap: arguments[1] is a single number and has no axis 0 to map over. Give null for it in inAxes.",
    );
    expect(vary(untyped(mul), [{ a: tensor(1) }, xs])).toContain("arguments[0].a is a single number");
  });

  test("nothing to map", () => {
    const nothing = "[vmap/axis-size] vmap: no argument is mapped. Give an axis for at least one of them in inAxes.";
    expect(vary(three3, [xs], null)).toBe(nothing);
    expect(vary(three3, [])).toBe(nothing);
    expect(vary(three3, [{}])).toBe(nothing);
  });

  test("an axis out of range, or no integer", () => {
    expect(vary(three3, [xs], 2)).toBe("[axis/range] vmap: axis 2 is out of range for rank 2. Axes run from -2 to 1.");
    expect(vary(three3, [xs], 0.5)).toBe(
      "[axis/range] vmap: an axis must be an integer, got 0.5 for rank 2. Axes run from -2 to 1.",
    );
    expect(errorOf(() => vmap((x: Tensor) => sum(x), { outAxes: 1 })(xs))).toBe(
      "[axis/range] vmap: axis 1 is out of range for rank 1. Axes run from -1 to 0.",
    );
  });
});

describe("axes that do not fit", () => {
  const f = ({ a }: { a: Tensor }) => a;
  const wrong = (options: unknown) => errorOf(() => vmap(f, options as never)({ a: xs }));
  const hint = "A number or null counts for all that stands below it.";
  const single = "Give one axis, or null.";

  test("inAxes", () => {
    expect(wrong({ inAxes: [0, 0] })).toBe(
      "[vmap/axes] vmap: inAxes must have one entry for each argument, got 2 for 1. An entry is an axis, null, or a tree of them.",
    );
    expect(wrong({ inAxes: [[0]] })).toBe(
      `[vmap/axes] vmap: inAxes[0] must be a number, null or a tree shaped like an object, got [0]. ${hint}`,
    );
    expect(wrong({ inAxes: ["x"] })).toBe(
      `[vmap/axes] vmap: inAxes[0] must be a number, null or a tree shaped like an object, got "x". ${hint}`,
    );
    expect(wrong({ inAxes: [{ a: { b: 0 } }] })).toBe(
      `[vmap/axes] vmap: inAxes[0].a must be a number or null for a tensor, got an object. ${single}`,
    );
    expect(wrong({ inAxes: [{ b: 0 }] })).toBe(
      '[vmap/axes] vmap: inAxes[0] names "b", but there is no such part. Known parts: a.',
    );
  });

  test("outAxes", () => {
    expect(wrong({ outAxes: [0] })).toBe(
      `[vmap/axes] vmap: outAxes must be a number or null for a tensor, got [0]. ${single}`,
    );
    expect(wrong({ outAxes: null })).toBe(
      "[vmap/axes] vmap: outAxes is null for a result that varies with the sample. Give it an axis: 0 puts the samples first.",
    );
  });

  test("options and functions", () => {
    expect(wrong({ inAxis: 0 })).toBe('[option/unknown] vmap: unknown option "inAxis". Did you mean "inAxes"?');
    expect(wrong(0)).toBe(
      "[option/invalid] vmap: options must be an object, got 0. Give them by name, as in { inAxes: ... }. Known options: inAxes, outAxes.",
    );
    expect(errorOf(() => vmap(xs as never))).toBe(
      "[argument/function] vmap: f must be a function, got a tensor. Pass the function itself, not what it returns.",
    );
    expect(errorOf(() => vmap(f)({ a: xs }))).toBe("no error");
  });
});

describe("what stands in arguments and results", () => {
  const trees = "Trees are made of plain objects and arrays, with numbers and tensors as leaves.";
  test("names the place", () => {
    expect(errorOf(() => vmap((x: unknown) => x as Tensor)({ a: [xs, "b"] }))).toBe(
      `[tree/leaf] vmap: arguments[0].a[1] is "b", neither a number nor a tensor. ${trees}`,
    );
    expect(errorOf(() => vmap((_: number, x: Tensor) => x, { inAxes: [null, 0] })(1, untyped(undefined)))).toBe(
      `[tree/leaf] vmap: arguments[1] is undefined, neither a number nor a tensor. ${trees}`,
    );
    expect(errorOf(() => vmap((x: Tensor) => ({ y: [x, new Date(0)] }))(xs))).toBe(
      `[tree/leaf] vmap: the result.y[1] is a Date, neither a number nor a tensor. ${trees}`,
    );
  });
});

describe("values are not there", () => {
  const read = (what: string, shape: string) =>
    `[trace/value] ${what}: a symbolic tensor of shape ${shape} has no values: inside vmap and trace a function runs on shapes. Choose between values with where(condition, a, b) or cond; read values outside.`;

  test("reading one names where and cond", () => {
    expect(errorOf(() => vmap((x: Tensor) => mul(x, x.toArray() as number))(xs))).toBe(read("toArray", "[3]"));
    expect(errorOf(() => vmap((x: Tensor) => mul(x, valueOf(sum(x))))(xs))).toBe(read("valueOf", "[]"));
    expect(errorOf(() => vmap((x: Tensor) => (x.data[0] === 1 ? x : mul(x, 2)))(xs))).toBe(read("data", "[3]"));
    expect(errorOf(() => vmap((x: Tensor) => mul(x, JSON.stringify(x).length))(xs))).toBe(read("toJSON", "[3]"));
  });

  test("printing one shows its shape", () => {
    let text = "";
    vmap((x: Tensor) => {
      text = `${x}`;
      return x;
    })(xs);
    expect(text).toBe("Tensor<float64>[3] symbolic");
  });

  test("a symbol that outlives its trace is an error of the op that meets it", () => {
    let escaped: Tensor = xs;
    vmap((x: Tensor) => {
      escaped = x;
      return x;
    })(xs);
    const hint = "Return it from the traced function instead of keeping it in an outer variable.";
    expect(errorOf(() => mul(escaped, 2))).toBe(
      `[trace/escaped] mul: input 0 is a symbolic tensor of shape [3] whose trace has ended. ${hint}`,
    );
    expect(errorOf(() => vmap((x: Tensor) => add(x, escaped))(xs))).toBe(
      `[trace/escaped] add: input 1 is a symbolic tensor of shape [3] whose trace has ended. ${hint}`,
    );
    expect(`${escaped}`).toBe("Tensor<float64>[3] symbolic");
  });
});

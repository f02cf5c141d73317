// Every golden case: value, gradient and jvp; the same inside vmap; the same replayed from a tape; all of it in float32.
import { cast, jvp, mul, reshape, stack, type Tensor, tensor, trace, tree, unstack, vjp, vmap } from "gradtape";
import { describe, expect, test } from "vitest";
import { decode, type Encoded, encode, expectGolden, readGolden } from "./fixture";
import { type Attrs, type Call, table } from "./table";

/** out = op(args, attrs); null among grads or tangents marks an argument that is not differentiated. */
interface Case {
  readonly id: string;
  readonly op: string;
  readonly args: readonly Encoded[];
  readonly attrs: Attrs;
  readonly out: Encoded;
  readonly cotangent: Encoded | null;
  readonly grads: readonly (Encoded | null)[];
  readonly jvp_tangents: readonly (Encoded | null)[];
  readonly jvp_out: Encoded | null;
}

/** What a case starts from, as a tree that can be batched or traced. */
interface Inputs {
  readonly primals: readonly Tensor[];
  readonly constants: readonly Tensor[];
  readonly tangents: readonly Tensor[];
  /** One, or none where the op has no derivative. */
  readonly cotangents: readonly Tensor[];
}

/** 194 in ops.json, and more in more-ops.json, which test/fixtures/golden/make.py writes. */
const NUMBER_OF_CASES = 194 + 590;

const cases = ["ops", "more-ops"].flatMap((file) => readGolden<{ cases: readonly Case[] }>(file).cases);

/** Cases with numbers that float32 does not have: too large, or so small that they are 0 there. */
const OUTSIDE_FLOAT32 = [
  "unary/exp/extreme",
  "unary/log/extreme",
  "unary/log1p/extreme",
  "unary/cosh/extreme",
  "unary/sqrt/extreme",
  "unary/rsqrt/extreme",
  "unary/reciprocal/extreme",
  "unary/square/extreme",
  "unary/log2/extreme",
  "unary/log10/extreme",
  "reduction/norm/l2_large",
  "binary/hypot/extreme",
  "binary/div/extreme",
  "linalg/slogdet/large",
  "linalg/slogdet/tiny",
  "loss/cosine_similarity/large",
];

/** Near a pole, far from 0, or where all cancels: what float32 leaves of the input gives another result. */
const LOST_IN_FLOAT32 = [
  "unary/tan/extreme",
  "unary/asin/extreme",
  "unary/acos/extreme",
  "unary/acosh/extreme",
  "unary/atanh/extreme",
  "unary/log/near_one",
  "unary/erfinv/extreme",
  "reduction/var/far_from_zero",
  "loss/cosine_similarity/parallel",
];
const EXCEPTED: ReadonlySet<string> = new Set([...OUTSIDE_FLOAT32, ...LOST_IN_FLOAT32]);

const present = <T>(entries: readonly (T | null)[]): T[] => entries.filter((entry) => entry !== null);

function inputsOf({ args, grads, jvp_tangents, cotangent }: Case): Inputs {
  return {
    primals: args.filter((_, i) => grads[i] !== null).map(decode),
    constants: args.filter((_, i) => grads[i] === null).map(decode),
    tangents: present(jvp_tangents).map(decode),
    cotangents: present([cotangent]).map(decode),
  };
}

/** Other inputs of the same shapes, inside the domain of every op: numbers a little smaller, indices in another order. */
function othersOf(inputs: Inputs): Inputs {
  const reversed = (x: Tensor) => tensor(x.data.slice().reverse(), { shape: x.shape });
  const smaller = (x: Tensor) => mul(x, 0.999);
  return {
    primals: inputs.primals.map(smaller),
    constants: inputs.constants.map(reversed),
    tangents: inputs.tangents.map(reversed),
    cotangents: inputs.cotangents.map(smaller),
  };
}

/** The value of a case, then its gradients, then its tangent, as a function of its inputs. */
function everythingOf({ op, attrs, grads }: Case): (inputs: Inputs) => Tensor[] {
  const call: Call | undefined = table[op];
  if (call === undefined) throw new Error(`golden op "${op}" is not in the table`);
  return ({ primals, constants, tangents, cotangents }) => {
    const f = (...xs: readonly Tensor[]) => {
      const [free, fixed] = [[...xs], [...constants]];
      return call(
        grads.map((gradient) => (gradient === null ? fixed : free).shift() as Tensor),
        attrs,
      );
    };
    const [cotangent] = cotangents;
    if (cotangent === undefined) return [f(...primals)];
    const [out, pullback] = vjp(f, primals);
    const [, tangent] = jvp(f, primals, tangents);
    return [out, ...pullback(cotangent), tangent];
  };
}

function expectAll(got: readonly Tensor[], want: readonly Encoded[], kind: string): void {
  expect(got.length).toBe(want.length);
  const last = want.length - 1;
  const name = (i: number) => (i === 0 ? "value" : i === last ? "jvp" : `gradient ${i - 1}`);
  for (const [i, entry] of want.entries()) expectGolden(got[i], entry, `${name(i)} ${kind}`);
}

const finished: string[] = [];

describe.each(cases)("golden $id", (entry) => {
  const everything = everythingOf(entry);
  const inputs = inputsOf(entry);

  test("has the golden value, gradients and jvp", () => {
    expectAll(everything(inputs), [entry.out, ...present(entry.grads), ...present([entry.jvp_out])], "of the op");
    finished.push(entry.id);
  });

  test("gives the same inside vmap as in two separate calls", () => {
    const others = othersOf(inputs);
    const stacked = (key: keyof Inputs) => inputs[key].map((x, i) => stack([x, others[key][i]]));
    const batched = vmap(everything)({
      primals: stacked("primals"),
      constants: stacked("constants"),
      tangents: stacked("tangents"),
      cotangents: stacked("cotangents"),
    });
    for (const [sample, own] of [inputs, others].entries()) {
      const got = batched.map((result) => unstack(result)[sample]);
      expectAll(got, everything(own).map(encode), `of sample ${sample}`);
    }
  });

  test("gives the same replayed from a tape, on other inputs", () => {
    const others = othersOf(inputs);
    const tape = trace(everything)(inputs);
    expectAll(tape.replay(inputs), everything(inputs).map(encode), "replayed");
    expectAll(tape.replay(others), everything(others).map(encode), "replayed on other inputs");
  });

  test("gives the same where one input alone varies, the others being captured", () => {
    const others = othersOf(inputs);
    for (const key of ["primals", "constants", "tangents", "cotangents"] as const) {
      for (const [at, x] of inputs[key].entries()) {
        const other = others[key][at];
        const alone = (own: Tensor) =>
          everything({ ...inputs, [key]: inputs[key].map((old, i) => (i === at ? own : old)) });
        const want = [alone(x), alone(other)].map((results) => results.map(encode));
        const batched = vmap(alone)(stack([x, other])).map((result) => unstack(result));
        const replayed = trace(alone)(x).replay(other);
        for (const sample of [0, 1]) {
          const got = batched.map((results) => results[sample]);
          expectAll(got, want[sample], `of sample ${sample}, ${key} ${at} varying`);
        }
        expectAll(replayed, want[1], `replayed, ${key} ${at} varying`);
      }
    }
  });

  const inFloat32 = (): void => {
    const single = tree.map((x: Tensor) => (x.dtype === "float64" ? cast(x, "float32") : x), inputs);
    const got = everything(single);
    const want = [entry.out, ...present(entry.grads), ...present([entry.jvp_out])];
    for (const [i, { data }] of want.entries()) {
      const result = got[i];
      if (single.primals.length > 0 && entry.cotangent !== null) expect(result.dtype).toBe("float32");
      expectNear(result, data.map(Number), `result ${i}`);
    }
  };
  if (EXCEPTED.has(entry.id)) test("cannot be near in float32", () => expect(inFloat32).toThrow());
  else test("is near in float32", inFloat32);
});

/** Within 1e-4 of the largest finite number that is wanted, and what float64 may be off by where all of them are 0. */
function expectNear(got: Tensor, want: readonly number[], name: string): void {
  const largest = Math.max(0, ...want.filter(Number.isFinite).map(Math.abs));
  const far = want.flatMap((x, i) => {
    const y = got.data[i];
    const near = Number.isFinite(x) ? Math.abs(y - x) <= 1e-12 + 1e-4 * largest : Object.is(y, x);
    return near ? [] : [`${name}, entry ${i}: got ${y}, want ${x}`];
  });
  expect(got.size).toBe(want.length);
  expect(far).toEqual([]);
}

describe("the golden files", () => {
  test(`ran ${NUMBER_OF_CASES} cases`, () => {
    expect(cases.length).toBe(NUMBER_OF_CASES);
    expect(new Set(finished).size).toBe(NUMBER_OF_CASES);
  });

  test("have the cases excepted from float32", () => {
    expect([...EXCEPTED].filter((id) => !cases.some((entry) => entry.id === id))).toEqual([]);
  });

  test("have a case for every line of the table", () => {
    const used = new Set(cases.map(({ op }) => op));
    expect(Object.keys(table).filter((op) => !used.has(op))).toEqual([]);
  });

  test("disagree with a value that is off by more than the tolerance", () => {
    const pi: Encoded = { shape: [], data: [3.141592653589793] };
    expectGolden(3.141592653589793 * (1 + 5e-10), pi, "pi");
    expect(() => expectGolden(3.141592653589793 * (1 + 5e-9), pi, "pi")).toThrow();
    expect(() => expectGolden(Number.NaN, pi, "pi")).toThrow();
    expect(() => expectGolden(reshape(3.141592653589793, [1]), pi, "pi")).toThrow();
  });
});

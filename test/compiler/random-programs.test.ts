// Random programs give compiled what they give eagerly; so do their gradients, and batches of them.
import fc from "fast-check";
import { compile, grad, stack, type Tensor, trace, vmap } from "gradtape";
import { describe, expect, test } from "vitest";
import { isFloat } from "../../src/base/dtype";
import { asHandle } from "../../src/core/tensor/value";
import { integerFrom } from "../environment";
import { programs, type RandomProgram } from "./random-programs";

/** Rounding of results and of gradients, relative to the largest number of all. */
const ROUNDING = {
  exact: { results: 0, gradients: 1e-5 },
  smooth: { results: 1e-4, gradients: 1e-4 },
  double: { results: 1e-10, gradients: 1e-10 },
} as const;
const KINDS = ["exact", "smooth", "double"] as const;

const largestOf = (xs: ArrayLike<number>): number =>
  Array.from(xs).reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** What is wrong with compiled results, as text; null where nothing is. */
function wrong(compiled: readonly Tensor[], eager: readonly Tensor[], rounding: number): string | null {
  const [got, want] = [compiled, eager].map((xs) => xs.map((x): Tensor => asHandle(x)));
  const largest = largestOf(want.map((x) => (isFloat(x.dtype) ? largestOf(x.data) : 0)));
  for (const [k, x] of want.entries()) {
    const y = got[k];
    if (x.dtype !== y.dtype || x.shape.join() !== y.shape.join())
      return `result ${k} is ${y.dtype}[${y.shape.join()}], must be ${x.dtype}[${x.shape.join()}]`;
    const bound = isFloat(x.dtype) ? rounding * Math.max(1, largest) : 0;
    for (let i = 0; i < x.size; i++) {
      const [a, b] = [y.data[i], x.data[i]];
      if (a === b || Object.is(a, b) || Math.abs(a - b) <= bound) continue;
      return `element ${i} of result ${k}, ${x.dtype}[${x.shape.join()}], is ${a}, must be ${b}`;
    }
  }
  return null;
}

/** Compares compiled with eager, at two draws of numbers: the second call runs what the first one compiled. */
function compare(
  f: (xs: readonly Tensor[]) => readonly Tensor[],
  draws: readonly (readonly Tensor[])[],
  rounding: number,
): void {
  const compiled = compile(f);
  for (const xs of draws) {
    const found = wrong(compiled(xs), f(xs), rounding);
    if (found !== null) expect.fail(`${found}\n${String(trace(f)(xs))}`);
  }
  expect(compiled.signatures.length).toBe(1);
}

/** Gradients by the inputs that are floats. */
function gradientOf({ loss, inputs }: RandomProgram): (xs: readonly Tensor[]) => Tensor[] {
  const places = inputs.flatMap(({ dtype }, k) => (isFloat(dtype) ? [k] : []));
  return (xs) => {
    const by = (own: Tensor[]): Tensor => loss(xs.map((x, k) => (places.includes(k) ? own[places.indexOf(k)] : x)));
    return grad(by)(places.map((k) => xs[k]));
  };
}

describe.each(KINDS)("programs of %s steps", (kind) => {
  const { results, gradients } = ROUNDING[kind];
  const numRuns = integerFrom("PROGRAM_RUNS") ?? 30;

  test("give the same compiled", () => {
    fc.assert(
      fc.property(programs(kind), ({ run, inputs, others }) => compare(run, [inputs, others], results)),
      { numRuns },
    );
  });

  test("have the same gradients compiled", () => {
    fc.assert(
      fc.property(programs(kind), (program) =>
        compare(gradientOf(program), [program.inputs, program.others], gradients),
      ),
      { numRuns },
    );
  });

  test("give the same in batches", () => {
    fc.assert(
      fc.property(programs(kind), ({ run, inputs, others }) => {
        const batch = inputs.map((x, k) => stack([x, others[k], x]));
        compare((xs) => vmap((...own: Tensor[]) => run(own))(...xs), [batch], results);
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });
});

// Prune: a program of some outputs alone computes them as the whole does, and nothing else.
import fc from "fast-check";
import { add, mul, sin, type Tensor } from "gradtape";
import { expect, test } from "vitest";
import type { Program } from "../../src/core/op/op";
import { asHandle } from "../../src/core/tensor/value";
import { prune, restrict } from "../../src/rewrite/prune";
import { generator } from "../../src/testing/random";
import { programOf, run, whole } from "./spelled";

/** A program over three inputs with an output for every tensor in it, drawn as pairs of places. */
const drawn = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 12 }).map((steps) => {
  const inputs = [1, 2, 3].map((seed) => whole(generator(seed), [2]));
  const ops = [(a: Tensor, b: Tensor) => mul(a, b), (a: Tensor, b: Tensor) => add(a, b), (a: Tensor) => sin(a)];
  const program = programOf(
    inputs.map((x) => asHandle(x)),
    (xs) => {
      const all = [...xs];
      for (const [a, b, op] of steps) all.push(ops[op](all[a % all.length], all[b % all.length]));
      return all;
    },
  );
  return { program, inputs };
});
const chosen = fc
  .tuple(drawn, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }))
  .map(([{ program, inputs }, draws]) => ({
    program,
    inputs,
    places: draws.map((k) => k % program.outputs.length),
  }));

/** Steps that give something that neither a later step reads nor the program gives out. */
const needless = ({ steps, outputs }: Program): number =>
  steps.filter((step, n) => {
    const read = new Set([...steps.slice(n + 1).flatMap((later) => later.inputs), ...outputs]);
    return !step.outputs.some((slot) => read.has(slot));
  }).length;

test("pruned programs give the same, without a needless step and without touching the program", () => {
  fc.assert(
    fc.property(chosen, ({ program, inputs, places }) => {
      const all = run(program, inputs);
      const steps = [...program.steps];
      const pruned = prune(
        program,
        places.map((k) => program.outputs[k]),
      );
      expect(run(pruned, inputs)).toEqual(places.map((k) => all[k]));
      expect(needless(pruned)).toBe(0);
      expect(program.steps).toEqual(steps);
    }),
  );
});

test("what a tensor from outside gives needs no step", () => {
  const { steps, outputs } = prune(
    programOf([asHandle(whole(generator(1), [2]))], ([x]) => [sin(x)]),
    [asHandle(whole(generator(2), [2]))],
  );
  expect([steps.length, outputs.length]).toEqual([0, 1]);
});

test("restricted programs give the same of the inputs that they kept, in the order that is asked for", () => {
  fc.assert(
    fc.property(chosen, ({ program, inputs, places }) => {
      const all = run(program, inputs);
      const pruned = prune(
        program,
        places.map((k) => program.outputs[k]),
      );
      const read = new Set([...pruned.steps.flatMap((step) => step.inputs), ...pruned.outputs]);
      const kept = inputs.map((_, k) => k).filter((k) => read.has(k));
      for (const order of [kept, [...kept].reverse()]) {
        const own = restrict(pruned, order);
        expect(own.inputs).toHaveLength(order.length);
        const given = order.map((k) => inputs[k]);
        expect(run(own, given)).toEqual(places.map((k) => all[k]));
        expect(own.slots).toBe(order.length + own.steps.flatMap((step) => step.outputs).length);
      }
    }),
  );
});

import fc from "fast-check";
import { isTensor } from "gradtape";
import { expect } from "vitest";
import { integerFrom } from "./environment";

// The same draws everywhere unless FAST_CHECK_SEED says otherwise; a failure prints its seed, path and counterexample.
const numRuns = integerFrom("FAST_CHECK_RUNS");
fc.configureGlobal({
  seed: integerFrom("FAST_CHECK_SEED") ?? 42,
  verbose: fc.VerbosityLevel.Verbose,
  ...(numRuns === undefined ? {} : { numRuns }),
});

// Tensors are not iterable, and say so; they are equal if dtype, shape and elements are.
expect.addEqualityTesters([
  (a, b) =>
    isTensor(a) && isTensor(b)
      ? a.dtype === b.dtype &&
        a.shape.length === b.shape.length &&
        a.shape.every((size, i) => size === b.shape[i]) &&
        a.data.every((element, i) => Object.is(element, b.data[i]))
      : undefined,
]);

import fc from "fast-check";
import { integerFrom } from "./environment";

// The same draws everywhere unless FAST_CHECK_SEED says otherwise; a failure prints its seed, path and counterexample.
const numRuns = integerFrom("FAST_CHECK_RUNS");
fc.configureGlobal({
  seed: integerFrom("FAST_CHECK_SEED") ?? 42,
  verbose: fc.VerbosityLevel.Verbose,
  ...(numRuns === undefined ? {} : { numRuns }),
});

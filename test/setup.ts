import fc from "fast-check";

/** The value of an environment variable read as an integer. */
function integer(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${name} must be an integer, got "${text}"`);
  return value;
}

// The same draws everywhere unless FAST_CHECK_SEED says otherwise; a failure prints its seed, path and counterexample.
const numRuns = integer("FAST_CHECK_RUNS");
fc.configureGlobal({
  seed: integer("FAST_CHECK_SEED") ?? 42,
  verbose: fc.VerbosityLevel.Verbose,
  ...(numRuns === undefined ? {} : { numRuns }),
});

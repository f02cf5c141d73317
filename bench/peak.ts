// How much memory a computation takes at its peak, in a process of its own: tsx bench/peak.ts LIBRARY WHAT prints MB.
import type { Library } from "./figure";
import { digits, wide } from "./per-sample-models";

/** What can be asked for; each gives what is to be run once all that it works on is there. */
const computations = {
  "wide gradient": (library: Library) => {
    const { mean, params } = wide(library, "float32");
    return () => library.grad(mean)(params);
  },
  "wide norms and clipped mean": (library: Library) => {
    const { loss, params, batch } = wide(library, "float32");
    return () => {
      const result = library.batchGrad(loss)(params, batch);
      return [result.norms(), result.clippedMean(1)];
    };
  },
  "many clipped": (library: Library) => {
    const { loss, params, batch } = digits(65_536)(library, "float32");
    return () => library.batchGrad(loss, { memory: 64e6 })(params, batch).clippedMean(1);
  },
} as const;

const [path, what] = process.argv.slice(2);
const library: Library = await import(path);
const run = computations[what as keyof typeof computations](library);
globalThis.gc?.();
const before = process.memoryUsage.rss();
const result = run();
const peak = process.resourceUsage().maxRSS * 1024 - before;
console.log(result === undefined ? 0 : peak / 1e6);

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { entries } from "../entries.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Every exported op under every law, and at special values: a third of the time of all tests. */
const LAWS = ["test/laws/**/*.test.ts"];

/** Whole programs, the compiler, values of others, the checkers themselves, and files of a second and more each. */
const SLOW = [
  "test/compiler/**/*.test.ts",
  "test/control/{implicit,scan}.test.ts",
  "test/core/sweep/linear-time.test.ts",
  "test/docs/**/*.test.ts",
  "test/examples/**/*.test.ts",
  "test/formats/**/*.test.ts",
  "test/golden/**/*.test.ts",
  "test/kernel/{expansions,interpret}.test.ts",
  "test/numeric/fourier/transform.test.ts",
  "test/numeric/matrix/{cofactors,gemm}.test.ts",
  "test/numeric/special/incomplete.test.ts",
  "test/ops/fourier/fourier.test.ts",
  "test/ops/reduce/sums.test.ts",
  "test/optim/nist/**/*.test.ts",
  "test/own-ops/**/*.test.ts",
  "test/per-sample/{against-rows,compose,products}.test.ts",
  "test/testing/**/*.test.ts",
  "test/truth/**/*.test.ts",
  "test/types/**/*.test.ts",
];

/** These put a global in the place of WebAssembly and load modules afresh, so each has a process of its own. */
export const ISOLATED = [
  "test/compiler/refused.test.ts",
  "test/numeric/convolution/convolve.test.ts",
  "test/numeric/matrix/gemm-kernel.test.ts",
  "test/numeric/rows/softmax.test.ts",
  "test/ops/define/array-kernels-refused.test.ts",
];

/** `globalThis.gc` is there, and one file runs at a time: they measure the heap. */
export const MEMORY = ["test/memory/**/*.test.ts"];

const shared = {
  pool: "forks" as const,
  setupFiles: [path("./setup.ts")],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Files that share a process and its modules: importing src costs more than most files test. */
const together = { ...shared, isolate: false };

export default defineConfig({
  root: path(".."),
  resolve: {
    alias: entries.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: path(`../${source}`),
    })),
  },
  test: {
    // `-t name` skips thousands of tests: not a line for each.
    hideSkippedTests: true,
    projects: [
      {
        extends: true,
        test: {
          ...together,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...LAWS, ...SLOW, ...ISOLATED, ...MEMORY],
        },
      },
      { extends: true, test: { ...together, name: "laws", include: LAWS } },
      { extends: true, test: { ...together, name: "slow", include: SLOW, exclude: ISOLATED } },
      { extends: true, test: { ...shared, name: "isolated", include: ISOLATED } },
      {
        extends: true,
        test: { ...shared, name: "memory", include: MEMORY, execArgv: ["--expose-gc"], fileParallelism: false },
      },
    ],
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const shared = {
  setupFiles: [path("./setup.ts")],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  root: path(".."),
  resolve: {
    alias: [
      { find: /^gradtape$/, replacement: path("../src/index.ts") },
      { find: /^gradtape\/pure$/, replacement: path("../src/pure.ts") },
      { find: /^gradtape\/testing$/, replacement: path("../src/testing/index.ts") },
      { find: /^gradtape\/pitfalls$/, replacement: path("../src/pitfalls/index.ts") },
      { find: /^gradtape\/optim$/, replacement: path("../src/optim/index.ts") },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: { ...shared, name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/memory/**"] },
      },
      {
        // Heap measurements: `globalThis.gc` is there, and one file runs at a time.
        extends: true,
        test: {
          ...shared,
          name: "memory",
          include: ["test/memory/**/*.test.ts"],
          execArgv: ["--expose-gc"],
          fileParallelism: false,
        },
      },
    ],
  },
});

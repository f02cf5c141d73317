import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { entries } from "../entries.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const shared = {
  setupFiles: [path("./setup.ts")],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  root: path(".."),
  resolve: {
    alias: entries.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: path(`../${source}`),
    })),
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

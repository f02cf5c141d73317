import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { entries } from "../../entries.ts";
import { ISOLATED, MEMORY } from "../vitest.config.ts";
import { AS_IT_IS } from "./as-it-is.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path("../.."),
  resolve: {
    alias: [
      { find: /^gradtape$/, replacement: path("./entry.ts") },
      { find: /^gradtape\/(testing|pitfalls)$/, replacement: path("./$1.ts") },
      // How tests import one transform, or all of src: without an extension, unlike what stands in for them.
      { find: /^(\.\.\/)+src\/index$/, replacement: path("./entry.ts") },
      {
        find: /^(\.\.\/)+src\/transforms\/(grad|jacobian|trace|vjp-jvp|vmap)$/,
        replacement: path("./entry.ts"),
      },
      { find: /^(\.\.\/)+src\/core\/program\/program$/, replacement: path("./program.ts") },
      { find: /^(\.\.\/)+src\/per-sample\/batch-grad$/, replacement: path("./per-sample.ts") },
      ...entries.map(({ specifier, source }) => ({
        find: new RegExp(`^${specifier}$`),
        replacement: path(`../../${source}`),
      })),
    ],
  },
  test: {
    hideSkippedTests: true,
    name: "compiled",
    pool: "forks",
    isolate: false,
    setupFiles: [path("../setup.ts"), path("./setup.ts")],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["test/**/*.test.ts"],
    exclude: [
      ...ISOLATED,
      ...MEMORY,
      ...AS_IT_IS.flatMap(({ files = [] }) => files.map((file) => `test/${file}.test.ts`)),
    ],
  },
});

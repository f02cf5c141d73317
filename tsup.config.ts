import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    pure: "src/pure.ts",
    testing: "src/testing/index.ts",
    pitfalls: "src/pitfalls/index.ts",
  },
  format: ["esm", "cjs"],
  dts: true,
  // For CommonJS too: all entries must share one core, or a tensor of one would be a stranger to the others.
  splitting: true,
  // Rollup writes the CommonJS chunks as they are; without it, tsup rewrites `?.` and `??` to slow calls.
  treeshake: true,
  sourcemap: true,
  target: "es2022",
  clean: true,
});

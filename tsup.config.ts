import { defineConfig } from "tsup";
import { entries } from "./entries.ts";

export default defineConfig({
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  format: ["esm", "cjs"],
  dts: true,
  // For CommonJS too: all entries must share one core, or one would not recognize the tensors of another.
  splitting: true,
  // Rollup writes the CommonJS chunks as they are; without it, tsup rewrites `?.` and `??` to slow calls.
  treeshake: true,
  sourcemap: true,
  target: "es2022",
  clean: true,
  plugins: [
    {
      name: "pure-namespaces",
      // esbuild fills the object of `export * as name` by a call of its own. Marked as pure, bundlers can leave out
      // the namespaces that a program does not use.
      renderChunk: (code) => ({
        code: code.replace(
          /^var (\w+) = \{\};\n__export\(\1, (\{\n(?: {2}.*\n)*\})\);$/gm,
          "var $1 = /* @__PURE__ */ ((target) => (__export(target, $2), target))({});\n",
        ),
      }),
    },
  ],
});

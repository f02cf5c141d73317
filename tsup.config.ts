import { readdirSync, readFileSync, rmSync } from "node:fs";
import { defineConfig } from "tsup";
import { entries } from "./entries.ts";

/** Files of the families, as entries of the build alone: removed when it has ended. */
const FAMILY = "family-";
const SOURCE = new URL("./src/", import.meta.url);

/** Folders of src that one program uses and another does not; what lies below them goes with those that use it. */
const families = [
  ...["contract", "convolution", "create", "fourier", "linalg", "order"].map((folder) => `ops/${folder}`),
  ...["control", "formats", "loss", "per-sample"],
];

/**
 * `export * as name from "file"` of the entries, name and file: in ESM each is a file of its own, which the entries import as a
 * namespace. Bundlers see through a namespace, so that random.normal brings normal alone. An object would bring all.
 */
const NAMESPACE = "namespace-";
const namespaces = new Map(
  Array.from(
    readFileSync(new URL("pure.ts", SOURCE), "utf8").matchAll(/^export \* as (\w+) from "(.+)";$/gm),
    ([, name = "", file = ""]): [string, string] => [file, name],
  ),
);

export default defineConfig({
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  format: ["esm", "cjs"],
  dts: true,
  // For CommonJS too: all entries must share one core, or one would not recognize the tensors of another.
  splitting: true,
  // Rollup writes the CommonJS chunks as they are; without it, tsup rewrites `?.` and `??` to slow calls. No chunk is
  // imported for its effects: it has none.
  treeshake: { moduleSideEffects: false },
  sourcemap: true,
  target: "es2022",
  clean: true,
  // What is reached by the same entries becomes one chunk. Every family counts as an entry too, so that bundlers that put
  // large files into chunks of their own (Next.js) meet none, and pages load the families that they use.
  esbuildOptions(options, { format }) {
    // Constants in place of their names, in other files too.
    options.minifySyntax = true;
    if (format !== "esm") return;
    options.entryPoints = {
      ...(options.entryPoints as Record<string, string>),
      ...Object.fromEntries(Array.from(namespaces, ([file, name]) => [NAMESPACE + name, `src/${file}.ts`])),
      ...Object.fromEntries(families.map((folder) => [FAMILY + folder.replaceAll("/", "-"), `family:${folder}`])),
    };
  },
  onSuccess: async () => {
    const dist = new URL("./dist/", import.meta.url);
    for (const file of readdirSync(dist)) if (file.startsWith(FAMILY)) rmSync(new URL(file, dist));
  },
  esbuildPlugins: [
    {
      name: "namespaces",
      setup(build) {
        if (build.initialOptions.format !== "esm") return;
        build.onResolve({ filter: /^\.\// }, ({ path, importer }) => {
          const name = importer.replaceAll("\\", "/").endsWith("/src/pure.ts") ? namespaces.get(path) : undefined;
          return name === undefined ? null : { path: `./${NAMESPACE}${name}.js`, external: true, sideEffects: false };
        });
      },
    },
    {
      name: "families",
      setup(build) {
        build.onResolve({ filter: /^family:/ }, ({ path }) => ({ path: path.slice(7), namespace: "family" }));
        build.onLoad({ filter: /.*/, namespace: "family" }, ({ path }) => {
          const folder = new URL(`${path}/`, SOURCE);
          const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
          const contents = files.map((file) => `export * from "./${file.slice(0, -3)}";`).join("\n");
          return { contents, resolveDir: folder.pathname };
        });
      },
    },
  ],
  plugins: [
    {
      name: "pure-namespaces",
      // In CommonJS, esbuild fills the object of `export * as name` by a call of its own. Marked as pure, bundlers can leave
      // out the namespaces that a program does not use.
      renderChunk: (code) => ({
        code: code.replace(
          /^var (\w+) = \{\};\n__export\(\1, (\{\n(?: {2}.*\n)*\})\);$/gm,
          "var $1 = /* @__PURE__ */ ((target) => (__export(target, $2), target))({});\n",
        ),
      }),
    },
  ],
});

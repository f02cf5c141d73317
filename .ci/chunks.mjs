// What pages load of the built package where a bundler puts large files into chunks of their own, as Next.js does: with
// webpack, minified, gzip -9, beside the size by esbuild. Run after `npm run build`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import webpack from "webpack";

/** By how much what a page loads may exceed what esbuild makes of it. */
const LIMIT = 1.1;
/** How much of a namespace one of its functions may bring. */
const ONE_OF_ALL = 0.6;
const page = `import { grad, mul, sum, tensor } from "gradtape";
  console.log(grad((x) => sum(mul(x, x)))(tensor([1, 2])));`;
const other = `import { batchGrad, einsum, fft, linalg, loss, random } from "gradtape";
  import { minimize } from "gradtape/optim";
  console.log(batchGrad, einsum, fft, linalg.svd, loss, random, minimize);`;

const gzipped = (contents) => gzipSync(contents, { level: 9 }).length;
const root = mkdtempSync(join(tmpdir(), "gradtape-chunks-"));
const path = (name) => join(root, name);

/** Bytes that every page loads, by name. */
async function pagesOf(entry) {
  const out = path("out");
  const stats = await promisify(webpack)({
    mode: "production",
    context: root,
    entry,
    output: { path: out, clean: true },
    resolve: { symlinks: false },
    performance: false,
    optimization: {
      splitChunks: {
        chunks: "all",
        // Next.js: a file of more than 160 KB is a chunk of its own, with all that any page uses of it.
        cacheGroups: {
          lib: {
            test: (module) => module.size() > 160_000,
            name: (module) => `lib-${module.debugId}`,
            priority: 30,
            minChunks: 1,
            reuseExistingChunk: true,
          },
        },
      },
    },
  });
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  const { entrypoints } = stats.toJson({ all: false, entrypoints: true });
  const sizeOf = ({ assets }) => assets.reduce((sum, { name }) => sum + gzipped(readFileSync(join(out, name))), 0);
  return Object.fromEntries(Object.entries(entrypoints).map(([name, point]) => [name, sizeOf(point)]));
}

try {
  mkdirSync(path("node_modules"));
  symlinkSync(fileURLToPath(new URL("..", import.meta.url)), path("node_modules/gradtape"), "dir");
  writeFileSync(path("package.json"), '{ "type": "module" }');
  writeFileSync(path("page.js"), page);
  writeFileSync(path("other.js"), other);
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", write: false, logLevel: "error" };
  const { outputFiles } = await build({ ...options, entryPoints: [path("page.js")], absWorkingDir: root });
  const least = gzipped(outputFiles[0].contents);
  const [alone, beside] = [
    await pagesOf({ page: "./page.js" }),
    await pagesOf({ page: "./page.js", other: "./other.js" }),
  ];
  console.log(`${least} bytes  tensor, grad, mul, sum by esbuild`);
  for (const [size, label] of [
    [alone.page, "by webpack"],
    [beside.page, "by webpack, beside another page that uses much more"],
  ]) {
    const held = size <= LIMIT * least;
    if (!held) process.exitCode = 1;
    console.log(`${size} bytes  ${label}: ${(size / least).toFixed(2)} <= ${LIMIT}${held ? "" : "  TOO LARGE"}`);
  }

  // A namespace must not bring all of it: bundlers see through the modules that `export * as random` is made of.
  const using = (what) => `import { random } from "gradtape/pure"; console.log(${what});`;
  writeFileSync(path("one.js"), using("random.uniform"));
  writeFileSync(path("all.js"), using("random"));
  const { one } = await pagesOf({ one: "./one.js" });
  const { all } = await pagesOf({ all: "./all.js" });
  const shaken = one <= ONE_OF_ALL * all;
  if (!shaken) process.exitCode = 1;
  console.log(
    `${one} bytes  random.uniform by webpack, ${all} all of random: ${(one / all).toFixed(2)} <= ${ONE_OF_ALL}${shaken ? "" : "  TOO LARGE"}`,
  );
} finally {
  rmSync(root, { recursive: true });
}

// Sizes of small programs that use the built package: bundled, minified, gzip -9. Run after `npm run build`. README quotes
// them between marks, `<!-- size:NAME -->29.5 KB<!-- /size -->`: they are written anew, and with --check they are only
// compared. Other libraries are measured alike where `npm run bench:peers` has installed them.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });
/** How far a size in README may be from the one measured. */
const STALE = 0.03;

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const everyday = [
  "add, backward, batchGrad, concat, div, exp, grad, jvp, layerNorm, log, logSoftmax, loss, matmul, mean, mul, random",
  "relu, reshape, sigmoid, slice, softmax, stack, sub, sum, take, tanh, tensor, tree, valueAndGrad, variable, vmap, where",
].join(", ");
const use = (names, from) => `import { ${names} } from "${from}"; console.log(${names});`;
const programs = [
  { name: "core", code: use("tensor, grad", "gradtape"), limit: 47_300 },
  { name: "tanh", code: use("tanh", "gradtape/pure"), limit: 12_700 },
  {
    name: "networks",
    code: use(everyday, "gradtape"),
    limit: 87_300,
    label: "networks: layers, losses, transforms, per-sample gradients",
  },
  { name: "per-sample", code: use("batchGrad", "gradtape/pure"), limit: 55_500 },
  {
    name: "convolutions",
    code: use(`${everyday}, avgPool2d, conv2d, einsum, maxPool2d`, "gradtape"),
    label: "networks, with einsum and convolutions",
  },
  { name: "compile", code: use(`${everyday}, compile`, "gradtape"), label: "networks, with compile" },
  { name: "linalg", code: use("tensor, grad, linalg", "gradtape") },
  { name: "fourier", code: use("tensor, grad, fft, ifft, rfft, irfft", "gradtape") },
  { name: "special", code: use("tensor, grad, erf, erfInv, lgamma, digamma, gammainc, betainc", "gradtape") },
  { name: "files", code: use("tensor, grad, npy, safetensors", "gradtape") },
  { name: "everything", code: 'import * as g from "gradtape"; console.log(g);' },
  { name: "least-squares", code: use("leastSquares", "gradtape/optim") },
  {
    name: "gradient",
    code: `import { grad, sum, tanh, tensor } from "gradtape"; console.log(grad((x) => sum(tanh(x)))(tensor([1, 2])));`,
    label: "the gradient of sum(tanh(x)): gradtape",
  },
];

const PEERS = path("../bench");
const peers = [
  {
    name: "tensorflow",
    code: `import { grad, sum, tanh, tensor } from "@tensorflow/tfjs-core";
      import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
      import "@tensorflow/tfjs-backend-cpu";
      console.log(grad((x) => sum(tanh(x)))(tensor([1, 2])));`,
    label: "the same: TensorFlow.js, on its CPU backend",
  },
  {
    name: "jax",
    code: `import { grad, numpy } from "@jax-js/jax";
      console.log(grad((x) => numpy.tanh(x).sum())(numpy.array([1, 2])));`,
    label: "the same: jax-js",
  },
];

/** Bytes of a program and of what it imports at its start; parts that it may import later do not count. */
async function sizeOf(code, folder) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    outdir: join(folder, "out"),
    absWorkingDir: folder,
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const needed = new Set(["out/stdin.js"]);
  for (const file of needed) {
    for (const { path, kind } of metafile.outputs[file].imports) if (kind === "import-statement") needed.add(path);
  }
  return outputFiles
    .filter((file) => needed.has(file.path.slice(folder.length + 1).replaceAll("\\", "/")))
    .reduce((total, { contents }) => total + gzipSync(contents, { level: 9 }).length, 0);
}

/** Size by name of some programs, which are printed and held to their limits. */
async function measure(some, folder) {
  const sizes = new Map();
  for (const { name, code, limit = Infinity, label = code } of some) {
    const size = await sizeOf(code, folder);
    sizes.set(name, size);
    const held = size <= limit;
    if (!held) process.exitCode = 1;
    const bound = limit === Infinity ? "(reported)" : `<= ${limit}${held ? "" : "  TOO LARGE"}`;
    console.log(`${String(size).padStart(7)} bytes ${bound.padEnd(22)} ${label}`);
  }
  return sizes;
}

const user = mkdtempSync(join(tmpdir(), "gradtape-size-"));
const sizes = new Map();
try {
  mkdirSync(join(user, "node_modules"));
  symlinkSync(path(".."), join(user, "node_modules", "gradtape"), "dir");
  for (const [name, size] of await measure(programs, user)) sizes.set(name, size);
} finally {
  rmSync(user, { recursive: true });
}
if (existsSync(join(PEERS, "node_modules"))) {
  for (const [name, size] of await measure(peers, PEERS)) sizes.set(name, size);
}

const README = path("../README.md");
const known = new Set([...programs, ...peers].map(({ name }) => name));
const stale = [];
const before = readFileSync(README, "utf8");
const after = before.replace(
  /(<!-- size:([\w-]+) -->)([\d.]*) KB(<!-- \/size -->)/g,
  (mark, open, name, quoted, close) => {
    if (!known.has(name)) throw new Error(`README quotes the size of "${name}", which is not measured.`);
    const size = sizes.get(name);
    if (size === undefined) return mark;
    const off = Math.abs(Number(quoted) * 1000 - size) > STALE * size;
    if (off) stale.push(`${name}: README says ${quoted} KB, it is ${(size / 1000).toFixed(1)} KB`);
    return `${open}${(size / 1000).toFixed(1)} KB${close}`;
  },
);
if (!before.includes("<!-- size:")) throw new Error("README has no marks for sizes.");
if (!options.check) {
  if (after !== before) writeFileSync(README, after);
} else if (stale.length > 0) {
  console.error(`README is stale; npm run check:size writes it anew.\n${stale.join("\n")}`);
  process.exitCode = 1;
}

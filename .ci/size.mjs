// Sizes of small programs that use the built package: bundled, minified, gzip -9, in bytes. Run after `npm run build`.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const everyday = [
  "add, backward, batchGrad, concat, div, exp, grad, jvp, layerNorm, log, logSoftmax, loss, matmul, mean, mul, random",
  "relu, reshape, sigmoid, slice, softmax, stack, sub, sum, take, tanh, tensor, tree, valueAndGrad, variable, vmap, where",
].join(", ");
const use = (names, from) => `import { ${names} } from "${from}"; console.log(${names});`;
const programs = [
  { code: use("tensor, grad", "gradtape"), limit: 31_000 },
  { code: use("tanh", "gradtape/pure"), limit: 9_200 },
  {
    code: use(everyday, "gradtape"),
    limit: 46_900,
    label: "networks: layers, losses, transforms, per-sample gradients",
  },
  {
    code: use(`${everyday}, avgPool2d, conv2d, einsum, maxPool2d`, "gradtape"),
    limit: Infinity,
    label: "networks, with einsum and convolutions",
  },
  { code: use("tensor, grad, linalg", "gradtape"), limit: Infinity },
  { code: use("tensor, grad, fft, ifft, rfft, irfft", "gradtape"), limit: Infinity },
  { code: use("tensor, grad, erf, erfInv, lgamma, digamma, gammainc, betainc", "gradtape"), limit: Infinity },
  { code: use("tensor, grad, npy, safetensors", "gradtape"), limit: Infinity },
  { code: 'import * as g from "gradtape"; console.log(g);', limit: Infinity },
  { code: use("leastSquares", "gradtape/optim"), limit: Infinity },
];

const user = mkdtempSync(join(tmpdir(), "gradtape-size-"));
mkdirSync(join(user, "node_modules"));
symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(user, "node_modules", "gradtape"), "dir");

try {
  for (const { code, limit, label = code } of programs) {
    const result = await build({
      stdin: { contents: code, resolveDir: user },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    const size = gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
    const held = size <= limit;
    if (!held) process.exitCode = 1;
    const bound = limit === Infinity ? "(reported)" : `<= ${limit}${held ? "" : "  TOO LARGE"}`;
    console.log(`${String(size).padStart(7)} bytes ${bound.padEnd(22)} ${label}`);
  }
} finally {
  rmSync(user, { recursive: true });
}

// Sizes of small programs that use the built package: bundled, minified, gzip -9, in bytes. Run after `npm run build`.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const programs = [
  { code: 'import { tensor, grad } from "gradtape"; console.log(tensor, grad);', limit: 30_000 },
  { code: 'import { tanh } from "gradtape/pure"; console.log(tanh);', limit: 9_000 },
  { code: 'import * as g from "gradtape"; console.log(g);', limit: Infinity },
  { code: 'import { leastSquares } from "gradtape/optim"; console.log(leastSquares);', limit: Infinity },
];

const user = mkdtempSync(join(tmpdir(), "gradtape-size-"));
mkdirSync(join(user, "node_modules"));
symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(user, "node_modules", "gradtape"), "dir");

try {
  for (const { code, limit } of programs) {
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
    console.log(`${String(size).padStart(7)} bytes ${bound.padEnd(22)} ${code}`);
  }
} finally {
  rmSync(user, { recursive: true });
}

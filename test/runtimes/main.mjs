// The program on a runtime with a command line.
import { run } from "./program.mjs";

const runtime = globalThis.Deno
  ? `Deno ${globalThis.Deno.version.deno}`
  : globalThis.Bun
    ? `Bun ${globalThis.Bun.version}`
    : `Node ${globalThis.process.versions.node}`;
for (const line of run()) console.log(`  ${line}`);
console.log(`${runtime}: ok`);

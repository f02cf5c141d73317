// Memory stays flat: what lives after 10,000 iterations is at most 2 MB more than what lived after 1,000.
// Run on the built package: node --expose-gc test/memory/flat.mjs. One line per program; exit code 1 on failure.
import * as gradtape from "../../dist/index.js";
import { programs } from "./programs.mjs";

const FIRST = 1_000;
const LAST = 10_000;
const ALLOWED = 2 * 2 ** 20;

if (typeof globalThis.gc !== "function") {
  console.error("memory: run with node --expose-gc");
  process.exit(1);
}

/** Bytes alive: heap and array buffers after collection, with time for finalizers and weak references. */
async function alive() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MB`;

let failed = 0;
for (const [name, program] of Object.entries(programs)) {
  const iterate = program(gradtape);
  for (let i = 0; i < FIRST; i++) iterate();
  const first = await alive();
  for (let i = FIRST; i < LAST; i++) iterate();
  const last = await alive();
  // Alive until here, with all it keeps.
  iterate();
  const grown = last - first;
  const isFlat = grown <= ALLOWED;
  if (!isFlat) failed++;
  console.log(`${isFlat ? "flat" : "GROWS"}  ${megabytes(first)} -> ${megabytes(last)} (${megabytes(grown)})  ${name}`);
}
process.exitCode = failed === 0 ? 0 : 1;

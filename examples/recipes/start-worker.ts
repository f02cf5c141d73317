/** Workers of files that are not compiled. Where they are, this is `new Worker(new URL(file, from), { workerData })`. */
import { Worker } from "node:worker_threads";

/** A thread that runs a TypeScript file, by tsx as the main thread does. */
export function startWorker(file: string, from: string, workerData: unknown): Worker {
  const url = JSON.stringify(new URL(file, from).href);
  const program = `import("tsx/esm/api").then(({ tsImport }) => tsImport(${url}, ${url}))`;
  return new Worker(program, { eval: true, workerData });
}

// The programs of the guide "In a worker", run in threads: those for Node as they are, those for browsers on the few
// words of a page that they use.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { entries } from "../../entries";

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = readFileSync(root("docs/guides/in-a-worker.md"), "utf8");
const alias = Object.fromEntries(entries.map(({ specifier, source }) => [specifier, root(source)]));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradtape-worker-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The program under a heading of the guide with a name. */
function programOf(heading: string, name: string): string {
  const section = page.split(`\n## ${heading}\n`)[1] ?? "";
  return section.split(`\n\`${name}\`:\n`)[1]?.split("```ts no-run\n")[1]?.split("```")[0] ?? "";
}

/** What a page knows of workers, from what Node knows. */
const PAGE = `import { Worker as Thread } from "node:worker_threads";
globalThis.Worker = class {
  constructor(url) {
    this.thread = new Thread(url);
    this.thread.on("message", (data) => this.onmessage({ data }));
  }
  postMessage(data, transfer) { this.thread.postMessage(data, transfer); }
  terminate() { this.thread.terminate(); }
};\n`;
/** What a worker of a page knows. */
const WORKER = `import { parentPort } from "node:worker_threads";
globalThis.self = globalThis;
parentPort.on("message", (data) => globalThis.onmessage({ data }));
globalThis.postMessage = (data, { transfer }) => parentPort.postMessage(data, transfer);\n`;

/** Runs the program of a folder; gives what it prints. */
async function printed(programs: Readonly<Record<"main" | "worker", string>>): Promise<string> {
  const names = ["main", "worker"] as const;
  for (const name of names) writeFileSync(join(folder, `${name}.ts`), programs[name]);
  await build({
    entryPoints: names.map((name) => join(folder, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    splitting: false,
    format: "esm",
    platform: "node",
    alias,
    outExtension: { ".js": ".js" },
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const thread = new Worker(join(folder, "main.js"), { stdout: true, stderr: true });
  let text = "";
  thread.stdout.on("data", (chunk) => {
    text += String(chunk);
  });
  await new Promise((resolve, reject) => thread.once("exit", resolve).once("error", reject));
  return text;
}

const FOUND = "y = 2.000 x + 1.000\n";

test("in Node, the worker fits the line and sends its parameters", async () => {
  const [main, worker] = [programOf("In Node", "main.ts"), programOf("In Node", "worker.ts")];
  expect(await printed({ main, worker })).toBe(FOUND);
});

test("in a browser, so does the other", async () => {
  const [main, worker] = [programOf("In a browser", "main.ts"), programOf("In a browser", "worker.ts")];
  expect(await printed({ main: PAGE + main, worker: WORKER + worker })).toBe(FOUND);
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PerSampleGradient, Tensor } from "gradtape";
import { agree, type Case, type Figure, type Library, summary } from "../figure";
import { measure } from "../measure";
import { type Params, type PerSampleModel, perSampleModels } from "../per-sample-models";

type Name = keyof typeof perSampleModels;
type Result = PerSampleGradient<Params>;

/** A product, and the most that it may cost, in plain gradients of the batch; of an embedding, which has hardly any products. */
interface Product {
  readonly target: number;
  readonly embedding: number;
  ask(result: Result): unknown;
}
const products: Readonly<Record<string, Product>> = {
  mean: { target: 1.1, embedding: 1.1, ask: (r) => r.mean() },
  norms: { target: 1.3, embedding: 1.6, ask: (r) => r.norms() },
  "norms and clipped mean": { target: 1.7, embedding: 2, ask: (r) => [r.norms(), r.clippedMean(1)] },
  gram: { target: 1.7, embedding: 1.5, ask: (r) => r.gram() },
  variance: { target: 2.5, embedding: 4, ask: (r) => r.variance() },
};

const least = (samples: readonly number[]): number => summary(samples).min;
const flat = (params: Params): number[] => Object.values(params).flatMap((x: Tensor) => Array.from(x.data));

function figuresOf(library: Library, name: Name, model: PerSampleModel): Figure[] {
  const { batchGrad, grad } = library;
  const { params, batch, loss, mean } = model;
  const each = batchGrad(loss);
  agree(name, flat(each(params, batch).mean()), flat(grad(mean)(params)), 1e-4);
  const subjects = [
    { run: () => grad(mean)(params) },
    ...Object.values(products).map(({ ask }) => ({ run: () => ask(each(params, batch)) })),
  ];
  const [plain, ...others] = measure(subjects, { sample: 1, warmUp: 300, total: 600, clock: "cpu" });
  return [
    { label: `${name}: gradient of the mean`, unit: "ms", samples: plain },
    ...Object.entries(products).map(([label, { target, embedding }], k) => ({
      label: `${name}: ${label}, minima of CPU time`,
      unit: "x",
      samples: [least(others[k]) / least(plain)],
      target: name === "embedding" ? embedding : target,
    })),
  ];
}

export const perSampleProducts: Case = {
  name: "per-sample-products",
  title: "products of per-sample gradients, in plain gradients of the mean loss (CPU time, in turn)",
  run: (library) =>
    (Object.keys(perSampleModels) as Name[]).flatMap((name) =>
      figuresOf(library, name, perSampleModels[name](library, name === "5120-2560-1280" ? "float32" : "float64")),
    ),
};

const peakFile = fileURLToPath(new URL("../peak.ts", import.meta.url));
const built = new URL("../../dist/index.js", import.meta.url).href;

/** MB that a computation takes at its peak, in a process of its own, on the package as built. */
function peakOf(what: string): number {
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, peakFile, built, what], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`bench: ${what} failed`);
  return Number(stdout);
}

const five = (f: () => number): number[] => Array.from({ length: 5 }, f);

export const perSampleMemory: Case = {
  name: "per-sample-memory",
  title: "memory of products, and gradients spelled out into buffers of the caller's",
  run(library) {
    const { params, batch, loss } = perSampleModels["784-128-10"](library, "float32");
    const entries = Object.entries(params).map(([name, x]) => [name, new Float32Array(128 * x.size)] as const);
    const source = entries.map(([, x]) => new Float32Array(x.length).fill(1));
    const each = library.batchGrad(loss);
    const buffers = Object.fromEntries(entries);
    const [writing, spelling] = measure(
      [
        { run: () => entries.map(([, x], k) => x.set(source[k])) },
        { run: () => each(params, batch).materializeInto(buffers) },
      ],
      { sample: 1, total: 1500, clock: "cpu" },
    );
    const plain = five(() => peakOf("wide gradient"));
    const clipped = five(() => peakOf("wide norms and clipped mean"));
    return [
      { label: "784-128-10, batch 128, float32: materializeInto", unit: "ms", samples: spelling },
      {
        label: "the same, in times of writing its 52 MB, minima",
        unit: "x",
        samples: [least(spelling) / least(writing)],
        target: 3,
      },
      { label: "5120-2560-1280: peak of a plain gradient", unit: "MB", samples: plain },
      {
        label: "norms and clipped mean / plain gradient, minima",
        unit: "x",
        samples: [least(clipped) / least(plain)],
        target: 1.3,
      },
      {
        label: "784-128-10, 65,536 samples, memory: 64e6: peak of the clipped mean",
        unit: "MB",
        samples: five(() => peakOf("many clipped")),
      },
    ];
  },
};

import type { PerSampleGradient, Tensor } from "gradtape";
import { agree, type Case, type Figure, type Library, summary } from "../figure";
import { measure } from "../measure";
import { digits, type Params, type PerSampleModel, perSampleModels } from "../per-sample-models";

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
  const [plain, ...others] = measure(subjects, { sample: 1, warmUp: 300, total: 1500, clock: "cpu" });
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

/** MB of arrays that are held at most at the end of every so-manieth op, beside what was held before. */
type PeakOf = (f: () => unknown, every: number) => number;

/** On the source: the package tells nobody of its ops. */
async function peaks(): Promise<{ readonly source: Library; readonly peakOf: PeakOf }> {
  const { withMonitor } = await import("../../src/core/op/monitor");
  const held = (): number => {
    // What nobody holds goes in two rounds.
    globalThis.gc?.();
    globalThis.gc?.();
    return process.memoryUsage().arrayBuffers / 1e6;
  };
  const peakOf: PeakOf = (f, every) => {
    const before = held();
    let [most, count] = [0, 0];
    const monitor = {
      onValue: () => {
        if (++count % every === 0) most = Math.max(most, held() - before);
      },
      onEntry: () => undefined,
      rule: <T>(_: unknown, __: unknown, ___: unknown, ____: unknown, run: () => T) => run(),
      step: <T>(_: unknown, run: () => T) => run(),
    };
    const result = withMonitor(monitor, f);
    return Math.max(most, held() - before, result === undefined ? 0 : 0);
  };
  return { source: await import("../../src/index"), peakOf };
}

function memoryFigures(library: Library, peakOf: PeakOf): Figure[] {
  const wide = perSampleModels["5120-2560-1280"](library, "float32");
  const plain = peakOf(() => library.grad(wide.mean)(wide.params), 1);
  const clipped = peakOf(() => {
    const result = library.batchGrad(wide.loss)(wide.params, wide.batch);
    return [result.norms(), result.clippedMean(1)];
  }, 1);
  const many = digits(65_536)(library, "float32");
  const each = library.batchGrad(many.loss, { memory: 64e6 });
  const bounded = peakOf(() => each(many.params, many.batch).clippedMean(1), 37);
  return [
    { label: "5120-2560-1280: held at most by a plain gradient", unit: "MB", samples: [plain] },
    { label: "norms and clipped mean / plain gradient", unit: "x", samples: [clipped / plain], target: 1.3 },
    { label: "784-128-10, 65,536 samples, memory: 64e6: clipped mean", unit: "MB", samples: [bounded], target: 64 },
  ];
}

export const perSampleMemory: Case = {
  name: "per-sample-memory",
  title: "memory of products, and gradients spelled out into buffers of the caller's",
  async run(library) {
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
    const { source: own, peakOf } = await peaks();
    return [
      { label: "784-128-10, batch 128, float32: materializeInto", unit: "ms", samples: spelling },
      {
        label: "the same, in times of writing its 52 MB, minima",
        unit: "x",
        samples: [least(spelling) / least(writing)],
        target: 3,
      },
      ...memoryFigures(own, peakOf),
    ];
  },
};

import { pathToFileURL } from "node:url";
import type { Tensor } from "gradtape";
import {
  type Column,
  check,
  column,
  combined,
  compare,
  compareProgram,
  compiledColumns,
  EAGER,
  FRESH,
  JAX,
  OLD,
  TORCH,
  tensorOf,
  time,
} from "../columns";
import { type Comparison, type Limit, numbers, type Report, type Setting } from "../figure";
import type { Budget } from "../measure";
import { hasFloat64, loadJax } from "../peer";
import { type Params, perSampleModels, type Sample } from "../per-sample-models";
import { type Numbers, type Program, programs } from "../programs";
import { Torch } from "../pytorch";

const BUDGET: Budget = { sample: 1, warmUp: 300, total: 2000 };

const part =
  (make: () => Program, held: (row: string) => readonly Limit[]) =>
  async (setting: Setting): Promise<Report> => {
    const program = make();
    return { ...(await compareProgram(program, setting, BUDGET)), limits: held(program.name) };
  };

const SIDE = 512;

/** The product of two square matrices, by itself. */
async function product({ library }: Setting, wide: boolean, asked: number): Promise<Report> {
  const row = `product of ${SIDE} x ${SIDE}, ${wide ? "float64" : "float32"}`;
  const operands = [0, 1].map((phase): Numbers => {
    const data = numbers(SIDE * SIDE, 1, phase);
    return { data: wide ? data : Float32Array.from(data), shape: [SIDE, SIDE] };
  });
  const [a, b] = operands.map((x) => tensorOf(library, x));
  const columns = compiledColumns(library, library.matmul<Tensor, Tensor>, [a, b], (x) => [x.data]);
  const [jax, torch] = [await loadJax(), await Torch.start()];
  try {
    if (jax !== null && (!wide || hasFloat64())) {
      const matmul = jax.lib.jit(jax.lib.numpy.matmul);
      const [x, y] = operands.map(({ data, shape }) => jax.tensor(data, shape));
      columns.push(column(JAX, () => jax.read(() => [matmul(x.ref, y.ref)])));
    }
    if (torch !== null) {
      const run = await torch.load("matmul", operands, []);
      columns.push({ name: TORCH, subject: run, numbers: () => run.numbers });
    }
    const report = await compare(row, columns, wide ? 1e-12 : 1e-4, BUDGET);
    const operations = 2 * SIDE ** 3;
    return {
      ...report,
      limits: [{ of: [row, FRESH], unit: "GFLOP/s", asked, operations }],
      notes: [...report.notes, ...(torch === null ? [] : [torch.about])],
    };
  } finally {
    torch?.stop();
  }
}

/** Norms and clipped mean of per-sample gradients, in plain gradients of the batch: both compiled, in the same rounds. */
async function perSample({ library }: Setting): Promise<Report> {
  const { params, batch, loss } = perSampleModels["784-128-10"](library, "float32");
  const { batchGrad, grad } = library;
  const each = batchGrad(loss);
  const flat = (tree: Params): ArrayLike<number>[] => Object.values(tree).map((x) => x.data);
  const plain = compiledColumns(library, grad(loss), [params, batch], flat);
  const products = compiledColumns(
    library,
    (p: Params, samples: Sample) => {
      const result = each(p, samples);
      return [result.norms(), result.clippedMean(1)] as const;
    },
    [params, batch],
    ([norms, clipped]) => [norms.data, ...flat(clipped)],
  );
  const rows = { "784-128-10: gradient": plain, "784-128-10: norms and clipped mean": products };
  const [gradient, clipped] = Object.keys(rows);
  const notes = Object.entries(rows).map(([row, columns]) => check(row, columns, 1e-4));
  const ratio = (name: string): Limit => ({ of: [clipped, name], to: [gradient, name], unit: "x", asked: 1.25 });
  return { cells: await time(rows, BUDGET), limits: [ratio(FRESH)], notes };
}

const LENGTH = 65_536;

/** One op at a time, of this build and of the other: results are allocated by every call. */
async function eagerOps({ library, other }: Setting): Promise<Report> {
  const [x, y] = [0, 1].map((phase): Numbers => {
    return { data: Float32Array.from(numbers(LENGTH, 3, phase)), shape: [LENGTH] };
  });
  const builds = [[EAGER, library] as const, ...(other === null ? [] : [[OLD, other] as const])];
  const asked = { exp: 0.1, tanh: 0.1, add: 0.5 };
  const reports: Report[] = [];
  for (const op of ["exp", "tanh", "add"] as const) {
    const row = `${op} of ${LENGTH.toLocaleString("en-US")} numbers, float32`;
    const columns = builds.map(([name, build]): Column => {
      const [a, b] = [tensorOf(build, x), tensorOf(build, y)];
      return column(name, () => [(op === "add" ? build.add(a, b) : build[op](a)).data]);
    });
    const report = await compare(row, columns, 1e-6, BUDGET);
    reports.push({ ...report, limits: [{ of: [row, EAGER], to: [row, OLD], unit: "x", asked: asked[op] }] });
  }
  return combined(reports);
}

const PARAMETERS = 627_000;
const [RATE, BETA1, BETA2, EPSILON] = [1e-3, 0.9, 0.999, 1e-8];
const LOOP = "plain loop";

/** Adam as a loop over typed arrays that it changes; squares are float64, as those of the library. */
function adamLoop(gradient: Float32Array, start: Float32Array) {
  const [parameter, mean, square] = [start.slice(), new Float32Array(start.length), new Float64Array(start.length)];
  let count = 0;
  return (): ArrayLike<number>[] => {
    count++;
    const scale = RATE / (1 - BETA1 ** count);
    const correction = Math.sqrt(1 - BETA2 ** count);
    for (let i = 0; i < parameter.length; i++) {
      const g = gradient[i];
      const m = BETA1 * mean[i] + (1 - BETA1) * g;
      const s = BETA2 * square[i] + (1 - BETA2) * g * g;
      mean[i] = m;
      square[i] = s;
      parameter[i] -= (scale * m) / (Math.sqrt(s) / correction + EPSILON);
    }
    return [parameter, mean, square];
  };
}

async function adamUpdates({ library, file }: Setting): Promise<Report> {
  const { adam }: typeof import("gradtape/optim") = await import(new URL("optim.js", pathToFileURL(file)).href);
  const row = `adam, ${PARAMETERS.toLocaleString("en-US")} parameters, float32`;
  const optimizer = adam({ rate: RATE, beta1: BETA1, beta2: BETA2, epsilon: EPSILON });
  const [params, gradients] = [0, 1].map((phase) => Float32Array.from(numbers(PARAMETERS, 1, phase)));
  const [p, g] = [params, gradients].map((data): Tensor => library.tensor(data));
  type State = ReturnType<typeof optimizer.init<Tensor>>;
  const columns = compiledColumns(
    library,
    (gradient: Tensor, state: State, parameter: Tensor) => optimizer.update<Tensor>(gradient, state, parameter),
    [g, optimizer.init(p), p],
    ([updated, { mean, square }]) => [updated.data, mean.data, square.data],
  );
  columns.push({ name: LOOP, subject: { run: adamLoop(gradients, params) }, numbers: adamLoop(gradients, params) });
  const held = (name: string, asked: number): Limit => ({ of: [row, name], to: [row, LOOP], unit: "x", asked });
  const report = await compare(row, columns, 1e-6, BUDGET);
  return { ...report, limits: [held(FRESH, 1), held(EAGER, 1.5)] };
}

export const compiledVectors: Comparison = {
  name: "compiled-vectors",
  title: "vectors, products, per-sample products and updates, compiled and as they are, beside other libraries",
  parts: {
    rosenbrock: part(programs.rosenbrock, (row) => [
      { of: [row, FRESH], to: [row, JAX], unit: "x", asked: 0.06 },
      { of: [row, FRESH], unit: "us", asked: 2 },
    ]),
    "long-vectors": part(programs["long-vectors"], (row) => [
      { of: [row, FRESH], to: [row, OLD], unit: "x", asked: 0.05 },
    ]),
    product32: (setting) => product(setting, false, 48),
    product64: (setting) => product(setting, true, 20),
    "per-sample": perSample,
    "eager-ops": eagerOps,
    adam: adamUpdates,
  },
};

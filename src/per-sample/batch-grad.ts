import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkChoice, checkFunction, checkNumber, checkOptions } from "../base/options";
import { gradientTree } from "../core/op/leaves";
import { accumulate, castTo, reshapeTo, sumAxes } from "../core/op/sweep-ops";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import { elementsOf, type Handle, makeFilled } from "../core/tensor/handle";
import type { Scalar, Tensor } from "../core/tensor/tensor";
import { isHandle } from "../core/tensor/tensor-argument";
import { isShapedLike, matching, placeIn } from "../core/tensor/tree";
import type { Batch, Gradient, Leaves } from "../core/tensor/tree-types";
import { asHandle } from "../core/tensor/value";
import { matmul } from "../ops/contract/matmul";
import { readData } from "../ops/create/read-data";
import { div, minimum, mul, square, sub } from "../ops/elementwise/arithmetic";
import { sqrt } from "../ops/elementwise/exponential";
import { stack } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import { dualOf } from "../transforms/backward";
import { buffersOf } from "./buffers";
import { chunkOf } from "./chunk";
import { dropNonFinite, finiteMask, finiteSamples } from "./non-finite";
import type { BatchGradOptions, ClipOptions, PerSampleGradient, Weights } from "./per-sample-gradient";
import { asRows, cut, gramOf, joined, squaresOf, sumOfAll, weighted } from "./rows";
import { runSamples, type SamplePrograms, samplePrograms, weightedGradient } from "./sample-program";

const WHERE = "batchGrad";

class PerSample<P> implements PerSampleGradient<P> {
  readonly batchSize: number;
  private readonly kept = new Map<string, Handle[]>();
  private readonly chunk: number;
  constructor(
    private readonly programs: SamplePrograms,
    chunk: number,
    private readonly nonFinite: "keep" | "drop" | "throw",
  ) {
    this.batchSize = programs.size;
    this.chunk = Math.min(chunk, programs.size);
  }

  /** Computes a product once. */
  private once(name: string, make: () => Handle[]): Handle[] {
    const found = this.kept.get(name) ?? make();
    this.kept.set(name, found);
    return found;
  }

  /** Runs over the samples, a chunk at a time; gives what each chunk gave. */
  private chunks<T>(work: (start: number, n: number) => T): T[] {
    const parts: T[] = [];
    for (let start = 0; start < this.batchSize; start += this.chunk) {
      parts.push(work(start, Math.min(this.chunk, this.batchSize - start)));
    }
    return parts;
  }

  /** Losses and gradients of some samples, non-finite ones treated as asked for. */
  private rows(start: number, n: number): Handle[] {
    const found = this.kept.get("rows");
    if (found !== undefined && n === this.batchSize) return found;
    const raw = runSamples(this.programs, "lossAndGradient", start, n);
    return this.nonFinite === "keep" ? raw : dropNonFinite(WHERE, raw, start, this.nonFinite);
  }

  /** All rows, joined. Kept when they come in one piece. */
  private allRows(): Handle[] {
    if (this.chunk === this.batchSize) return this.once("rows", () => this.rows(0, this.batchSize));
    const parts = this.chunks((start, n) => this.rows(start, n));
    return parts[0].map((_, k) => joined(parts.map((part) => part[k])));
  }

  /** Something of every sample: [B, ...] for each leaf of what `work` gives. */
  private perSample(work: (rows: Handle[]) => Handle[]): Handle[] {
    if (this.chunk === this.batchSize) return work(this.allRows());
    const parts = this.chunks((start, n) => work(this.rows(start, n)));
    return parts[0].map((_, k) => joined(parts.map((part) => part[k])));
  }

  /** A sum over samples of something of the gradients, for each parameter. */
  private overSamples(work: (gradients: readonly Handle[], start: number, n: number) => Handle[]): Handle[] {
    const parts =
      this.chunk === this.batchSize
        ? [work(this.allRows().slice(1), 0, this.batchSize)]
        : this.chunks((start, n) => work(this.rows(start, n).slice(1), start, n));
    return parts.reduce((sums, part) => sums.map((sum, k) => accumulate(sum, part[k])));
  }

  /** sum_i w_i g_i, by one backward pass if the gradients are not computed yet. */
  private combine(weights: Handle): Handle[] {
    if (this.nonFinite === "keep" && !this.kept.has("rows")) {
      const parts = this.chunks((start, n) => weightedGradient(this.programs, weights, start, n));
      return parts.reduce((sums, part) => sums.map((sum, k) => accumulate(sum, part[k])));
    }
    return this.overSamples((gradients, start, n) => gradients.map((g) => weighted(g, cut(weights, start, n))));
  }

  private tree<T>(values: readonly Handle[]): T {
    return gradientTree<T>(this.programs.params, values);
  }

  private spreadTree<T>(values: readonly unknown[]): T {
    return this.programs.params.build<T>(values);
  }

  /** Samples that count: all of them unless some were dropped. */
  private counted(): number {
    return this.nonFinite === "drop" ? finiteSamples(this.losses()) : this.batchSize;
  }

  private constant(value: number): Handle {
    return makeFilled([this.batchSize], "float64", value);
  }

  losses(): Tensor<readonly [number]> {
    refuseExtra("losses", "", 0, arguments);
    if (this.nonFinite !== "keep" || this.kept.has("rows"))
      return asTensor(this.once("losses", () => this.perSample((rows) => [rows[0]]))[0]);
    const make = (): Handle[] => [joined(this.chunks((start, n) => runSamples(this.programs, "loss", start, n)[0]))];
    return asTensor(this.once("losses", make)[0]);
  }

  sum(): Gradient<P> {
    refuseExtra("sum", "", 0, arguments);
    return this.tree(this.once("sum", () => this.combine(this.constant(1))));
  }

  mean(): Gradient<P> {
    refuseExtra("mean", "", 0, arguments);
    return this.tree(this.once("mean", () => this.combine(this.constant(1 / this.counted()))));
  }

  weightedSum(weights: Weights): Gradient<P> {
    refuseExtra("weightedSum", "weights", 1, arguments);
    return this.tree(this.combine(this.weightsOf("weightedSum", weights)));
  }

  private weightsOf(where: string, weights: Weights): Handle {
    const w = isHandle(where, weights) ? weights : readData(where, weights);
    if (w.shape.length === 1 && w.shape[0] === this.batchSize) return w;
    return fail(
      "batch/weights",
      `${where}: weights must have shape ${list([this.batchSize])}, got ${list(w.shape)}.`,
      { received: w.shape, expected: [this.batchSize] },
      "Give one weight for each sample.",
    );
  }

  /** |g_i|² for each parameter. */
  private squares(): Handle[] {
    return this.once("squares", () => this.perSample((rows) => rows.slice(1).map(squaresOf)));
  }

  squaredNorms(): Tensor<readonly [number]>;
  squaredNorms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  squaredNorms(options?: { readonly perParameter?: boolean }): unknown {
    refuseExtra("squaredNorms", "options", 1, arguments);
    checkOptions("squaredNorms", options, ["perParameter"]);
    if (options?.perParameter === true) return this.spreadTree(this.squares());
    return this.once("squaredNorms", () => [sumOfAll(this.squares(), [this.batchSize])])[0];
  }

  norms(): Tensor<readonly [number]>;
  norms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  norms(options?: { readonly perParameter?: boolean }): unknown {
    refuseExtra("norms", "options", 1, arguments);
    checkOptions("norms", options, ["perParameter"]);
    if (options?.perParameter === true) return this.spreadTree(this.squares().map((x) => sqrt(x)));
    return this.once("norms", () => [asHandle(sqrt(sumOfAll(this.squares(), [this.batchSize])))])[0];
  }

  clippedMean(maxNorm: number, options?: ClipOptions): Gradient<P> {
    refuseExtra("clippedMean", "maxNorm, options", 2, arguments);
    return this.tree(this.clipped("clippedMean", maxNorm, options).map((g) => asHandle(div(g, this.counted()))));
  }

  clippedSum(maxNorm: number, options?: ClipOptions): Gradient<P> {
    refuseExtra("clippedSum", "maxNorm, options", 2, arguments);
    return this.tree(this.clipped("clippedSum", maxNorm, options));
  }

  private clipped(where: string, maxNorm: number, options: ClipOptions | undefined): Handle[] {
    checkOptions(where, options, ["perParameter", "weights"]);
    if (!(typeof maxNorm === "number" && maxNorm > 0)) {
      fail(
        "batch/clip",
        `${where}: maxNorm must be a number > 0, got ${describe(maxNorm)}.`,
        { maxNorm },
        "Infinity clips nothing.",
      );
    }
    const given = options?.weights ?? null;
    const weights = given === null ? this.constant(1) : this.weightsOf(where, given);
    const factor = (squares: Handle): Handle =>
      asHandle(mul(castTo(weights, squares.dtype), minimum(1, div(maxNorm, sqrt(squares)))));
    if (options?.perParameter !== true) return this.combine(factor(sumOfAll(this.squares(), [this.batchSize])));
    const factors = this.squares().map(factor);
    return this.overSamples((gradients, start, n) => gradients.map((g, k) => weighted(g, cut(factors[k], start, n))));
  }

  variance(options?: { readonly correction?: number | undefined }): Gradient<P> {
    refuseExtra("variance", "options", 1, arguments);
    checkOptions("variance", options, ["correction"]);
    const correction = checkNumber("variance", "correction", options?.correction ?? 0, 0, Infinity);
    const count = this.counted();
    const means = this.once("mean", () => this.combine(this.constant(1 / count)));
    const finite = this.nonFinite === "drop" ? finiteMask(this.losses()) : this.constant(1);
    const sums = this.overSamples((gradients, start, n) =>
      gradients.map((g, k) => weighted(asHandle(square(sub(g, means[k]))), cut(finite, start, n))),
    );
    return this.tree(sums.map((s) => asHandle(div(s, count - correction))));
  }

  secondMoment(): Gradient<P> {
    refuseExtra("secondMoment", "", 0, arguments);
    const squares = (gradients: readonly Handle[]): Handle[] => gradients.map((g) => sumAxes(asHandle(square(g)), [0]));
    const sums = this.once("secondMoment", () => this.overSamples(squares));
    return this.tree(sums.map((s) => asHandle(div(s, this.counted()))));
  }

  gram(): Tensor<readonly [number, number]> {
    refuseExtra("gram", "", 0, arguments);
    const { batchSize: n } = this;
    return asTensor(this.once("gram", () => [sumOfAll(this.allRows().slice(1).map(gramOf), [n, n])])[0]);
  }

  project(direction: Gradient<P>): Tensor<readonly [number]>;
  project(directions: readonly Gradient<P>[]): Tensor<readonly [number, number]>;
  project(given: unknown): Tensor {
    refuseExtra("project", "directions", 1, arguments);
    // An array shaped like the parameters is one direction.
    const several = Array.isArray(given) && !isShapedLike(this.programs.params, given);
    const directions: readonly unknown[] = several ? given : [given];
    if (directions.length === 0) {
      fail(
        "argument/array",
        "project: at least one direction is needed, got none.",
        { received: 0 },
        "Give a tree shaped like the parameters, or an array of such trees.",
      );
    }
    const { params, parameters } = this.programs;
    const along = directions.map((d) =>
      matching("project", params, d, "direction").map((x, k) =>
        dualOf("project", placeIn("direction", params.paths[k]), x, parameters[k]),
      ),
    );
    const [result] = this.perSample((rows) => {
      const columns = parameters.map((x, k) => {
        const columns = asHandle(stack(along.map((d) => reshapeTo(d[k], [x.size]))));
        return asHandle(matmul(asRows(rows[k + 1]), permute(columns, [1, 0])));
      });
      return [sumOfAll(columns, [rows[0].shape[0], along.length])];
    });
    return several ? result : reshapeTo(result, [this.batchSize]);
  }

  materialize(): Batch<P> {
    refuseExtra("materialize", "", 0, arguments);
    return this.spreadTree(this.allRows().slice(1));
  }

  materializeInto(buffers: Leaves<P, Float64Array | Float32Array>): void {
    refuseExtra("materializeInto", "buffers", 1, arguments);
    const given = buffersOf(this.programs.params, buffers, this.programs.parameters, this.batchSize);
    this.chunks((start, n) => {
      const [, ...gradients] = this.rows(start, n);
      gradients.forEach((g, k) => {
        given[k].set(elementsOf(g), (start * g.size) / n);
      });
    });
  }

  explain(): Explanation {
    refuseExtra("explain", "", 0, arguments);
    const { params, parameters } = this.programs;
    const rows = params.paths.map((path, k) => ({
      parameter: path === "" ? "(params)" : path,
      shape: list(parameters[k].shape),
      way: "materialized",
      samplesAtATime: this.chunk,
    }));
    const loops = this.programs.lossAndGradient().steps.filter((step) => step.op.batchRule === "derived");
    const names = [...new Set(loops.map((step) => step.op.name))].map((name) => ({
      op: name,
      way: "loop over samples",
    }));
    return makeExplanation(`batchGrad of ${this.batchSize} samples`, [...rows, ...names]);
  }
}

const asTensor = (x: Handle): Tensor => x;
/**
 * The gradients of the losses of all samples of a batch, from the loss of one sample.
 *
 * Shape: `(P, S, ...shared) -> F[]` becomes `(P, [B, ...S], ...shared) -> PerSampleGradient<P>`.
 *
 * Its `mean()` is the gradient of the mean loss, always: differentiating is linear. A loss that mixes samples cannot be
 * written, as it sees one sample. Inside, samples have no values: choose with `where` instead of `if`.
 * @param f - the loss of one sample: parameters, sample, and what all samples share
 * @param options - chunk: samples at a time, default all; memory: bytes that per-sample gradients may take, from which
 * chunk is chosen; nonFinite: "keep" (default), "drop" or "throw"
 * @returns a function of parameters and a batch: a tree shaped like a sample, every leaf with a leading axis B
 * @throws GradtapeError `batch/empty`, `batch/length`, `batch/chunk`, `batch/memory`, `batch/non-finite`,
 * `grad/non-scalar`, `tree/leaf`
 * @example
 * ```ts
 * import { batchGrad, dot, square, sub, type Tensor, tensor } from "gradtape";
 * const loss = (w: Tensor, { x, y }: { x: Tensor; y: Tensor }) => square(sub(dot(w, x), y));
 * const batch = { x: tensor([[1, 0], [0, 1]]), y: tensor([1, 1]) };
 * const gradients = batchGrad(loss)(tensor([2, 3]), batch);
 * gradients.mean(); // => [1, 2]
 * gradients.norms(); // => [2, 4]
 * gradients.materialize(); // => [[2, 0], [0, 4]]
 * ```
 */
export function batchGrad<P, S, R extends readonly unknown[]>(
  f: (params: P, sample: S, ...shared: R) => Scalar,
  options?: BatchGradOptions,
): (params: P, batch: Batch<S>, ...shared: R) => PerSampleGradient<P> {
  refuseExtra("batchGrad", "f, options", 2, arguments);
  checkFunction(WHERE, f);
  checkOptions(WHERE, options, ["chunk", "memory", "nonFinite"]);
  const nonFinite = checkChoice(WHERE, "nonFinite", options?.nonFinite ?? "keep", ["keep", "drop", "throw"]);
  return (params, batch, ...shared) => {
    const programs = samplePrograms(WHERE, (p: P, sample) => f(p, sample as S, ...shared), params, batch);
    return new PerSample<P>(programs, chunkOf(options, programs), nonFinite);
  };
}

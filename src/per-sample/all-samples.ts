import { bytesOf } from "../base/dtype";
import { onFreshInputs } from "../core/op/leaf";
import { accumulate, broadcastToShape, castTo, reshapeTo } from "../core/op/sweep-ops";
import { pushForward } from "../core/sweep/differentiate";
import { elementsOf, type Handle, isSymbolic, makeFilled, makeTensor, zeroLike } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { div, maximum, mul } from "../ops/elementwise/arithmetic";
import { sqrt } from "../ops/elementwise/exponential";
import { below, select } from "../ops/elementwise/select";
import { gatherAlong, scatterAddAlong } from "../ops/indexing/gather-scatter-op";
import { stack } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import { rowLengths } from "../ops/reduce/power-mean";
import type { Limits } from "./chunk";
import { Factors } from "./factors";
import { type Choice, type Form, formOf } from "./forms";
import { suspects } from "./guard";
import {
  addDistances,
  areFew,
  elementsAt,
  joinMoments,
  type Moments,
  momentsOfFactors,
  momentsOfRows,
  spreadOf,
} from "./moments";
import { OTHER, type Plan, SAMPLE } from "./plan";
import { gramOfPairs, project, squaresOf, weightedSum } from "./products";
import { addAll, cut, equal, joined, projected, weighted } from "./rows";
import { runSamples, type SamplePrograms, samplesAt, weightedGradient } from "./sample-program";

/** Gradients spelled out are worked on in blocks of so many bytes, which a cache holds. */
const BLOCK = 2 ** 21;

/** Along the batch axis. */
const ALONG = { where: "batchGrad", axis: 0, lead: 0, trail: 0 };

/** |g_i| of each parameter, and the samples of which it was computed from gradients spelled out. */
interface Lengths {
  readonly lengths: readonly Handle[];
  readonly bad: readonly number[];
}

/** Products of the gradients of all samples: one tensor for each parameter, or one for each sample. */
export class AllSamples {
  readonly size: number;
  private readonly kept = new Map<string, Handle[]>();
  private factors: Factors | null = null;
  private bad: readonly number[] = [];

  constructor(
    readonly programs: SamplePrograms,
    private readonly planOf: () => Plan,
    readonly limits: Limits,
    private readonly choice: Choice,
  ) {
    this.size = programs.size;
  }

  /** Some of the samples. */
  some(samples: readonly number[]): AllSamples {
    const { chunk, memory } = this.limits;
    const limits = { chunk: Math.max(1, Math.min(chunk, samples.length)), memory };
    return new AllSamples(samplesAt(this.programs, samples), this.planOf, limits, this.choice);
  }

  /** Computes a product once. */
  private once(name: string, make: () => Handle[]): Handle[] {
    const found = this.kept.get(name) ?? make();
    this.kept.set(name, found);
    return found;
  }

  get plan(): Plan {
    return this.planOf();
  }

  /** Whether all samples are worked on at a time. */
  private get whole(): boolean {
    return this.limits.chunk >= this.size;
  }

  /** How the inner products of a parameter are computed. */
  form(k: number, of: typeof SAMPLE | typeof OTHER): Form {
    return formOf(this.plan, k, of, Math.min(this.size, this.limits.chunk), this.choice);
  }

  private get parameters(): readonly Handle[] {
    return this.programs.parameters;
  }

  /** The starts and lengths of chunks of `total` things, so many of them at a time. */
  private parts(total: number, size: number): { readonly start: number; readonly n: number }[] {
    return Array.from({ length: Math.ceil(total / size) }, (_, c) => ({
      start: c * size,
      n: Math.min(size, total - c * size),
    }));
  }

  /** Factors of the samples from `start` on; of all samples they are kept. */
  private factorsAt(start: number, n: number): Factors {
    if (n < this.size) return Factors.of(this.plan, this.programs, start, n);
    this.factors ??= Factors.of(this.plan, this.programs, 0, n);
    return this.factors;
  }

  /** Works on the factors of each chunk in turn. */
  private chunks<T>(work: (factors: Factors, start: number) => T): T[] {
    return this.parts(this.size, this.limits.chunk).map(({ start, n }) => work(this.factorsAt(start, n), start));
  }

  /** How many bytes the gradients of a parameter take, spelled out for one sample. */
  private bytes(k: number): number {
    return this.plan.size(k) * bytesOf("float64");
  }

  /** Whether the gradients of a parameter, spelled out for n samples, are there anyway or may be kept. */
  private keeps(k: number, n: number): boolean {
    return (
      this.plan.leaves[k].simple ||
      this.plan.leaves.reduce((sum, _, j) => sum + this.bytes(j), 0) * n <= this.limits.memory
    );
  }

  /** For how many samples the gradients of a parameter are spelled out at a time. */
  rowsAtATime(k: number): number {
    const n = Math.min(this.size, this.limits.chunk);
    return this.keeps(k, n) ? n : Math.min(n, Math.max(1, Math.floor(BLOCK / this.bytes(k))));
  }

  /** The gradients of a parameter spelled out, if they are there or may be kept; null otherwise. */
  private keptRows(factors: Factors, k: number): Handle | null {
    if (!factors.has(`rows ${k}`) && !this.keeps(k, factors.n)) return null;
    return factors.once(`rows ${k}`, () => factors.rows(k));
  }

  /** Works on the gradients of a parameter spelled out: all of some factors if they may be kept, or block by block. */
  private blocks<T>(factors: Factors, k: number, work: (rows: Handle, start: number) => T): T[] {
    const rows = this.keptRows(factors, k);
    if (rows !== null) return [work(rows, 0)];
    return this.parts(factors.n, this.rowsAtATime(k)).map(({ start, n }) =>
      work(factors.slice(start, n).rows(k), start),
    );
  }

  losses(): Handle {
    const make = (): Handle[] => {
      if (this.factors !== null) return [this.factors.losses];
      const parts = this.parts(this.size, this.limits.chunk);
      return [joined(parts.map(({ start, n }) => runSamples(this.programs, "loss", start, n)[0]))];
    };
    return this.once("losses", make)[0];
  }

  /** The gradients of some samples by their own program, as it stands: a list of [n, ...]. */
  private exact(samples: readonly number[]): Handle[] {
    const chunks = this.parts(samples.length, this.limits.chunk).map(({ start, n }) =>
      runSamples(samplesAt(this.programs, samples.slice(start, start + n)), "lossAndGradient", 0, n).slice(1),
    );
    return this.parameters.map((_, k) => joined(chunks.map((rows) => rows[k])));
  }

  /** |g_i| of each parameter, in double precision: a list of [n]; and which had to be computed from gradients spelled out. */
  private lengthsOf(factors: Factors, start: number): Lengths {
    const bad = new Set<number>();
    const lengths = this.parameters.map((_, k) => {
      const { pairs } = this.plan.leaves[k];
      if (pairs === null || this.form(k, SAMPLE).way === "rows") {
        const own = joined(this.blocks(factors, k, (rows) => rowLengths(rows)));
        if (!isSymbolic(own)) for (const i of notFinite(own)) bad.add(i);
        return own;
      }
      const squares = squaresOf(factors, pairs);
      for (const i of suspects(factors, k, squares)) bad.add(i);
      return rootOf(squares);
    });
    if (bad.size === 0) return { lengths, bad: [] };
    const samples = [...bad].sort((a, b) => a - b);
    const parts = this.exactly(samples, start, (rows) => rows.map(rowLengths));
    const exact = this.parameters.map((_, k) => joined(parts.map((own) => own[k])));
    return { lengths: lengths.map((own, k) => replaced(own, samples, exact[k])), bad: samples };
  }

  /** Works on the gradients of some samples, counted from `start`, by their own program, some at a time. */
  private exactly<T>(
    samples: readonly number[],
    start: number,
    work: (rows: Handle[], samples: readonly number[]) => T,
  ): T[] {
    return this.parts(samples.length, this.rowsTogether()).map((part) => {
      const own = samples.slice(part.start, part.start + part.n);
      return work(this.exact(own.map((i) => start + i)), own);
    });
  }

  /** For how many samples the gradients of all parameters are spelled out at a time. */
  private rowsTogether(): number {
    const all = this.parameters.reduce((sum, x) => sum + x.size * bytesOf(x.dtype), 0);
    return Math.min(this.limits.chunk, Math.max(1, Math.floor(BLOCK / Math.max(1, all))));
  }

  /** |g_i| of each parameter, in double precision: a list of [B]. */
  lengths(): Handle[] {
    return this.once("lengths", () => {
      const chunks = this.chunks((factors, start) => this.lengthsOf(factors, start));
      this.bad = chunks.flatMap(({ bad }) => bad);
      return this.parameters.map((_, k) => joined(chunks.map(({ lengths }) => lengths[k])));
    });
  }

  /** |g_i| of all parameters together, in double precision, [B]. */
  length(): Handle {
    return this.once("length", () => [lengthOfAll(this.lengths(), this.size)])[0];
  }

  /** sum_i w_i g_i: by one backward pass, or from the factors if they are there. */
  weightedSum(weights: Handle): Handle[] {
    if (this.factors === null) {
      const parts = this.parts(this.size, this.limits.chunk);
      return this.total(parts.map(({ start, n }) => weightedGradient(this.programs, cut(weights, start, n), start, n)));
    }
    return this.each(this.factors, () => weights);
  }

  /** weight times sum_i g_i. */
  evenSum(weight: number): Handle[] {
    return this.once(`sum ${weight}`, () => this.weightedSum(equal(this.size, weight)));
  }

  /** The sums of chunks, in the dtypes of the parameters; several are added up in double precision. */
  private total(parts: readonly (readonly Handle[])[]): Handle[] {
    return this.parameters.map(({ shape, dtype }, k) => {
      if (parts.length === 1) return parts[0][k];
      const sum = parts.reduce<Handle>((a, own) => accumulate(a, own[k]), makeFilled(shape, "float64", 0));
      return castTo(sum, dtype);
    });
  }

  /** sum_i w_i g_i with weights of its own for each parameter. */
  private each(factors: Factors, weightsOf: (k: number) => Handle): Handle[] {
    return this.parameters.map((_, k) => {
      const rows = this.plan.leaves[k].simple || factors.has(`rows ${k}`) ? this.keptRows(factors, k) : null;
      return weightedSum(factors, k, weightsOf(k), rows);
    });
  }

  /** The same, with the gradients of some samples by their own program: weights of what nearly cancels would be lost. */
  private eachExactly(
    factors: Factors,
    weightsOf: (k: number) => Handle,
    bad: readonly number[],
    start: number,
  ): Handle[] {
    const mask = maskOf(factors.n, bad);
    const sums = [
      this.each(factors, (k) => asHandle(select(mask, weightsOf(k), 0))),
      ...this.exactly(bad, start, (rows, samples) =>
        rows.map((own, k) => weighted(own, gatherAlong(weightsOf(k), placesOf(samples), ALONG))),
      ),
    ];
    return this.total(sums);
  }

  /**
   * sum_i w_i g_i min(1, maxNorm / |g_i|), of whole gradients or of each parameter's; lengths and sum are taken chunk by chunk.
   */
  clippedSum(weights: Handle, maxNorm: number, perParameter: boolean): Handle[] {
    const clipped = (length: Handle, start: number, n: number): Handle =>
      asHandle(mul(cut(weights, start, n), clipFactor(length, maxNorm)));
    const chunk = (factors: Factors, { lengths, bad }: Lengths, start: number): Handle[] => {
      const { n } = factors;
      const whole = perParameter ? null : clipped(lengthOfAll(lengths, n), start, n);
      const weightsOf = (k: number): Handle => whole ?? clipped(lengths[k], start, n);
      return bad.length === 0 ? this.each(factors, weightsOf) : this.eachExactly(factors, weightsOf, bad, start);
    };
    if (this.whole) {
      const lengths = this.lengths();
      return chunk(this.factorsAt(0, this.size), { lengths, bad: this.bad }, 0);
    }
    const all: Lengths[] = [];
    const sums = this.chunks((factors, start) => {
      const own = this.lengthsOf(factors, start);
      all.push(own);
      return chunk(factors, own, start);
    });
    this.once("lengths", () => this.parameters.map((_, k) => joined(all.map(({ lengths }) => lengths[k]))));
    return this.total(sums);
  }

  /** Inner products of all gradients, [B, B], in double precision. */
  gram(): Handle {
    return this.once("gram", () => {
      const bad = new Set<number>();
      const parts = this.parts(this.size, this.limits.chunk);
      const rows: Handle[][] = parts.map(() => []);
      parts.forEach((own, a) => {
        const factors = this.factorsAt(own.start, own.n);
        for (let b = 0; b < a; b++) {
          const block = this.gramOf(factors, this.factorsAt(parts[b].start, parts[b].n), bad, own.start);
          rows[a][b] = block;
          rows[b][a] = permute(block, [1, 0]);
        }
        rows[a][a] = this.gramOf(factors, factors, bad, own.start);
      });
      const whole = joined(rows.map((blocks) => joinedColumns(blocks)));
      return [
        bad.size === 0
          ? whole
          : this.mended(
              whole,
              [...bad].sort((p, q) => p - q),
            ),
      ];
    })[0];
  }

  /** Inner products of some gradients with others; notes which samples' own are not to be trusted. */
  private gramOf(factors: Factors, others: Factors, bad: Set<number>, start: number): Handle {
    const parts = this.parameters.map((_, k) => {
      const { pairs } = this.plan.leaves[k];
      if (pairs === null || this.form(k, OTHER).way === "rows") return this.gramOfRows(factors, others, k);
      const gram = gramOfPairs(factors, others, pairs);
      if (factors === others && !isSymbolic(gram)) {
        const squares = makeTensor([factors.n], "float64", diagonalOf(gram));
        for (const i of suspects(factors, k, squares)) bad.add(start + i);
      }
      return gram;
    });
    return parts.length === 0 ? makeFilled([factors.n, others.n], "float64", 0) : addAll(parts);
  }

  private gramOfRows(factors: Factors, others: Factors, k: number): Handle {
    const rows = this.blocks(factors, k, (own) =>
      joinedColumns(this.blocks(others, k, (other) => projected(own, other))),
    );
    return joined(rows);
  }

  /** Inner products in which those of some samples are computed from their gradients spelled out. */
  private mended(gram: Handle, bad: readonly number[]): Handle {
    const exact = this.exact(bad);
    const beside = this.project(exact);
    const among = addAll(exact.map((rows) => projected(rows, rows)));
    const at = placesOf(bad);
    const n = this.size;
    const mask = maskOf(n, bad);
    const both = reshapeTo(mask, [n, 1]);
    const good = asHandle(mul(both, reshapeTo(mask, [1, n])));
    const kept = asHandle(select(good, gram, 0));
    const columns = asHandle(select(broadcastToShape(both, beside.shape), beside, 0));
    const rest = scatterAddAlong(makeFilled([n, n], "float64", 0), at, permute(columns, [1, 0]), ALONG);
    const inner = scatterAddAlong(makeFilled([n, bad.length], "float64", 0), at, among, ALONG);
    const corner = scatterAddAlong(makeFilled([n, n], "float64", 0), at, permute(inner, [1, 0]), ALONG);
    return addAll([kept, rest, permute(rest, [1, 0]), corner]);
  }

  /** Inner products with directions, a list of [d, ...]: [B, d], in double precision. */
  project(directions: readonly Handle[]): Handle {
    const count = directions[0]?.shape[0] ?? 1;
    if (this.projectsForward()) return this.projectForward(directions, count);
    const chunks = this.chunks((factors) => {
      const parts = directions.map((d, k) => project(factors, k, d));
      return parts.length === 0 ? makeFilled([factors.n, count], "float64", 0) : addAll(parts);
    });
    return joined(chunks);
  }

  /** Whether gradients would have to be spelled out beyond what may be kept. */
  private projectsForward(): boolean {
    const n = Math.min(this.size, this.limits.chunk);
    const spelled = this.plan.leaves.reduce((sum, { simple }, k) => (simple ? sum + this.bytes(k) * n : sum), 0);
    return this.factors === null && spelled > this.limits.memory;
  }

  /** The same by one pass forward for each direction. */
  private projectForward(directions: readonly Handle[], count: number): Handle {
    const chunks = this.parts(this.size, this.limits.chunk).map(({ start, n }) => {
      const [xs, [losses]] = onFreshInputs(this.parameters, (own) => runSamples(this.programs, "loss", start, n, own));
      const columns = Array.from({ length: count }, (_, d) => {
        const [dot] = pushForward(
          "project",
          [losses],
          xs,
          directions.map((x) => rowAt(x, d)),
        );
        return castTo(dot ?? zeroLike(losses), "float64");
      });
      return asHandle(stack(columns, { axis: 1 }));
    });
    return joined(chunks);
  }

  private moments(k: number, factors: Factors, spelled: boolean, centered: boolean): Moments {
    const found = spelled ? null : momentsOfFactors(factors, k);
    if (found !== null) return found;
    return this.blocks(factors, k, (rows) => momentsOfRows(rows, centered)).reduce(joinMoments);
  }

  /** sum_i g_i² of each parameter, in double precision. */
  squares(): Handle[] {
    return this.once("squares", () => {
      const chunks = this.chunks((factors) =>
        this.parameters.map((_, k) => this.moments(k, factors, this.choice === "rows", false)),
      );
      return this.parameters.map((_, k) => chunks.map((own) => own[k]).reduce(joinMoments).squares);
    });
  }

  /** sum_i (g_i - mean)² of each parameter over a divisor. */
  spread(divisor: number): Handle[] {
    return this.once(`spread ${divisor}`, () => {
      const all = this.parameters.map((_, k) => k);
      const over = (moments: Moments, k: number) => spreadOf(moments, divisor, this.parameters[k].dtype);
      const moments = this.momentsOf(all, this.choice === "rows");
      const found = moments.map(over);
      const doubtful = all.filter((k) => found[k].canceled.length > 0);
      const again = doubtful.filter((k) => !areFew(moments[k].squares, found[k].canceled));
      const spelled = this.momentsOf(again, true);
      for (const k of doubtful) {
        if (!again.includes(k)) this.recount(k, moments[k], found[k].spread, found[k].canceled, divisor);
      }
      return all.map((k) => (again.includes(k) ? over(spelled[again.indexOf(k)], k).spread : found[k].spread));
    });
  }

  private momentsOf(parameters: readonly number[], spelled: boolean): Moments[] {
    if (parameters.length === 0) return [];
    const chunks = this.chunks((factors) => parameters.map((k) => this.moments(k, factors, spelled, true)));
    return parameters.map((_, j) => chunks.map((own) => own[j]).reduce(joinMoments));
  }

  /** Some elements of the spread once more, from their distances from the mean. */
  private recount(k: number, moments: Moments, spread: Handle, at: readonly number[], divisor: number): void {
    const elements = elementsAt(at, moments);
    this.chunks((factors) => addDistances(factors, k, elements));
    const to = elementsOf(spread);
    at.forEach((p, e) => {
      to[p] = elements.sums[e] / divisor;
    });
  }

  /** The gradients of so many samples at a time spelled out: from the factors, or by the program itself. */
  private eachChunk(size: number, work: (rows: readonly Handle[], start: number) => void): void {
    const factors =
      this.whole && ![...this.programs.batch, ...this.parameters].some(isSymbolic)
        ? this.factorsAt(0, this.size)
        : null;
    const isExact = factors?.areFinite() === true;
    for (const { start, n } of this.parts(this.size, size)) {
      const rows = isExact
        ? this.parameters.map((_, k) => this.rowsAt(factors, k, start, n))
        : runSamples(this.programs, "lossAndGradient", start, n).slice(1);
      work(rows, start);
    }
  }

  private rowsAt(factors: Factors, k: number, start: number, n: number): Handle {
    return n === factors.n ? factors.once(`rows ${k}`, () => factors.rows(k)) : factors.slice(start, n).rows(k);
  }

  /** All gradients spelled out, some samples at a time. */
  eachRows(work: (rows: readonly Handle[], start: number) => void): void {
    this.eachChunk(this.rowsTogether(), work);
  }

  /** All gradients spelled out, a list of [B, ...]. */
  materialize(): Handle[] {
    return this.once("materialize", () => {
      const chunks: (readonly Handle[])[] = [];
      this.eachChunk(this.limits.chunk, (rows) => chunks.push(rows));
      return this.parameters.map((_, k) => joined(chunks.map((rows) => rows[k])));
    });
  }
}

/** The root of squares that may have come out a little below 0, with derivative 0 at 0. */
function rootOf(squares: Handle): Handle {
  const least = asHandle(maximum(0, squares));
  return asHandle(select(least, sqrt(select(least, least, 1)), 0));
}

/** The length of all parts of gradients together, [n]. */
function lengthOfAll(lengths: readonly Handle[], n: number): Handle {
  if (lengths.length === 0) return makeFilled([n], "float64", 0);
  return lengths.length === 1 ? lengths[0] : rowLengths(asHandle(stack(lengths, { axis: 1 })));
}

/** min(1, maxNorm / length); 1 where the length is 0. */
function clipFactor(length: Handle, maxNorm: number): Handle {
  if (maxNorm === 0) return asHandle(mul(0, length));
  const within = asHandle(below(length, maxNorm));
  return asHandle(select(within, 1, div(maxNorm, select(within, 1, length))));
}

const placesOf = (samples: readonly number[]): Handle =>
  makeTensor([samples.length], "int32", Int32Array.from(samples));

/** Row d of the first axis, with its history. */
const rowAt = (x: Handle, d: number): Handle => reshapeTo(cut(x, d, 1), x.shape.slice(1));

/** Which elements of a vector are not finite. */
function notFinite(x: Handle): number[] {
  const data = elementsOf(x);
  return Array.from({ length: data.length }, (_, i) => i).filter((i) => !Number.isFinite(data[i]));
}

/** 0 for some of n samples, 1 for all others. */
function maskOf(n: number, samples: readonly number[]): Handle {
  const mask = new Float64Array(n).fill(1);
  for (const i of samples) mask[i] = 0;
  return makeTensor([n], "float64", mask);
}

/** x with other elements for some of the samples. */
function replaced(x: Handle, samples: readonly number[], by: Handle): Handle {
  const kept = asHandle(select(maskOf(x.shape[0], samples), x, 0));
  return scatterAddAlong(kept, placesOf(samples), by, ALONG);
}

const joinedColumns = (blocks: readonly Handle[]): Handle =>
  blocks.length === 1 ? blocks[0] : permute(joined(blocks.map((block) => permute(block, [1, 0]))), [1, 0]);

function diagonalOf(gram: Handle): Float64Array {
  const n = gram.shape[0];
  const data = elementsOf(gram);
  return Float64Array.from({ length: n }, (_, i) => data[i * n + i]);
}

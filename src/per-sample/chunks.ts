import { bytesOf } from "../base/dtype";
import { accumulate, castTo } from "../core/op/sweep-ops";
import { type Handle, makeFilled } from "../core/tensor/handle";
import { Factors } from "./factors";
import { type Choice, type Form, formOf } from "./forms";
import type { Limits } from "./limits";
import type { OTHER, Plan, SAMPLE } from "./plan";
import { joined } from "./rows";
import { runSamples, type SamplePrograms, samplesAt } from "./sample-program";

/** Gradients spelled out are worked on in blocks of so many bytes, which a cache holds. */
const BLOCK = 2 ** 21;

/** Some things in a row. */
export interface Part {
  readonly start: number;
  readonly n: number;
}

/** The starts and lengths of parts of `total` things, so many of them in each. */
export const partsOf = (total: number, size: number): Part[] =>
  Array.from({ length: Math.ceil(total / size) }, (_, c) => ({
    start: c * size,
    n: Math.min(size, total - c * size),
  }));

/** The samples of a batch, worked on in chunks: their factors, and their gradients spelled out, some at a time. */
export class Chunks {
  readonly size: number;
  /** The factors of all samples, once they are there; those of a chunk are not kept. */
  factors: Factors | null = null;

  constructor(
    readonly programs: SamplePrograms,
    private readonly planOf: () => Plan,
    readonly limits: Limits,
    readonly choice: Choice,
  ) {
    this.size = programs.size;
  }

  /** Some of the samples. */
  some(samples: readonly number[]): Chunks {
    const { chunk, memory } = this.limits;
    const limits = { chunk: Math.max(1, Math.min(chunk, samples.length)), memory };
    return new Chunks(samplesAt(this.programs, samples), this.planOf, limits, this.choice);
  }

  get plan(): Plan {
    return this.planOf();
  }

  get parameters(): readonly Handle[] {
    return this.programs.parameters;
  }

  /** Whether all samples are worked on at a time. */
  get whole(): boolean {
    return this.limits.chunk >= this.size;
  }

  /** How the inner products of a parameter are computed. */
  form(k: number, of: typeof SAMPLE | typeof OTHER): Form {
    return formOf(this.plan, k, of, Math.min(this.size, this.limits.chunk), this.choice);
  }

  /** The chunks of samples. */
  get parts(): Part[] {
    return partsOf(this.size, this.limits.chunk);
  }

  /** Factors of the samples from `start` on; of all samples they are kept. */
  factorsAt(start: number, n: number): Factors {
    if (n < this.size) return Factors.of(this.plan, this.programs, start, n);
    this.factors ??= Factors.of(this.plan, this.programs, 0, n);
    return this.factors;
  }

  /** Works on the factors of each chunk in turn. */
  each<T>(work: (factors: Factors, start: number) => T): T[] {
    return this.parts.map(({ start, n }) => work(this.factorsAt(start, n), start));
  }

  /** How many bytes the gradients of a parameter take, spelled out for one sample. */
  bytes(k: number): number {
    return this.plan.size(k) * bytesOf("float64");
  }

  /** Whether the gradients of a parameter, spelled out for n samples, are there anyway or may be kept. */
  keeps(k: number, n: number): boolean {
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
  keptRows(factors: Factors, k: number): Handle | null {
    if (!factors.has(`rows ${k}`) && !this.keeps(k, factors.n)) return null;
    return factors.once(`rows ${k}`, () => factors.rows(k));
  }

  /** Works on the gradients of a parameter spelled out: all of some factors if they may be kept, or block by block. */
  blocks<T>(factors: Factors, k: number, work: (rows: Handle, start: number) => T): T[] {
    const rows = this.keptRows(factors, k);
    if (rows !== null) return [work(rows, 0)];
    return partsOf(factors.n, this.rowsAtATime(k)).map(({ start, n }) => work(factors.slice(start, n).rows(k), start));
  }

  /** The gradients of some samples by their own program, as it stands: a list of [n, ...]. */
  exact(samples: readonly number[]): Handle[] {
    const chunks = partsOf(samples.length, this.limits.chunk).map(({ start, n }) =>
      runSamples(samplesAt(this.programs, samples.slice(start, start + n)), "lossAndGradient", 0, n).slice(1),
    );
    return this.parameters.map((_, k) => joined(chunks.map((rows) => rows[k])));
  }

  /** Works on the gradients of some samples, counted from `start`, by their own program, some at a time. */
  exactly<T>(samples: readonly number[], start: number, work: (rows: Handle[], samples: readonly number[]) => T): T[] {
    return partsOf(samples.length, this.rowsTogether()).map((part) => {
      const own = samples.slice(part.start, part.start + part.n);
      return work(this.exact(own.map((i) => start + i)), own);
    });
  }

  /** For how many samples the gradients of all parameters are spelled out at a time. */
  rowsTogether(): number {
    const all = this.parameters.reduce((sum, x) => sum + x.size * bytesOf(x.dtype), 0);
    return Math.min(this.limits.chunk, Math.max(1, Math.floor(BLOCK / Math.max(1, all))));
  }

  /** The sums of chunks, in the dtypes of the parameters; several are added up in double precision. */
  total(parts: readonly (readonly Handle[])[]): Handle[] {
    return this.parameters.map(({ shape, dtype }, k) => {
      if (parts.length === 1) return parts[0][k];
      const sum = parts.reduce<Handle>((a, own) => accumulate(a, own[k]), makeFilled(shape, "float64", 0));
      return castTo(sum, dtype);
    });
  }
}

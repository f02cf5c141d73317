import type { Tensor } from "gradtape";
import { agree, type Cell, type Library, type Report, type Setting } from "./figure";
import { type Budget, measureTogether, type Remote, type Subject } from "./measure";
import { type Foreign, hasFloat64, loadJax, loadTensorFlow, type Peer } from "./peer";
import type { Numbers, Program } from "./programs";
import { Torch } from "./pytorch";

/** One way to compute what a row names: its column. */
export interface Column {
  readonly name: string;
  readonly subject: Subject | Remote;
  /** How far from the first column it may be, where that is not as far as the others of its row. */
  readonly tolerance?: number | undefined;
  /** Computes it, to be compared before anything is timed. */
  numbers(): ArrayLike<number>[];
}

/** Names of columns. */
export const EAGER = "eager";
export const OLD = "eager, other build";
export const FRESH = "compiled";
export const REUSED = "compiled, results reused";
export const JAX = "jax-js jit";
export const TENSORFLOW = "TensorFlow.js";
export const TORCH = "PyTorch";

/** A column of this process: what it computes is what it is timed for. */
export const column = (name: string, run: () => ArrayLike<number>[]): Column => ({
  name,
  subject: { run },
  numbers: run,
});

/** The columns of one function: as it is, and compiled with results fresh and reused. */
export function compiledColumns<A extends readonly unknown[], R>(
  { compile }: Library,
  f: (...args: A) => R,
  args: A,
  read: (result: R) => ArrayLike<number>[],
): Column[] {
  const eager = column(EAGER, () => read(f(...args)));
  const [fresh, reused] = [compile(f), compile(f, { results: "reused" })];
  return [eager, column(FRESH, () => read(fresh(...args))), column(REUSED, () => read(reused(...args)))];
}

/** A tensor of numbers that belong to no library. */
export const tensorOf = ({ tensor }: Library, { data, shape }: Numbers): Tensor => tensor(data, { shape });

/** Value and gradient of a program with one build of the library: the function, its arguments and how its result is read. */
export function valueAndGradient(library: Library, program: Program) {
  const f = library.valueAndGrad((params: readonly Tensor[], inputs: readonly Tensor[]) =>
    program.loss(library, params, inputs),
  );
  const tensors = (list: readonly Numbers[]): readonly Tensor[] => list.map((x) => tensorOf(library, x));
  const args: [readonly Tensor[], readonly Tensor[]] = [tensors(program.params), tensors(program.inputs)];
  const read = ([value, gradient]: ReturnType<typeof f>): ArrayLike<number>[] => [
    [library.valueOf(value)],
    ...gradient.map((x) => x.data),
  ];
  return { f, args, read };
}

function jaxColumn({ lib, tensor, read }: Peer, program: Program): Column | null {
  const { jax, params, inputs } = program;
  const wide = params[0].data instanceof Float64Array;
  if (jax === undefined || (wide && !hasFloat64())) return null;
  const both = lib.jit(
    lib.valueAndGrad((ps: readonly Foreign[], xs: readonly Foreign[]) => jax.call(program, lib, ps, xs)),
  );
  const [ps, xs] = [params, inputs].map((list) => list.map(({ data, shape }) => tensor(data, shape)));
  const refs = (list: readonly Foreign[]): readonly Foreign[] => list.map((x) => x.ref);
  const run = () =>
    read(() => {
      const [value, gradient] = both(refs(ps), refs(xs)) as unknown as [Foreign, readonly Foreign[]];
      return [value, ...gradient];
    });
  return { ...column(JAX, run), tolerance: program.narrowTolerance };
}

function tensorFlowColumn({ lib, tensor, read }: Peer, program: Program): Column | null {
  const { tensorFlow, params, inputs } = program;
  if (tensorFlow === undefined) return null;
  const [ps, xs] = [params, inputs].map((list) => list.map(({ data, shape }) => tensor(data, shape)));
  const both = lib.valueAndGrads((...list: readonly Foreign[]) => tensorFlow.call(program, lib, list, xs));
  const run = () =>
    read(() => {
      const { value, grads } = both(ps);
      return [value, ...ps.map((_, k) => grads[k])];
    });
  return { ...column(TENSORFLOW, run), tolerance: program.narrowTolerance };
}

/** Everything that a program is compared with, and a note on who the others are. */
export async function compareProgram(program: Program, { library, other }: Setting, budget: Budget): Promise<Report> {
  const { f, args, read } = valueAndGradient(library, program);
  const columns = compiledColumns(library, f, args, read);
  if (other !== null) {
    const old = valueAndGradient(other, program);
    columns.push(column(OLD, () => old.read(old.f(...old.args))));
  }
  const [jax, tensorFlow, torch] = [await loadJax(), await loadTensorFlow(), await Torch.start()];
  try {
    const peers = [jax && jaxColumn(jax, program), tensorFlow && tensorFlowColumn(tensorFlow, program)];
    columns.push(...peers.filter((peer) => peer !== null));
    const notes: string[] = [];
    if (torch !== null && program.torch !== undefined) {
      const run = await torch.load(program.torch, program.params, program.inputs);
      columns.push({ name: TORCH, subject: run, numbers: () => run.numbers });
      notes.push(torch.about);
    }
    const report = await compare(program.name, columns, program.tolerance, budget);
    return { ...report, notes: [...report.notes, ...notes] };
  } finally {
    torch?.stop();
  }
}

/** Has all columns of a row compute the same numbers, as the first one has them; gives the note that says so. */
export function check(row: string, columns: readonly Column[], tolerance: number): string {
  const [first, ...others] = columns;
  const wanted = first.numbers();
  for (const { name, numbers, tolerance: own } of others) {
    const results = numbers();
    if (results.length !== wanted.length) throw new Error(`${row}: ${name} gives ${results.length} results`);
    results.forEach((got, k) => {
      if (got.length !== wanted[k].length) throw new Error(`${row}: result ${k} of ${name} has ${got.length} numbers`);
      agree(`${row}: result ${k} of ${name}`, got, wanted[k], own ?? tolerance);
    });
  }
  const names = others.map(({ name, tolerance: own }) => (own === undefined ? name : `${name} (to ${own})`)).join(", ");
  return `${row}: ${names} agree with ${first.name} to ${tolerance} of the largest number of each result.`;
}

/** Times the columns of some rows, all in turn. */
export async function time(
  rows: Readonly<Record<string, readonly Pick<Column, "name" | "subject">[]>>,
  budget: Budget,
): Promise<Cell[]> {
  const columns = Object.entries(rows).flatMap(([row, list]) => list.map((one) => ({ row, ...one })));
  const subjects = columns.map(({ subject }) => subject);
  const samples = await measureTogether(subjects, budget);
  return columns.map(({ row, name }, k) => ({ place: [row, name], samples: samples[k] }));
}

/** Checks the columns of a row, then times them in turn. */
export async function compare(
  row: string,
  columns: readonly Column[],
  tolerance: number,
  budget: Budget,
): Promise<Report> {
  const note = check(row, columns, tolerance);
  return { cells: await time({ [row]: columns }, budget), limits: [], notes: [note] };
}

/** Reports of several rows, as one. */
export const combined = (reports: readonly Report[]): Report => ({
  cells: reports.flatMap(({ cells }) => cells),
  limits: reports.flatMap(({ limits }) => limits),
  notes: [...new Set(reports.flatMap(({ notes }) => notes))],
});

import { performance } from "node:perf_hooks";

/** Something to be timed. */
export interface Subject {
  run(): unknown;
}

/** How long, in milliseconds. */
export interface Budget {
  /** One sample: the subject is repeated until it fills it. Long samples contain their share of garbage collection. */
  readonly sample?: number;
  /** Before anything counts, for each subject. */
  readonly warmUp?: number;
  /** All samples of one subject. */
  readonly total?: number;
  /** How many samples of each subject there are at least. */
  readonly samples?: number;
  /** What is read: the wall clock, or the time of the processor, which others on the machine disturb less. */
  readonly clock?: "wall" | "cpu";
}

const MIN_SAMPLES = 11;

let sink: unknown;

/** Milliseconds of the processor, in all threads of this process. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed(subject: Subject, times: number, now: () => number): number {
  const start = now();
  for (let i = 0; i < times; i++) sink = subject.run();
  return now() - start;
}

/** The last result of anything timed: so that no result is unused. */
export const lastResult = (): unknown => sink;

/** Something timed by another process, which says how many milliseconds so many runs took. */
export interface Remote {
  time(runs: number): Promise<number>;
}

/** Which subject is to be run next, and how often. */
interface Turn {
  readonly which: number;
  readonly runs: number;
}

/**
 * The order of turns: the warm-up of each subject, then rounds, A B A B, every other one backwards. It is told how long each
 * turn took, and ends with the milliseconds per run of each subject, one number for each round.
 */
function* rounds(
  count: number,
  { sample = 5, warmUp = 400, total = 1500, samples: least = MIN_SAMPLES }: Budget,
): Generator<Turn, number[][], number> {
  const times: number[] = [];
  for (let which = 0; which < count; which++) {
    let runs = 1;
    let spent = 0;
    let last = 0;
    while (spent < warmUp) {
      last = yield { which, runs };
      spent += last;
      if (last < sample / 2) runs *= 2;
    }
    times.push(Math.max(1, Math.round((sample * runs) / Math.max(last, 1e-3))));
  }
  const samples = times.map((): number[] => []);
  let spent = 0;
  while (spent < total * count || samples[0].length < least) {
    const order = samples.map((_, k) => k);
    if (samples[0].length % 2 === 1) order.reverse();
    for (const which of order) {
      const time = yield { which, runs: times[which] };
      spent += time;
      samples[which].push(time / times[which]);
    }
  }
  return samples;
}

/**
 * Times subjects in turn (A B A B, every other round backwards) and gives the milliseconds per run of each, one number for
 * each round: numbers of one round belong together. Garbage collection is part of the time.
 */
export function measure(subjects: readonly Subject[], budget: Budget = {}): number[][] {
  const now = budget.clock === "cpu" ? processor : () => performance.now();
  globalThis.gc?.();
  const turns = rounds(subjects.length, budget);
  let turn = turns.next();
  while (!turn.done) turn = turns.next(timed(subjects[turn.value.which], turn.value.runs, now));
  return turn.value;
}

/** The same where some of the subjects are other processes', by the wall clock. */
export async function measureTogether(
  subjects: readonly (Subject | Remote)[],
  budget: Budget = {},
): Promise<number[][]> {
  const now = () => performance.now();
  globalThis.gc?.();
  const turns = rounds(subjects.length, budget);
  let turn = turns.next();
  while (!turn.done) {
    const { which, runs } = turn.value;
    const subject = subjects[which];
    turn = turns.next("run" in subject ? timed(subject, runs, now) : await subject.time(runs));
  }
  return turn.value;
}

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

/**
 * Times subjects in turn (A B A B, every other round backwards) and gives the milliseconds per run of each, one number for
 * each round: numbers of one round belong together. Garbage collection is part of the time.
 */
export function measure(subjects: readonly Subject[], budget: Budget = {}): number[][] {
  const { sample = 5, warmUp = 400, total = 1500, clock = "wall" } = budget;
  const now = clock === "cpu" ? processor : () => performance.now();
  globalThis.gc?.();
  const times = subjects.map((subject) => {
    let runs = 1;
    let spent = 0;
    let last = 0;
    while (spent < warmUp) {
      last = timed(subject, runs, now);
      spent += last;
      if (last < sample / 2) runs *= 2;
    }
    return Math.max(1, Math.round((sample * runs) / Math.max(last, 1e-3)));
  });
  const samples = subjects.map((): number[] => []);
  let spent = 0;
  while (spent < total * subjects.length || samples[0].length < MIN_SAMPLES) {
    const order = subjects.map((_, k) => k);
    if (samples[0].length % 2 === 1) order.reverse();
    for (const k of order) {
      const time = timed(subjects[k], times[k], now);
      spent += time;
      samples[k].push(time / times[k]);
    }
  }
  return samples;
}

import type { Kind, Program } from "../core/op/op";
import { outputKind } from "../core/program/capture";
import { replay } from "../core/program/program";
import { programText } from "../core/program/program-text";
import type { Handle } from "../core/tensor/handle";
import { wasm } from "../kernel/assembler";
import { type Emitted, emit } from "./emit/emit";
import { hasRelaxed } from "./emit/relaxed";
import { lower } from "./lower/build";
import type { Graph } from "./lower/nodes";
import { numbersOf } from "./lower/numbers";
import { Interpreted } from "./run/interpreted";
import { Machine, type Runner } from "./run/machine";
import { panels } from "./schedule/panels";
import { type Layout, place } from "./schedule/place";
import { type Schedule, schedule } from "./schedule/schedule";
import { scheduleNumbers } from "./schedule/schedule-numbers";

/*
 * One program, compiled: the pipeline from end to end, and what came of it.
 */

/** What is asked of compiled programs. */
export interface Settings {
  /** Whether results lie in memory that is used again. */
  readonly reused: boolean;
  /** Whether products and sums of float32 are computed in float64. */
  readonly wide: boolean;
  /** Whether results must not depend on the machine. */
  readonly deterministic: boolean;
}

/** Every stage of a program. */
export interface Stages {
  /** Its lazy arrays; null: all of it is single doubles. */
  readonly graph: Graph | null;
  readonly schedule: Schedule;
  readonly layout: Layout;
  /** The module; null: WebAssembly is missing or refused, so the kernels are interpreted. */
  readonly emitted: Emitted | null;
  /** Whether results that are NaN are to be computed again, without speculation. */
  readonly speculative: boolean;
}

/** Runs the pipeline: lower, schedule, panels, place, and emit, if there is WebAssembly. */
export function pipeline(program: Program, { wide, deterministic }: Settings, speculative = true): Stages {
  const numbers = numbersOf(program, deterministic, speculative);
  if (numbers !== null) return finish(null, scheduleNumbers(numbers), false, numbers.speculative);
  const graph = lower(program, wide);
  return finish(graph, panels(schedule(graph, deterministic)), !deterministic && !wide && hasRelaxed(), false);
}

function finish(graph: Graph | null, scheduled: Schedule, relaxed: boolean, speculative: boolean): Stages {
  const layout = place(scheduled);
  const emitted = wasm() && emit(scheduled, layout, { rows: relaxed ? 6 : 4, relaxed });
  return { graph, schedule: scheduled, layout, emitted, speculative };
}

/**
 * A program that runs compiled. Where WebAssembly is refused, its kernels are interpreted if results must not depend on that;
 * otherwise it is replayed step by step, by the kernels of ops.
 */
export class Unit {
  readonly kinds: readonly Kind[];
  /** null: the program is replayed. */
  readonly stages: Stages | null;
  private readonly machine: Runner | null;
  /** The program without speculation, once that has failed. */
  private exact: Runner | null = null;

  constructor(
    readonly program: Program,
    readonly settings: Settings,
  ) {
    this.kinds = program.outputs.map((y) => outputKind(program, y));
    this.stages = wasm() === null && !settings.deterministic ? null : pipeline(program, settings);
    this.machine = this.stages && this.machineOf(this.stages);
  }

  private machineOf({ schedule, layout, emitted }: Stages): Runner {
    const { kinds, settings } = this;
    const engine = wasm();
    return engine === null || emitted === null
      ? new Interpreted(schedule, kinds)
      : new Machine(engine, schedule, layout, emitted, kinds, settings.reused);
  }

  run(inputs: readonly Handle[]): Handle[] {
    const { machine, stages, program, settings } = this;
    if (machine === null || stages === null) return replay(program, inputs);
    const results = machine.run(inputs);
    if (!stages.speculative || !results.some(({ value }) => Number.isNaN(value))) return results;
    this.exact ??= this.machineOf(pipeline(program, settings, false));
    return this.exact.run(inputs);
  }

  /** The same for inputs that are numbers, where results are doubles; null where it is not to be had. */
  runNumbers(inputs: readonly number[]): number[] | null {
    const { machine, stages } = this;
    if (machine === null || stages === null) return null;
    const results = machine.runNumbers(inputs);
    // Speculation failed, maybe: the way of all others finds out.
    return stages.speculative && results.some(Number.isNaN) ? null : results;
  }

  /** The program as text. */
  get text(): string {
    return programText(this.program);
  }
}

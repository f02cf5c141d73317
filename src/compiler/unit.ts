import type { Kind, Program } from "../core/op/op";
import { outputKind } from "../core/program/capture";
import { replay } from "../core/program/program";
import { programText } from "../core/program/program-text";
import type { Handle } from "../core/tensor/handle";
import { wasm } from "../kernel/assembler";
import { lower } from "./build";
import { type Emitted, emit } from "./emit";
import { Machine } from "./machine";
import type { Graph } from "./nodes";
import { panels } from "./panels";
import { type Layout, place } from "./place";
import { hasRelaxed } from "./relaxed";
import { type Schedule, schedule } from "./schedule";

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
  readonly graph: Graph;
  readonly schedule: Schedule;
  readonly layout: Layout;
  readonly emitted: Emitted;
}

/** Runs the pipeline: lower, schedule, panels, place, emit. */
export function pipeline(program: Program, { wide, deterministic }: Settings): Stages {
  const graph = lower(program, wide);
  const scheduled = panels(schedule(graph, deterministic));
  const layout = place(scheduled);
  const relaxed = !deterministic && !wide && hasRelaxed();
  const emitted = emit(scheduled, layout, { rows: relaxed ? 6 : 4, relaxed });
  return { graph, schedule: scheduled, layout, emitted };
}

/** A program that runs compiled, or step by step where WebAssembly is refused. */
export class Unit {
  readonly kinds: readonly Kind[];
  /** null: WebAssembly is missing or refused. */
  readonly stages: Stages | null;
  private readonly machine: Machine | null;

  constructor(
    readonly program: Program,
    readonly settings: Settings,
  ) {
    this.kinds = program.outputs.map((y) => outputKind(program, y));
    const engine = wasm();
    this.stages = engine && pipeline(program, settings);
    this.machine =
      engine &&
      this.stages &&
      new Machine(engine, this.stages.schedule, this.stages.layout, this.stages.emitted, this.kinds, settings.reused);
  }

  run(inputs: readonly Handle[]): Handle[] {
    return this.machine === null ? replay(this.program, inputs) : this.machine.run(inputs);
  }

  /** The program as text. */
  get text(): string {
    return programText(this.program);
  }
}

import { compareProgram, FRESH, JAX, OLD, TORCH } from "../columns";
import type { Comparison, Limit, Report, Setting } from "../figure";
import type { Budget } from "../measure";
import { type Program, programs } from "../programs";

/** A program with what its compiled form is held to. */
type Held = (row: string) => readonly Limit[];

const against = (row: string, column: string, asked: number): Limit => ({
  of: [row, FRESH],
  to: [row, column],
  unit: "x",
  asked,
});

const part =
  (make: () => Program, held: Held, budget: Budget = {}) =>
  async (setting: Setting): Promise<Report> => {
    const program = make();
    const report = await compareProgram(program, setting, { sample: 1, warmUp: 300, total: 2000, ...budget });
    return { ...report, limits: held(program.name) };
  };

export const compiledNetworks: Comparison = {
  name: "compiled-networks",
  title: "networks, compiled and as they are, beside other libraries: value and gradient, float32",
  parts: {
    digits: part(programs.digits, (row) => [against(row, JAX, 0.46), against(row, OLD, 0.36), against(row, TORCH, 2)]),
    points: part(programs.points, (row) => [against(row, JAX, 0.06), { of: [row, FRESH], unit: "us", asked: 12 }]),
    attention: part(programs.attention, (row) => [against(row, TORCH, 1.15), against(row, JAX, 0.4)]),
    wide: part(programs.wide, (row) => [against(row, TORCH, 1.2)], { warmUp: 1000 }),
  },
};

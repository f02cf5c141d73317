import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compareProgram, EAGER, FRESH, JAX, OLD, TORCH } from "../columns";
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

const FIRST_CALL = fileURLToPath(new URL("../first-call.ts", import.meta.url));
const PROCESSES = 7;

/** Milliseconds of the first call, in a process of its own. */
function firstCall(file: string, how: "eager" | "compiled"): number {
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, FIRST_CALL, file, how], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`bench: the first call (${how}) failed.`);
  return Number(stdout);
}

async function firstCalls({ file }: Setting): Promise<Report> {
  const row = "784-128-10: the first call of a process (trace, compile and run)";
  const columns = [
    [EAGER, "eager"],
    [FRESH, "compiled"],
  ] as const;
  const samples = columns.map((): number[] => []);
  for (let i = 0; i < PROCESSES; i++) {
    for (const [k, [, how]] of columns.entries()) samples[k].push(firstCall(file, how));
  }
  return {
    cells: columns.map(([name], k) => ({ place: [row, name], samples: samples[k] })),
    limits: [{ of: [row, FRESH], unit: "ms", asked: 40 }],
    notes: [],
  };
}

export const compiledNetworks: Comparison = {
  name: "compiled-networks",
  title: "networks, compiled and as they are, beside other libraries: value and gradient, float32",
  parts: {
    digits: part(programs.digits, (row) => [against(row, JAX, 0.46), against(row, OLD, 0.36), against(row, TORCH, 2)]),
    points: part(programs.points, (row) => [against(row, JAX, 0.06), { of: [row, FRESH], unit: "us", asked: 12 }]),
    attention: part(programs.attention, (row) => [against(row, TORCH, 1.15), against(row, JAX, 0.4)]),
    wide: part(programs.wide, (row) => [against(row, TORCH, 1.2)], { warmUp: 1000 }),
    "first-call": firstCalls,
  },
};

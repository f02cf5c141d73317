// Stands for src/core/program/program in the suite that runs compiled: nothing inside of a trace is compiled.
import * as program from "../../src/core/program/program.ts";
import { asItIs } from "./outermost";

export * from "../../src/core/program/program.ts";

export const traceProgram = asItIs(program.traceProgram);

// Reads the files of the NIST StRD collection for nonlinear regression: https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One reference problem. */
export interface Dataset {
  /** Starts 1 and 2. */
  readonly starts: readonly [readonly number[], readonly number[]];
  readonly certified: readonly number[];
  /** Certified residual sum of squares. */
  readonly sum: number;
  readonly y: readonly number[];
  /** One array for each predictor. */
  readonly x: readonly (readonly number[])[];
}

const numbersIn = (line: string): number[] => line.trim().split(/\s+/).map(Number);

/** The text of one file, read. */
export function parse(text: string): Dataset {
  const lines = text.split(/\r?\n/);
  const parameters = lines.flatMap((line) => {
    const found = /^\s*b\d+ =(.*)$/.exec(line);
    return found === null ? [] : [numbersIn(found[1])];
  });
  const sum = lines.map((line) => /^Residual Sum of Squares:\s*(\S+)/.exec(line)?.[1]).find((s) => s !== undefined);
  const first = lines.lastIndexOf(lines.filter((line) => line.startsWith("Data:")).at(-1) ?? "") + 1;
  const rows = lines
    .slice(first)
    .filter((line) => line.trim() !== "")
    .map(numbersIn);
  const column = (k: number): number[] => rows.map((row) => row[k]);
  return {
    starts: [parameters.map(([start]) => start), parameters.map(([, start]) => start)],
    certified: parameters.map(([, , value]) => value),
    sum: Number(sum),
    y: column(0),
    x: rows[0].slice(1).map((_, k) => column(k + 1)),
  };
}

/** A problem by its name: "Misra1a". */
export function load(name: string): Dataset {
  const file = new URL(`../../fixtures/nist-strd/${name}.dat`, import.meta.url);
  return parse(readFileSync(fileURLToPath(file), "utf8"));
}

import { keyOfNumber } from "../base/format";
import { expansionIn, type Formula, type FormulaFunction } from "./formula";
import { NOT_EQUAL, type NumberType, type Primitive } from "./primitives";

/*
 * Formulas run in JavaScript, with the bits that vectors of WebAssembly give: what runs where WebAssembly is refused, and what
 * kernels are held to.
 */

type Applied = Primitive | FormulaFunction;

/** A formula in the order of its computation, equal parts once. What is computed is numbered: inputs, numbers, steps. */
export interface Steps {
  /** How many inputs it reads. */
  readonly inputs: number;
  /** Its numbers, rounded to the type. */
  readonly numbers: readonly number[];
  /** What is applied to which of the numbers before. */
  readonly steps: readonly { readonly f: Applied; readonly of: readonly number[] }[];
  /** Which are the results. */
  readonly results: readonly number[];
}

/** A value while they are collected; its final number is known at the end. */
interface Part {
  readonly truth: boolean;
  at: number;
}

/** Rounds to a type. */
export const rounders: Readonly<Record<NumberType, (x: number) => number>> = {
  float32: Math.fround,
  float64: (x) => x,
  int32: (x) => x | 0,
};

/** The twin of a primitive in a type, or the function. */
export const plainIn = (f: Applied, type: NumberType): Primitive["plain"] =>
  (f.is === "primitive" ? f.twins?.[type] : undefined) ?? f.plain;

class Collector {
  readonly inputs: Part[] = [];
  readonly numbers = new Map<string, Part & { readonly value: number }>();
  readonly steps: { readonly f: Applied; readonly of: readonly Part[]; readonly made: Part }[] = [];
  private readonly made = new Map<string, Part>();
  private readonly names = new Map<object, number>();

  constructor(
    private readonly type: NumberType,
    private readonly always: boolean,
  ) {}

  /** A formula whose inputs are given; nodes that are the same object are looked at once. */
  collect(formula: Formula, given: readonly Part[] | null, memo = new Map<Formula, Part>()): Part {
    let part = memo.get(formula);
    if (part !== undefined) return part;
    if (formula.is === "number") part = this.number(formula.value);
    else if (formula.is === "input") part = given === null ? this.input(formula.at) : given[formula.at];
    else {
      const { f } = formula;
      const of = formula.to.map((x) => this.collect(x, given, memo));
      const expansion = f.is === "function" ? expansionIn(f, this.type, this.always) : undefined;
      if (expansion === undefined) part = this.apply(f, of);
      else part = this.collect(expansion.formula(...of.map((_, at): Formula => ({ is: "input", at }))), of);
    }
    memo.set(formula, part);
    return part;
  }

  private input(at: number): Part {
    while (this.inputs.length <= at) this.inputs.push({ truth: false, at: this.inputs.length });
    return this.inputs[at];
  }

  private number(x: number): Part {
    const value = rounders[this.type](x);
    const key = keyOfNumber(value);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const part = { truth: false, at: -1, value };
    this.numbers.set(key, part);
    return part;
  }

  private apply(f: Applied, given: readonly Part[]): Part {
    const of = given.map((x, k) =>
      f.is === "primitive" && f.takes[k] === "truth" && !x.truth ? this.apply(NOT_EQUAL, [x, this.number(0)]) : x,
    );
    const keys = of.map((x) => this.keyOf(x));
    if (f.is === "primitive" && f.commutes) keys.sort((a, b) => a - b);
    const key = `${this.keyOf(f)}(${keys.join()}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const made = { truth: f.is === "primitive" && f.truth, at: -1 };
    this.steps.push({ f, of, made });
    this.made.set(key, made);
    return made;
  }

  private keyOf(x: object): number {
    const known = this.names.get(x);
    if (known !== undefined) return known;
    this.names.set(x, this.names.size);
    return this.names.size - 1;
  }
}

/** Formulas as steps. `always`: functions of float64 by their expansions too. */
export function stepsOf(formulas: readonly Formula[], type: NumberType, always: boolean): Steps {
  const all = new Collector(type, always);
  const results = formulas.map((formula) => all.collect(formula, null));
  const numbers = [...all.numbers.values()];
  let at = all.inputs.length;
  for (const part of numbers) part.at = at++;
  for (const { made } of all.steps) made.at = at++;
  return {
    inputs: all.inputs.length,
    numbers: numbers.map(({ value }) => value),
    steps: all.steps.map(({ f, of }) => ({ f, of: of.map((x) => x.at) })),
    results: results.map((x) => x.at),
  };
}

/**
 * A formula as a function of numbers of a type. A truth is 0 or 1. `always`: functions of float64 by their expansions too.
 */
export function interpreter(
  formula: Formula,
  type: NumberType,
  always: boolean,
): (inputs: readonly number[]) => number {
  const { inputs, numbers, steps, results } = stepsOf([formula], type, always);
  const first = inputs + numbers.length;
  const values = new Float64Array(first + steps.length);
  values.set(numbers, inputs);
  const round = rounders[type];
  const runs = steps.map(({ f, of: [a, b, c, ...more] }, k) => {
    const plain = plainIn(f, type);
    const to = first + k;
    if (b === undefined) return () => (values[to] = round(plain(values[a])));
    if (c === undefined) return () => (values[to] = round(plain(values[a], values[b])));
    const all = [a, b, c, ...more];
    return () => (values[to] = round(plain(...all.map((at) => values[at]))));
  });
  return (x) => {
    for (let k = 0; k < inputs; k++) values[k] = x[k];
    for (const run of runs) run();
    return values[results[0]];
  };
}

import type { Tensor, Value } from "../core/tensor/tensor";
import type { Complaint } from "./compare";
import type { Settings } from "./options";
import { leafOf, leavesOf, numbersOf, type Subject } from "./subject";

/** One case of an op, ready to be held to a law. */
export interface Trial {
  readonly inputs: readonly Value[];
  readonly attrs: unknown;
  /** What the op was defined by, where that can be reached. */
  readonly definition: object | undefined;
  /** The op as a function of its float inputs. */
  readonly subject: Subject;
  readonly settings: Settings;
  readonly random: () => number;
  /** What the op is called in a report. */
  name(): string;
  /** The op with the attributes of the case. */
  call(inputs: readonly Value[]): unknown;
}

/** One result of an op: shape, dtype and elements; a boolean counts as a bool tensor of one element. */
export interface Result {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly numbers: ArrayLike<number>;
}

/** The results of the op, part by part, without their values: symbols have none. */
export const formsOf = (y: unknown): Omit<Result, "numbers">[] =>
  leavesOf("checkOp", y).map(([path, leaf]) =>
    typeof leaf === "boolean" ? { path, shape: [], dtype: "bool" } : leafOf(path, leaf),
  );

/** The results of the op, part by part. */
export const resultsOf = (y: unknown): Result[] => leavesOf("checkOp", y).map(([path, leaf]) => resultOf(path, leaf));

function resultOf(path: string, y: Tensor | number | boolean): Result {
  if (typeof y === "boolean") return { path, shape: [], dtype: "bool", numbers: [Number(y)] };
  return { ...leafOf(path, y), numbers: numbersOf(y) };
}

/** A shape and dtype in words. */
export const wordsOf = ({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string }): string =>
  `${dtype}[${shape.join(", ")}]`;

/** A complaint about something other than a derivative. */
export const complain = (rule: string, text: string, got: unknown, want: unknown, hint: string): Complaint => ({
  text,
  rule,
  input: null,
  got,
  want,
  hint,
});

/** Position of the first element that is not the same, bit by bit (all NaN are alike); -1 without any. */
export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}

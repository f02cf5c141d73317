import { fail } from "../base/errors";
import { readingLine } from "../base/user-line";
import { onFreshInputs } from "../core/op/leaf";
import { Activity } from "../core/sweep/activity";
import {
  elementsOf,
  type Handle,
  isSymbolic,
  makeTensor,
  placeOf,
  type Reader,
  withReader,
} from "../core/tensor/handle";
import type { Leaf } from "../core/tensor/tree";

/*
 * A function that reads a number out of a tensor, and computes on with it, has derivative zero as far as the tape knows.
 * That is right for a step that only looks (an early exit, a barrier, a line of a log), and wrong for a loss.
 */

/** Reads that are looked into, during one call of a function. */
const LOOKS = 100;

/** What a function did while it ran: its first read of a tensor that depends on the inputs, and whether it stopped gradients. */
class Reads implements Reader {
  line: string | undefined;
  stopped = false;
  private looks = 0;
  constructor(
    private readonly inputs: readonly Handle[],
    private readonly outer: Reader | null,
  ) {}

  onRead(x: Handle, frames: number): void {
    if (this.line === undefined && this.looks < LOOKS) {
      this.looks++;
      const line = readingLine(frames);
      if (line !== undefined && comesFrom([x], this.inputs)) this.line = line;
    }
    this.outer?.onRead(x, frames + 1);
  }

  onStop(): void {
    this.stopped = true;
    this.outer?.onStop();
  }
}

/** Whether any of ys depends on any of the inputs. */
function comesFrom(ys: readonly Leaf[], inputs: readonly Handle[]): boolean {
  const handles = ys.filter((y): y is Handle => typeof y === "object" && y.strand !== null);
  if (handles.length === 0) return false;
  const activity = new Activity(handles, inputs, false);
  const varied = handles.some((y) => activity.isVaried(placeOf(y)));
  activity.release();
  return varied;
}

/** The same elements, each a thousandth away, not all in proportion. */
function moved(x: Handle): Handle {
  const data = elementsOf(x).slice();
  for (let i = 0; i < data.length; i++) data[i] += (Math.abs(data[i]) || 1) * (1e-3 / (1 + (i % 3)));
  return makeTensor(x.shape, x.dtype, data);
}

const numbersOf = (ys: readonly Leaf[]): number[] =>
  ys.flatMap((y) => (typeof y === "object" ? Array.from(elementsOf(y)) : [Number(y)]));

function runOn<T>(xs: readonly Handle[], f: (inputs: Handle[]) => T): [inputs: Handle[], result: T, reads: Reads] {
  let reads = new Reads([], null);
  const [inputs, result] = onFreshInputs(xs, (own) =>
    withReader(
      (outer) => {
        reads = new Reads(own, outer);
        return reads;
      },
      () => f(own),
    ),
  );
  return [inputs, result, reads];
}

/**
 * Calls f on fresh inputs, and throws if its result is cut off from them: it comes from none of them on the tape, a tensor
 * that depends on them was read, and it changes all the same when they are moved.
 */
export function runConnected<T>(
  where: string,
  xs: readonly Handle[],
  f: (inputs: Handle[]) => T,
  outputsOf: (result: T) => readonly Leaf[],
): [inputs: Handle[], result: T] {
  const [inputs, result, { line, stopped }] = runOn(xs, f);
  if (line === undefined || stopped || comesFrom(outputsOf(result), inputs)) return [inputs, result];
  const ys = outputsOf(result);
  if ([...xs, ...ys].some((x) => typeof x === "object" && isSymbolic(x))) return [inputs, result];
  if (changes(numbersOf(ys), xs, f, outputsOf)) {
    fail(
      "grad/unconnected",
      `${where}: the result changes with the parameters, but is cut off from them: a number was read out of a tensor at ${line}.`,
      { line },
      "Compute on with ops instead of valueOf, item, data or toArray; stopGradient(x) says that no gradient is wanted.",
    );
  }
  return [inputs, result];
}

/** Whether f gives other numbers, finite and again cut off, where its inputs are moved. */
function changes<T>(
  before: readonly number[],
  xs: readonly Handle[],
  f: (inputs: Handle[]) => T,
  outputsOf: (result: T) => readonly Leaf[],
): boolean {
  try {
    const [inputs, result, { stopped }] = runOn(xs.map(moved), f);
    const ys = outputsOf(result);
    if (stopped || comesFrom(ys, inputs)) return false;
    const after = numbersOf(ys);
    return after.length === before.length && after.every(Number.isFinite) && after.some((y, k) => y !== before[k]);
  } catch {
    return false;
  }
}

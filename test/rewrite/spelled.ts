// Terms spelled out by plain loops over all their labels, and the programs that they are made for.
import { type Tensor, tensor } from "gradtape";
import { expect } from "vitest";
import type { Kind, Program } from "../../src/core/op/op";
import { replay, traceProgram } from "../../src/core/program/program";
import type { Handle } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import type { Draft } from "../../src/rewrite/draft";
import type { Label, Labels } from "../../src/rewrite/labels";
import type { Operand } from "../../src/rewrite/prune";
import type { Factor, Term } from "../../src/rewrite/terms";

/** The program of a function of tensors. */
export function programOf(inputs: readonly Kind[], f: (xs: readonly Tensor[]) => readonly Tensor[]): Program {
  const [program] = traceProgram(inputs, (xs) => [f(xs).map((x) => asHandle(x)), undefined]);
  return program;
}

/** The numbers of outputs of a program. */
export const run = (program: Program, inputs: readonly Tensor[]): number[][] =>
  replay(
    program,
    inputs.map((x) => asHandle(x)),
  ).map((y) => Array.from(y.data));

/** Calls `visit` with every choice of one position for each label. */
function everyPosition(list: readonly Label[], labels: Labels, visit: (at: (label: Label) => number) => void): void {
  const total = labels.product(list);
  for (let n = 0; n < total; n++) {
    const positions = new Map<Label, number>();
    let rest = n;
    for (const label of list) {
      positions.set(label, rest % labels.size(label));
      rest = Math.floor(rest / labels.size(label));
    }
    visit((label) => positions.get(label) ?? 0);
  }
}

/** Where on an axis of several labels, row by row, the position of each puts it. */
const along = (labels: Labels, axis: readonly Label[], at: (label: Label) => number): number =>
  labels.resolve(axis).reduce((place, label) => place * labels.size(label) + at(label), 0);

/** The values of the factors of terms: slots by a replay of what the draft is by now. */
function valuesOf(draft: Draft, terms: readonly Term[], inputs: readonly Tensor[]): Map<Operand, Handle> {
  const slots = [...new Set(terms.flatMap((t) => t.factors).map(({ at }) => at))];
  const values = replay(
    draft.programOf(slots),
    inputs.map((x) => asHandle(x)),
  );
  return new Map(slots.map((at, k) => [at, values[k]]));
}

/** The sum of terms of a tensor of some shape, each spelled out as its definition says. */
export function spelled(
  { draft, labels }: { readonly draft: Draft; readonly labels: Labels },
  terms: readonly Term[],
  shape: readonly number[],
  inputs: readonly Tensor[],
): number[] {
  const values = valuesOf(draft, terms, inputs);
  const out = new Array<number>(shape.reduce((n, size) => n * size, 1)).fill(0);
  for (const t of terms) {
    const own = t.factors.flatMap((f) => [...f.axes.flat(), ...(f.selects ?? [])]);
    const list = [...new Set(labels.resolve([...own, ...t.axes.flatMap((a) => a.labels)]))];
    const factors = t.factors.map((f) => ({ ...f, x: values.get(f.at) }));
    everyPosition(list, labels, (at) => {
      const product = factors.reduce((p, f) => p * element(labels, f, at), t.scale);
      const place = t.axes.reduce((n, { labels: axis, place: window }, i) => {
        const position = along(labels, axis, at);
        return n * shape[i] + (window === null ? position : window.start + position * window.step);
      }, 0);
      out[place] += product;
    });
  }
  return out;
}

/** The number that a factor stands for at a position of its labels. */
function element(
  labels: Labels,
  { x, axes, selects }: Factor & { readonly x: Handle | undefined },
  at: (label: Label) => number,
): number {
  if (x === undefined) throw new Error("a factor without a value");
  const place = axes.reduce((n, axis, i) => n * x.shape[i] + along(labels, axis, at), 0);
  if (selects === null) return x.data[place];
  const index = x.data[place];
  const size = labels.product(labels.resolve(selects));
  return Number((index < 0 ? index + size : index) === along(labels, selects, at));
}

/** Small whole numbers, of which sums and products are exact, drawn from a seed. */
export function whole(random: () => number, shape: readonly number[], low = -2, high = 2): Tensor {
  const size = shape.reduce((n, length) => n * length, 1);
  const data = Array.from({ length: size }, () => low + Math.floor(random() * (high - low + 1)));
  return tensor(data, { shape });
}

/** Holds numbers to others, up to rounding. */
export function expectNear(got: readonly number[], wanted: readonly number[]): void {
  expect(got).toHaveLength(wanted.length);
  const size = Math.max(1, ...wanted.map(Math.abs));
  expect(Math.max(0, ...got.map((x, k) => Math.abs(x - wanted[k])))).toBeLessThan(1e-11 * size);
}

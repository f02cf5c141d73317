import { fail } from "../../base/errors";
import type { Shape } from "../../base/shape";

/** The index of an axis: a letter, or `.0`, `.1`, … for the axes that "..." stands for, counted from the last. @internal */
export type Label = string;

/** What an equation says of operands of given shapes. @internal */
export interface Equation {
  /** Indices of the axes of every operand. Axes of size 1 that others of their index stretch are marked by "1". */
  readonly inputs: readonly (readonly Label[])[];
  readonly output: readonly Label[];
  readonly sizes: ReadonlyMap<Label, number>;
}

/** A term as it was written: its indices and where they stand; "..." is one of them. */
interface Term {
  readonly labels: readonly Label[];
  readonly places: readonly number[];
  readonly start: number;
}

const DOTS = "...";
/** Characters that are shown on either side of the one that is wrong. */
const AROUND = 60;
const count = (n: number, one: string, several = `${one}s`): string => `${n} ${n === 1 ? one : several}`;

/** Points at a character of an equation. */
function wrong(equation: string, place: number, says: string, hint: string): never {
  const start = Math.max(0, place - AROUND);
  const end = place + AROUND;
  const [before, after] = [start > 0 ? DOTS : "", end < equation.length ? DOTS : ""];
  const shown = before + equation.slice(start, end) + after;
  return fail(
    "einsum/equation",
    `einsum: the equation, at character ${place + 1}:\n  ${shown}\n  ${" ".repeat(before.length + place - start)}^\n${says}.`,
    { equation, position: place },
    hint,
  );
}

/** Splits an equation into terms: all operands', then the output's if there is one. */
function termsOf(equation: string): [terms: Term[], arrow: boolean] {
  const terms: Term[] = [];
  let arrow = false;
  let labels: Label[] = [];
  let places: number[] = [];
  let start = 0;
  const close = (next: number): void => {
    terms.push({ labels, places, start });
    labels = [];
    places = [];
    start = next;
  };
  for (let i = 0; i < equation.length; i++) {
    const c = equation[i];
    if (c === " ") continue;
    if (/[a-zA-Z]/.test(c)) {
      labels.push(c);
      places.push(i);
    } else if (equation.startsWith(DOTS, i)) {
      if (labels.includes(DOTS))
        wrong(equation, i, 'one term has "..." twice', "Name all but one group of axes with letters.");
      labels.push(DOTS);
      places.push(i);
      i += 2;
    } else if (c === "," && !arrow) close(i + 1);
    else if (c === ",") {
      wrong(
        equation,
        i,
        "there is one output, but a comma follows the arrow",
        "Write the terms of all operands before the arrow.",
      );
    } else if (equation.startsWith("->", i)) {
      if (arrow) wrong(equation, i, "there is a second arrow", "Write one arrow, before the output.");
      arrow = true;
      close(i + 2);
      i++;
    } else wrong(equation, i, `"${c}" is neither an index nor part of "->", "," or "..."`, "Indices are letters.");
  }
  close(equation.length);
  return [terms, arrow];
}

/** Sizes of the axes that "..." stands for in all operands together, the last one first. */
function stretched(equation: string, terms: readonly Term[], shapes: readonly Shape[]): number[] {
  const sizes: number[] = [];
  terms.forEach(({ labels, places }, k) => {
    const at = labels.indexOf(DOTS);
    if (at < 0) return;
    const end = shapes[k].length - (labels.length - 1 - at);
    for (let i = end - 1, j = 0; i >= at; i--, j++) {
      const size = shapes[k][i];
      if (sizes[j] === undefined || sizes[j] === 1) sizes[j] = size;
      else if (size !== 1 && size !== sizes[j]) {
        wrong(
          equation,
          places[at],
          `"..." stands for an axis of size ${sizes[j]} before, of size ${size} here`,
          "Sizes must be equal, or one of them 1.",
        );
      }
    }
  });
  return sizes;
}

/** The indices of an operand, "..." replaced, and what they say of sizes. */
function readOperand(
  equation: string,
  { labels, places, start }: Term,
  shape: Shape,
  k: number,
  dots: readonly number[],
  sizes: Map<Label, number>,
): Label[] {
  const own = labels.filter((label) => label !== DOTS).length;
  const free = shape.length - own;
  if (free < 0 || (free > 0 && own === labels.length)) {
    const says = `operand ${k} has ${count(shape.length, "axis", "axes")}, its term ${count(own, "index", "indices")}`;
    wrong(
      equation,
      places[0] ?? Math.min(start, equation.length),
      `${says} ([${shape.join(", ")}])`,
      'Write one index for each axis, or "..." for all others.',
    );
  }
  return labels
    .flatMap((label, i): [Label, number][] =>
      label === DOTS ? Array.from({ length: free }, (_, j) => [`.${free - 1 - j}`, places[i]]) : [[label, places[i]]],
    )
    .map(([label, place], axis, all) => {
      const size = shape[axis];
      const before = all.findIndex(([other]) => other === label);
      const known = before < axis ? shape[before] : sizes.get(label);
      if (label.startsWith(".")) sizes.set(label, dots[Number(label.slice(1))]);
      else if (known !== undefined && known !== size && (before < axis || (known !== 1 && size !== 1))) {
        wrong(
          equation,
          place,
          `index ${label} has size ${known} before, size ${size} on axis ${axis} of operand ${k}`,
          before < axis
            ? "A diagonal has two axes of one size."
            : "Give axes of different sizes indices of their own; only size 1 broadcasts.",
        );
      } else if (known === undefined || (known === 1 && before === axis)) sizes.set(label, size);
      return label;
    });
}

/** The output when there is no arrow: what "..." stands for, then the indices that occur once, in alphabetical order. */
function implicitOutput(terms: readonly Term[], dots: readonly Label[]): Label[] {
  const all = terms.flatMap(({ labels }) => labels).filter((label) => label !== DOTS);
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...dots, ...once.sort()];
}

function explicitOutput(
  equation: string,
  term: Term,
  dots: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): Label[] {
  const { labels, places, start } = term;
  labels.forEach((label, i) => {
    if (label === DOTS) return;
    if (!sizes.has(label))
      wrong(
        equation,
        places[i],
        `index ${label} of the output is in no operand`,
        "Name an axis of an operand with it, or leave it out.",
      );
    if (labels.indexOf(label) < i) {
      wrong(equation, places[i], `the output has index ${label} twice`, "For a matrix with a given diagonal use diag.");
    }
  });
  if (dots.length > 0 && !labels.includes(DOTS)) {
    wrong(
      equation,
      start,
      'operands have "...", the output does not',
      'Write "..." in the output, or sum the axes first.',
    );
  }
  return labels.flatMap((label) => (label === DOTS ? dots : [label]));
}

/** Reads an equation of einsum against the shapes of its operands; `[einsum/equation]` points at the character. @internal */
export function readEquation(equation: string, shapes: readonly Shape[]): Equation {
  const [terms, arrow] = termsOf(equation);
  const operands = arrow ? terms.slice(0, -1) : terms;
  if (operands.length !== shapes.length) {
    const place = operands[Math.min(shapes.length, operands.length - 1)].start;
    wrong(
      equation,
      Math.min(place, equation.length),
      `the equation has ${count(operands.length, "term")} for ${count(shapes.length, "operand")}`,
      "Write one term for each operand, with commas between them.",
    );
  }
  const sizes = new Map<Label, number>();
  const dots = stretched(equation, operands, shapes);
  const inputs = operands
    .map((term, k) => readOperand(equation, term, shapes[k], k, dots, sizes))
    .map((labels, k) => labels.map((label, i) => (shapes[k][i] === sizes.get(label) ? label : "1")));
  const dotLabels = dots.map((_, j) => `.${dots.length - 1 - j}`);
  const last = terms[terms.length - 1];
  const output = arrow ? explicitOutput(equation, last, dotLabels, sizes) : implicitOutput(operands, dotLabels);
  return { inputs, output, sizes };
}

/** Digits as pictures, the ones that were misread, and who is taken for whom. */
import { argmax, slice, softmax, type Tensor } from "gradtape";
import type { DataSet } from "../data";
import { CLASSES, type Params, predict } from "../model";

const SIDE = 8;

interface Reading {
  readonly pixels: Tensor;
  readonly label: number;
  readonly read: number;
  /** The probability given to what was read. */
  readonly certainty: number;
}

export function readings(params: Params, set: DataSet): Reading[] {
  const probabilities = softmax(predict(params, set.digits));
  const read = argmax(probabilities, { axis: -1 });
  return Array.from({ length: set.count }, (_, i) => ({
    pixels: slice(set.digits.pixels, [i]),
    label: set.labels.at(i).item(),
    read: read.at(i).item(),
    certainty: probabilities.at(i, read.at(i).item()).item(),
  }));
}

/** The first digit of each class that is read right. */
export function rightExamples(all: readonly Reading[]): string {
  const examples = Array.from({ length: CLASSES }, (_, digit) =>
    all.find(({ label, read }) => label === digit && read === digit),
  );
  return gallery(examples.filter((reading) => reading !== undefined));
}

/** The mistakes made with the greatest certainty. */
export function worstMistakes(all: readonly Reading[], count: number): string {
  const mistakes = all.filter(({ label, read }) => label !== read).sort((a, b) => b.certainty - a.certainty);
  return gallery(mistakes.slice(0, count));
}

/** The digits whose gradients are longest. */
export function hardest(params: Params, set: DataSet, norms: readonly number[], count: number): string {
  const all = readings(params, set).map((reading, i) => ({ reading, norm: norms[i] ?? 0 }));
  const longest = all.sort((a, b) => b.norm - a.norm).slice(0, count);
  return gallery(longest.map(({ reading }) => reading));
}

function gallery(shown: readonly Reading[]): string {
  return `<ul class="digits">${shown.map((reading) => `<li>${digitPicture(reading)}</li>`).join("")}</ul>`;
}

function digitPicture({ pixels, label, read, certainty }: Reading): string {
  const squares = Array.from(pixels.data, (ink, i) =>
    ink === 0
      ? ""
      : `<rect x="${i % SIDE}" y="${Math.floor(i / SIDE)}" width="1" height="1" fill-opacity="${ink.toFixed(2)}"/>`,
  );
  const title = `a handwritten ${label}, read as ${read}`;
  return `<svg viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label="${title}" fill="currentColor" shape-rendering="crispEdges"><title>${title}</title>${squares.join("")}</svg>
<span>${label === read ? `${read}` : `${label} read as <strong>${read}</strong>`}<br><small>${(100 * certainty).toFixed(0)} % sure</small></span>`;
}

/** Rows: the digit written. Columns: the digit read. */
export function confusionMatrix(all: readonly Reading[]): string {
  const classes = Array.from({ length: CLASSES }, (_, digit) => digit);
  const count = (label: number, read: number) => all.filter((x) => x.label === label && x.read === read).length;
  const cell = (label: number, read: number) => {
    const n = count(label, read);
    const kind = label === read ? "hit" : n > 0 ? "miss" : "none";
    return `<td class="${kind}">${n || "·"}</td>`;
  };
  return `<div class="scroll"><table class="confusion">
<caption>Digits of the test set: written (rows) and read (columns)</caption>
<thead><tr><th scope="col">written</th>${classes.map((read) => `<th scope="col">${read}</th>`).join("")}</tr></thead>
<tbody>${classes.map((label) => `<tr><th scope="row">${label}</th>${classes.map((read) => cell(label, read)).join("")}</tr>`).join("\n")}</tbody>
</table></div>`;
}

// A naive reverse-mode differentiator on arrays of numbers: no tape, no sharing, one loop back over the nodes.
import { ENDS, numbersOf, type Program, smooth } from "./programs";

const at = (xs: readonly number[], i: number): number => xs[xs.length === 1 ? 0 : i];

/** Value and gradient by every input of a program of smooth steps. */
export function differentiate({ inputs, nodes }: Program): { value: number; gradient: number[][] } {
  const values = inputs.map(numbersOf);
  for (const { op, a, b } of nodes) {
    const [x, y] = [values[a], values[b]];
    const step = smooth[op];
    if (step === undefined) values.push([x.reduce((sum, v) => sum + v, 0) / x.length]);
    else {
      const length = Math.max(x.length, y.length);
      values.push(Array.from({ length }, (_, i) => step.value(at(x, i), at(y, i))));
    }
  }
  const bars = values.map((v) => new Array<number>(v.length).fill(0));
  const give = (k: number, i: number, bar: number): void => {
    const row = bars[k];
    row[row.length === 1 ? 0 : i] = row[row.length === 1 ? 0 : i] + bar;
  };
  const ends = values.slice(-ENDS);
  let value = 0;
  ends.forEach((end, k) => {
    for (let i = 0; i < end.length; i++) {
      value += end[i] / end.length / ENDS;
      give(values.length - ends.length + k, i, 1 / end.length / ENDS);
    }
  });
  for (let n = nodes.length - 1; n >= 0; n--) {
    const { op, a, b } = nodes[n];
    const [k, x, z] = [inputs.length + n, values[a], values[b]];
    const step = smooth[op];
    const yBar = bars[k];
    if (step === undefined) {
      for (let i = 0; i < x.length; i++) give(a, i, yBar[0] / x.length);
      continue;
    }
    for (let i = 0; i < yBar.length; i++) {
      const [dA, dB] = step.partials(at(x, i), at(z, i), at(values[k], i));
      give(a, i, yBar[i] * dA);
      if (dB !== undefined) give(b, i, yBar[i] * dB);
    }
  }
  return { value, gradient: bars.slice(0, inputs.length) };
}

import { COLUMNS, EXTRA_ROWS, FIELD, PANELS, ROWS, TERMS, TILE_PANEL, type TileMultiplier } from "./tile-memory";

let known: TileMultiplier | undefined;

/** The multiplier in JavaScript. @internal */
export function plainMultiplier(): TileMultiplier {
  known ??= make();
  return known;
}

/**
 * The kernel in JavaScript. Two things make it fast, and neither can be seen in the source. The tile is 2 rows by 3
 * columns: its 6 sums stay in registers, while of 8 or 12 sums V8 keeps some on the stack, where every term depends on
 * the one before it. And the arrays that the loop reads are made once and read through local names, so that V8 takes
 * them for the constants they are: of an array that is an argument it checks type, length and address again in every
 * round. Together 9 GF/s in place of 5 on the machine of docs/performance.md, where 11 are the limit.
 */
function make(): TileMultiplier {
  const field = new Float64Array(FIELD);
  const panels = new Float64Array(PANELS);
  const offsets = new Int32Array(TERMS);
  const starts = new Int32Array(COLUMNS + EXTRA_ROWS);
  const places = new Int32Array(COLUMNS + EXTRA_ROWS);
  const rows = new Int32Array(ROWS + EXTRA_ROWS);
  let sums = new Float64Array(0);

  function tile(
    out: Float64Array,
    panel: number,
    first: number,
    second: number,
    j: number,
    k: number,
    l: number,
    terms: number,
  ): void {
    const a = panels;
    const x = field;
    const steps = offsets;
    const s0 = starts[j];
    const s1 = starts[k];
    const s2 = starts[l];
    const t0 = places[j];
    const t1 = places[k];
    const t2 = places[l];
    let c00 = out[first + t0];
    let c01 = out[first + t1];
    let c02 = out[first + t2];
    let c10 = out[second + t0];
    let c11 = out[second + t1];
    let c12 = out[second + t2];
    let ia = panel;
    for (let r = 0; r < terms; r++) {
      const step = steps[r];
      const a0 = a[ia];
      const a1 = a[ia + 1];
      const b0 = x[s0 + step];
      c00 += a0 * b0;
      c10 += a1 * b0;
      const b1 = x[s1 + step];
      c01 += a0 * b1;
      c11 += a1 * b1;
      const b2 = x[s2 + step];
      c02 += a0 * b2;
      c12 += a1 * b2;
      ia += TILE_PANEL;
    }
    out[first + t0] = c00;
    out[first + t1] = c01;
    out[first + t2] = c02;
    out[second + t0] = c10;
    out[second + t1] = c11;
    out[second + t2] = c12;
  }

  return {
    field,
    panels,
    offsets,
    starts,
    places,
    rows,
    clear(size) {
      if (sums.length < size) sums = new Float64Array(size);
      else sums.fill(0, 0, size);
      return sums;
    },
    run(columns, height, terms) {
      const last = columns - 1;
      for (let j = 0; j < columns; j += 3) {
        const k = Math.min(j + 1, last);
        const l = Math.min(j + 2, last);
        for (let i = 0; i < height; i += 2) {
          const panel = (i - (i % TILE_PANEL)) * terms + (i % TILE_PANEL);
          tile(sums, panel, rows[i], rows[i + 1], j, k, l, terms);
        }
      }
    },
  };
}

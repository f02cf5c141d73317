import {
  add,
  addVectors,
  type Code,
  grown,
  instantiate,
  integer,
  load,
  loadInteger,
  loadLane,
  loadTwice,
  localAdd,
  localGet,
  localSet,
  loopWhileLess,
  moduleOf,
  multiplyVectors,
  shiftLeft,
  storeLane,
} from "../wasm-assembler";
import { COLUMNS, EXTRA_ROWS, FIELD, PANELS, ROWS, TERMS, TILE_PANEL, type TileMultiplier } from "./tile-memory";

/*
 * The kernel of convolutions in WebAssembly: see tile-memory.ts for what it computes. A tile is 4 rows by 4 columns,
 * its 16 sums in 8 vectors of two rows each; an element of the field meets the rows as both halves of a vector.
 */

const BYTES = 8;

/** Where the arrays stand in the memory, in bytes: float64 first, then int32, then the result. */
interface Addresses {
  readonly field: number;
  readonly panels: number;
  readonly offsets: number;
  readonly starts: number;
  readonly places: number;
  readonly rows: number;
  readonly sums: number;
}

/**
 * run(columnTiles, rowPanels, terms), none of them 0. Locals are numbered: parameters, then integers, then vectors.
 */
function kernelCode(at: Addresses): Code {
  const [columnTiles, rowPanels, terms, column, row, columnTable, rowTable, atA, atOffset, end, offset] = Array.from(
    { length: 11 },
    (_, i) => i,
  );
  const [start, place, rowPlace, sums, upper, lower, twice] = [11, 15, 19, 23, 31, 32, 33];
  const four = (f: (i: number) => Code): Code => [f(0), f(1), f(2), f(3)];
  const numberAt = (table: number, address: number, i: number): Code =>
    shiftLeft(loadInteger(localGet(table), address + 4 * i), 3);
  const sumAt = (j: number, i: number): Code => add(localGet(place + j), localGet(rowPlace + i));
  const term = (j: number, half: 0 | 1, factors: number): Code => {
    const sum = sums + 2 * j + half;
    return localSet(sum, addVectors(localGet(sum), multiplyVectors(localGet(twice), localGet(factors))));
  };
  const halves = (f: (j: number, half: 0 | 1) => Code): Code => four((j) => [f(j, 0), f(j, 1)]);
  const tile: Code = [
    four((i) => localSet(rowPlace + i, numberAt(rowTable, at.rows, i))),
    halves((j, half) =>
      localSet(sums + 2 * j + half, loadLane(sumAt(j, 2 * half + 1), loadTwice(sumAt(j, 2 * half), 0), 1)),
    ),
    localSet(atOffset, integer(at.offsets)),
    localSet(end, add(integer(at.offsets), shiftLeft(localGet(terms), 2))),
    loopWhileLess(localGet(atOffset), localGet(end), [
      localSet(offset, shiftLeft(loadInteger(localGet(atOffset), 0), 3)),
      localSet(upper, load(localGet(atA), 0)),
      localSet(lower, load(localGet(atA), 16)),
      four((j) => [
        localSet(twice, loadTwice(add(localGet(start + j), localGet(offset)), 0)),
        term(j, 0, upper),
        term(j, 1, lower),
      ]),
      localAdd(atA, integer(4 * BYTES)),
      localAdd(atOffset, integer(4)),
    ]),
    halves((j, half) => [
      storeLane(sumAt(j, 2 * half), localGet(sums + 2 * j + half), 0),
      storeLane(sumAt(j, 2 * half + 1), localGet(sums + 2 * j + half), 1),
    ]),
  ];
  return loopWhileLess(localGet(column), localGet(columnTiles), [
    four((j) => [
      localSet(start + j, add(integer(at.field), numberAt(columnTable, at.starts, j))),
      localSet(place + j, add(integer(at.sums), numberAt(columnTable, at.places, j))),
    ]),
    localSet(atA, integer(at.panels)),
    localSet(row, integer(0)),
    localSet(rowTable, integer(0)),
    loopWhileLess(localGet(row), localGet(rowPanels), [
      tile,
      localAdd(row, integer(1)),
      localAdd(rowTable, integer(16)),
    ]),
    localAdd(column, integer(1)),
    localAdd(columnTable, integer(16)),
  ]);
}

/** Whether there is room for a result of a size, which is made if need be. */
interface WasmMultiplier extends TileMultiplier {
  reserve(size: number): boolean;
}
let known: WasmMultiplier | null | undefined;

/** The multiplier on WebAssembly with room for a result of a size, made when it is first wanted; null where it cannot be had. @internal */
export function vectorMultiplier(size: number): TileMultiplier | null {
  if (known === undefined) known = make();
  return known?.reserve(size) ? known : null;
}

function addresses(): Addresses {
  const panels = FIELD * BYTES;
  const offsets = panels + PANELS * BYTES;
  const starts = offsets + TERMS * 4;
  const places = starts + (COLUMNS + EXTRA_ROWS) * 4;
  const rows = places + (COLUMNS + EXTRA_ROWS) * 4;
  const end = rows + (ROWS + EXTRA_ROWS) * 4;
  return { field: 0, panels, offsets, starts, places, rows, sums: Math.ceil(end / 16) * 16 };
}

function make(): WasmMultiplier | null {
  const at = addresses();
  const made = instantiate(moduleOf({ parameters: 3, integers: 20, vectors: 11, body: kernelCode(at) }));
  if (made === null) return null;
  const { memory, run } = made;
  if (!grown(memory, at.sums)) return null;
  const numbers = (start: number, length: number): Float64Array => new Float64Array(memory.buffer, start, length);
  const integers = (start: number, length: number): Int32Array => new Int32Array(memory.buffer, start, length);
  const views = (): Omit<WasmMultiplier, "reserve" | "clear" | "run"> => ({
    field: numbers(at.field, FIELD),
    panels: numbers(at.panels, PANELS),
    offsets: integers(at.offsets, TERMS),
    starts: integers(at.starts, COLUMNS + EXTRA_ROWS),
    places: integers(at.places, COLUMNS + EXTRA_ROWS),
    rows: integers(at.rows, ROWS + EXTRA_ROWS),
  });
  let sums = numbers(at.sums, 0);
  const multiplier: WasmMultiplier = {
    ...views(),
    reserve(size) {
      if (sums.length >= size) return true;
      if (!grown(memory, at.sums + size * BYTES)) return false;
      Object.assign(multiplier, views());
      sums = numbers(at.sums, size);
      return true;
    },
    clear: (size) => sums.fill(0, 0, size),
    run: (columns, height, terms) => run(Math.ceil(columns / TILE_PANEL), Math.ceil(height / TILE_PANEL), terms),
  };
  return multiplier;
}

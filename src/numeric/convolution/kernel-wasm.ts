import {
  add,
  addVectors,
  type Code,
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
import { grown, instantiate } from "../wasm-module";
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

/** The module of the kernel, assembled: tests hold KERNEL to it. */
export const assembled = (): Uint8Array =>
  moduleOf({ parameters: 3, integers: 20, vectors: 11, body: kernelCode(addresses()) });

/** The same, two hexadecimal digits for each byte, which compress better than base64. */
export const KERNEL =
  "0061736d0100000001070160037f7f7f00030201000503010001071002066d656d6f727902000372756e00000abf0601bc0602147f0b7b03" +
  "404100200528008090284103746a210b41b0b029200528008cd0284103746a210f4100200528008490284103746a210c41b0b02920052800" +
  "90d0284103746a21104100200528008890284103746a210d41b0b0292005280094d0284103746a21114100200528008c90284103746a210e" +
  "41b0b0292005280098d0284103746a211241808018210741002104410021060340200628009890294103742113200628009c902941037421" +
  "1420062800a09029410374211520062800a490294103742116200f20146a200f20136afd0a0000fd570000012117200f20166a200f20156a" +
  "fd0a0000fd570000012118201020146a201020136afd0a0000fd570000012119201020166a201020156afd0a0000fd57000001211a201120" +
  "146a201120136afd0a0000fd57000001211b201120166a201120156afd0a0000fd57000001211c201220146a201220136afd0a0000fd5700" +
  "0001211d201220166a201220156afd0a0000fd57000001211e4180802821084180802820024102746a210903402008280000410374210a20" +
  "07fd000000211f2007fd0000102120200b200a6afd0a0000212120172021201ffdf201fdf0012117201820212020fdf201fdf0012118200c" +
  "200a6afd0a0000212120192021201ffdf201fdf0012119201a20212020fdf201fdf001211a200d200a6afd0a00002121201b2021201ffdf2" +
  "01fdf001211b201c20212020fdf201fdf001211c200e200a6afd0a00002121201d2021201ffdf201fdf001211d201e20212020fdf201fdf0" +
  "01211e200741206a2107200841046a210820082009490d000b200f20136a2017fd5b000000200f20146a2017fd5b000001200f20156a2018" +
  "fd5b000000200f20166a2018fd5b000001201020136a2019fd5b000000201020146a2019fd5b000001201020156a201afd5b000000201020" +
  "166a201afd5b000001201120136a201bfd5b000000201120146a201bfd5b000001201120156a201cfd5b000000201120166a201cfd5b0000" +
  "01201220136a201dfd5b000000201220146a201dfd5b000001201220156a201efd5b000000201220166a201efd5b000001200441016a2104" +
  "200641106a210620042001490d000b200341016a2103200541106a210520032000490d000b0b";

function make(): WasmMultiplier | null {
  const at = addresses();
  const made = instantiate(KERNEL);
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

import type { TensorData } from "../../base/dtype";
import {
  add,
  addVectors,
  type Code,
  ifTrue,
  integer,
  load,
  loadTwice,
  localAdd,
  localGet,
  localSet,
  loopWhileLess,
  moduleOf,
  multiply,
  multiplyVectors,
  store,
  zeros,
} from "../wasm-assembler";
import { grown, instantiate } from "../wasm-module";

/*
 * The product of packed panels. A is cut into panels of 4 rows, B into panels of 4 columns; a panel has its 4 elements
 * for p = 0, 1, ... side by side. The product is rows by rows of float64, 4 * columnPanels wide. Every element is the
 * sum of its k products in ascending order, from 0 on, or from what the terms before them gave: the kernels in
 * WebAssembly (vectors of two doubles, no fused operations) and in JavaScript give the same bits.
 *
 * @see Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34 (2008), for packing and blocking.
 */

/** Rows of a panel of A, and columns of a panel of B. @internal */
export const PANEL = 4;
const BYTES = 8;

/** Something that multiplies panels. @internal */
export interface Multiplier {
  /**
   * Computes the product at c of the panels at a and b, places in the scratch memory; `more`: adds it to what stands there. No
   * count is 0.
   */
  multiply(a: number, b: number, c: number, k: number, rowPanels: number, columnPanels: number, more: boolean): void;
}

/** A multiplier that has scratch memory, good until more is asked for; null where there is no more. */
interface WasmMultiplier extends Multiplier {
  reserve(size: number): Float64Array | null;
}

/**
 * The multiplier for a product of so many multiplications, and scratch memory of at least so many elements. @internal
 */
export function multiplierFor(work: number, size: number): { multiplier: Multiplier; scratch: Float64Array } {
  const fast = work < WASM_THRESHOLD ? null : vectors();
  const room = fast?.reserve(size) ?? null;
  return fast !== null && room !== null
    ? { multiplier: fast, scratch: room }
    : { multiplier: plain, scratch: plain.reserve(size) };
}

/** Fewer multiplications are done sooner than WebAssembly is entered. */
const WASM_THRESHOLD = 512;

/**
 * The kernel: run(a, b, c, k, rowPanels, columnPanels, more), of addresses and counts, none of them 0. A tile of 4 rows by 4 columns at a time, its 8 sums in
 * registers. Locals are numbered: parameters, then what it counts with, then vectors.
 */
function kernelCode(): Code {
  const [a, b, c, k, rowPanels, columnPanels, more, row, column, atA, atB, end, width, to, from, start] = Array.from(
    { length: 16 },
    (_, i) => i,
  );
  const [firstSum, b0, b1, twice] = [16, 24, 25, 26];
  const panelBytes = integer(PANEL * BYTES);
  const four = (f: (row: number) => Code): Code => [f(0), f(1), f(2), f(3)];
  const sum = (i: number, half: number): number => firstSum + 2 * i + half;
  const term = (local: number, factor: number): Code =>
    localSet(local, addVectors(localGet(local), multiplyVectors(localGet(twice), localGet(factor))));
  const tile: Code = [
    four((i) => [localSet(sum(i, 0), zeros()), localSet(sum(i, 1), zeros())]),
    ifTrue(localGet(more), [
      localSet(from, localGet(to)),
      four((i) => [
        localSet(sum(i, 0), load(localGet(from), 0)),
        localSet(sum(i, 1), load(localGet(from), 16)),
        localAdd(from, localGet(width)),
      ]),
    ]),
    loopWhileLess(localGet(atA), localGet(end), [
      localSet(b0, load(localGet(atB), 0)),
      localSet(b1, load(localGet(atB), 16)),
      four((i) => [localSet(twice, loadTwice(localGet(atA), BYTES * i)), term(sum(i, 0), b0), term(sum(i, 1), b1)]),
      localAdd(atA, panelBytes),
      localAdd(atB, panelBytes),
    ]),
    four((i) => [
      store(localGet(to), 0, localGet(sum(i, 0))),
      store(localGet(to), 16, localGet(sum(i, 1))),
      localAdd(to, localGet(width)),
    ]),
  ];
  return [
    localSet(width, multiply(localGet(columnPanels), panelBytes)),
    localSet(start, localGet(b)),
    loopWhileLess(localGet(column), localGet(columnPanels), [
      localSet(atA, localGet(a)),
      localSet(to, add(localGet(c), multiply(localGet(column), panelBytes))),
      localSet(row, integer(0)),
      loopWhileLess(localGet(row), localGet(rowPanels), [
        localSet(atB, localGet(start)),
        localSet(end, add(localGet(atA), multiply(localGet(k), panelBytes))),
        tile,
        localAdd(row, integer(1)),
      ]),
      localSet(start, localGet(atB)),
      localAdd(column, integer(1)),
    ]),
  ];
}

/** The module of the kernel, assembled: tests hold KERNEL to it. */
export const assembled = (): Uint8Array => moduleOf({ parameters: 7, integers: 9, vectors: 11, body: kernelCode() });

/** The same, two hexadecimal digits for each byte, which compress better than base64. */
export const KERNEL =
  "0061736d01000000010b0160077f7f7f7f7f7f7f00030201000503010001071002066d656d6f727902000372756e00000af30401f0040209" +
  "7f0b7b200541206c210c2001210f0340200021092002200841206c6a210d410021070340200f210a2009200341206c6a210bfd0c00000000" +
  "0000000000000000000000002110fd0c000000000000000000000000000000002111fd0c000000000000000000000000000000002112fd0c" +
  "000000000000000000000000000000002113fd0c000000000000000000000000000000002114fd0c00000000000000000000000000000000" +
  "2115fd0c000000000000000000000000000000002116fd0c00000000000000000000000000000000211720060440200d210e200efd000000" +
  "2110200efd0000102111200e200c6a210e200efd0000002112200efd0000102113200e200c6a210e200efd0000002114200efd0000102115" +
  "200e200c6a210e200efd0000002116200efd0000102117200e200c6a210e0b0340200afd0000002118200afd00001021192009fd0a000021" +
  "1a2010201a2018fdf201fdf00121102011201a2019fdf201fdf00121112009fd0a0008211a2012201a2018fdf201fdf00121122013201a20" +
  "19fdf201fdf00121132009fd0a0010211a2014201a2018fdf201fdf00121142015201a2019fdf201fdf00121152009fd0a0018211a201620" +
  "1a2018fdf201fdf00121162017201a2019fdf201fdf0012117200941206a2109200a41206a210a2009200b490d000b200d2010fd0b000020" +
  "0d2011fd0b0010200d200c6a210d200d2012fd0b0000200d2013fd0b0010200d200c6a210d200d2014fd0b0000200d2015fd0b0010200d20" +
  "0c6a210d200d2016fd0b0000200d2017fd0b0010200d200c6a210d200741016a210720072004490d000b200a210f200841016a2108200820" +
  "05490d000b0b";

let known: WasmMultiplier | null | undefined;

/** The kernel in WebAssembly, made when it is first wanted; null where it cannot be had. */
function vectors(): WasmMultiplier | null {
  if (known !== undefined) return known;
  const made = instantiate(KERNEL);
  if (made === null) known = null;
  else {
    const { memory, run } = made;
    let scratch = new Float64Array(memory.buffer);
    known = {
      reserve(size) {
        if (scratch.length >= size) return scratch;
        if (!grown(memory, size * BYTES)) return null;
        scratch = new Float64Array(memory.buffer);
        return scratch;
      },
      multiply: (a, b, c, k, rowPanels, columnPanels, more) =>
        run(a * BYTES, b * BYTES, c * BYTES, k, rowPanels, columnPanels, Number(more)),
    };
  }
  return known;
}

let scratch: Float64Array | undefined;

/** The same in JavaScript. */
const plain = {
  reserve(size: number): Float64Array {
    if (scratch === undefined || scratch.length < size) scratch = new Float64Array(size);
    return scratch;
  },
  multiply(a: number, b: number, c: number, k: number, rowPanels: number, columnPanels: number, more: boolean): void {
    const data = this.reserve(0);
    const width = columnPanels * PANEL;
    for (let column = 0; column < columnPanels; column++) {
      for (let row = 0; row < rowPanels; row++) {
        const corner = c + row * PANEL * width + column * PANEL;
        multiplyTile(data, a + row * PANEL * k, b + column * PANEL * k, corner, width, k, more);
      }
    }
  },
};

/** The tile of 4 rows by 4 columns, in JavaScript. */
function multiplyTile(
  data: Float64Array,
  a: number,
  b: number,
  corner: number,
  width: number,
  k: number,
  more: boolean,
): void {
  const second = corner + width;
  const third = second + width;
  const fourth = third + width;
  // biome-ignore-start format: a tile reads as rows and columns
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0,
    c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0,
    c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0,
    c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  if (more) {
    c00 = data[corner];
    c01 = data[corner + 1];
    c02 = data[corner + 2];
    c03 = data[corner + 3];
    c10 = data[second];
    c11 = data[second + 1];
    c12 = data[second + 2];
    c13 = data[second + 3];
    c20 = data[third];
    c21 = data[third + 1];
    c22 = data[third + 2];
    c23 = data[third + 3];
    c30 = data[fourth];
    c31 = data[fourth + 1];
    c32 = data[fourth + 2];
    c33 = data[fourth + 3];
  }
  // biome-ignore-end format: a tile reads as rows and columns
  let ib = b;
  const end = a + PANEL * k;
  for (let ia = a; ia < end; ia += PANEL, ib += PANEL) {
    const a0 = data[ia];
    const a1 = data[ia + 1];
    const a2 = data[ia + 2];
    const a3 = data[ia + 3];
    const b0 = data[ib];
    c00 += a0 * b0;
    c10 += a1 * b0;
    c20 += a2 * b0;
    c30 += a3 * b0;
    const b1 = data[ib + 1];
    c01 += a0 * b1;
    c11 += a1 * b1;
    c21 += a2 * b1;
    c31 += a3 * b1;
    const b2 = data[ib + 2];
    c02 += a0 * b2;
    c12 += a1 * b2;
    c22 += a2 * b2;
    c32 += a3 * b2;
    const b3 = data[ib + 3];
    c03 += a0 * b3;
    c13 += a1 * b3;
    c23 += a2 * b3;
    c33 += a3 * b3;
  }
  data[corner] = c00;
  data[corner + 1] = c01;
  data[corner + 2] = c02;
  data[corner + 3] = c03;
  data[second] = c10;
  data[second + 1] = c11;
  data[second + 2] = c12;
  data[second + 3] = c13;
  data[third] = c20;
  data[third + 1] = c21;
  data[third + 2] = c22;
  data[third + 3] = c23;
  data[fourth] = c30;
  data[fourth + 1] = c31;
  data[fourth + 2] = c32;
  data[fourth + 3] = c33;
}

/**
 * Packs panels: `lanes` rows of A (or columns of B), four at a time; the k elements of each are `step` apart, the rows
 * `stride`. Lanes missing in the last panel repeat the last one. @internal
 */
export function packPanels(
  to: Float64Array,
  at: number,
  from: TensorData,
  start: number,
  stride: number,
  step: number,
  lanes: number,
  k: number,
): void {
  let place = at;
  for (let lane = 0; lane < lanes; lane += PANEL) {
    let first = start + lane * stride;
    let second = lane + 1 < lanes ? first + stride : first;
    let third = lane + 2 < lanes ? second + stride : second;
    let fourth = lane + 3 < lanes ? third + stride : third;
    for (let p = 0; p < k; p++) {
      to[place] = from[first];
      to[place + 1] = from[second];
      to[place + 2] = from[third];
      to[place + 3] = from[fourth];
      place += PANEL;
      first += step;
      second += step;
      third += step;
      fourth += step;
    }
  }
}

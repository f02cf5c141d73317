import { COEFFICIENTS, exponentialTables, RATE, ROUND, STEP_HIGH, STEP_LOW, STEPS } from "../special/exp-below-zero";
import {
  add,
  addIntegers,
  addVectors,
  bitsOfBoth,
  type Code,
  constant,
  divideVectors,
  greaterOf,
  greaterOfFloats,
  integer,
  integerOf,
  load,
  loadHalf,
  loadLane,
  localAdd,
  localGet,
  localSet,
  loopWhileLess,
  moduleOf,
  multiplyVectors,
  narrowed,
  shiftBoth,
  store,
  storeLane,
  subtractVectors,
  swapped,
  widened,
  zeros,
} from "../wasm-assembler";
import { grown, instantiate } from "../wasm-module";

/*
 * softmax of rows of float32 in WebAssembly, two elements at a time, with the operations of the loop in JavaScript in
 * the same order on float64: the same bits. Below -200 powers stop falling: they are 0 as float32, and too small to
 * change a sum that contains 1.
 */

const BYTES = 8;
const LOWEST = -200;
/** Elements that are copied at a time. */
const CHUNK = 65536;
/** Fewer elements are done sooner than WebAssembly is entered. */
const WASM_THRESHOLD = 64;

/** -Infinity as float32, its bits. */
const INFINITE = -8388608;

const pair = (x: number): Code => constant(Float64Array.of(x, x));

/** run(first row, end of all rows, bytes of a row, scratch). Rows are a multiple of 4 floats, the table stands at 0. */
function kernelCode(): Code {
  const [start, end, width, scratch, at, stop, place] = [0, 1, 2, 3, 4, 5, 6];
  const [peak, sum, t, k, r, bits, power] = [7, 8, 9, 10, 11, 12, 13];
  const polynomial = COEFFICIENTS.slice(1).reduce<Code>(
    (value, coefficient) => addVectors(pair(coefficient), multiplyVectors(localGet(r), value)),
    pair(COEFFICIENTS[0]),
  );
  const index = shiftBoth(bitsOfBoth(localGet(bits), constant(Int32Array.of(STEPS - 1, 0, STEPS - 1, 0))), 3);
  const part = (lane: number): Code => integerOf(localGet(t), lane);
  return loopWhileLess(localGet(start), localGet(end), [
    localSet(stop, add(localGet(start), localGet(width))),
    localSet(at, localGet(start)),
    localSet(peak, constant(Int32Array.of(INFINITE, INFINITE, INFINITE, INFINITE))),
    loopWhileLess(localGet(at), localGet(stop), [
      localSet(peak, greaterOfFloats(localGet(peak), load(localGet(at), 0))),
      localAdd(at, integer(16)),
    ]),
    localSet(peak, greaterOf(widened(localGet(peak)), widened(swapped(localGet(peak))))),
    localSet(peak, greaterOf(localGet(peak), swapped(localGet(peak)))),
    localSet(sum, zeros()),
    localSet(at, localGet(start)),
    localSet(place, localGet(scratch)),
    loopWhileLess(localGet(at), localGet(stop), [
      localSet(t, greaterOf(subtractVectors(widened(loadHalf(localGet(at), 0)), localGet(peak)), pair(LOWEST))),
      localSet(bits, addVectors(multiplyVectors(localGet(t), pair(RATE)), pair(ROUND))),
      localSet(k, subtractVectors(localGet(bits), pair(ROUND))),
      localSet(
        r,
        subtractVectors(
          subtractVectors(localGet(t), multiplyVectors(localGet(k), pair(STEP_HIGH))),
          multiplyVectors(localGet(k), pair(STEP_LOW)),
        ),
      ),
      localSet(power, addVectors(localGet(r), multiplyVectors(multiplyVectors(localGet(r), localGet(r)), polynomial))),
      localSet(t, index),
      localSet(
        power,
        multiplyVectors(loadLane(part(2), loadHalf(part(0), 0), 1), addVectors(pair(1), localGet(power))),
      ),
      // The exponent grows by k / 64: what is left of the six bits of the table.
      localSet(bits, shiftBoth(bitsOfBoth(localGet(bits), constant(Int32Array.of(-STEPS, -1, -STEPS, -1))), 52 - 6)),
      localSet(power, addIntegers(localGet(power), localGet(bits))),
      localSet(sum, addVectors(localGet(sum), localGet(power))),
      store(localGet(place), 0, localGet(power)),
      localAdd(at, integer(BYTES)),
      localAdd(place, integer(2 * BYTES)),
    ]),
    localSet(sum, divideVectors(pair(1), addVectors(localGet(sum), swapped(localGet(sum))))),
    localSet(at, localGet(start)),
    localSet(place, localGet(scratch)),
    loopWhileLess(localGet(at), localGet(stop), [
      storeLane(localGet(at), narrowed(multiplyVectors(load(localGet(place), 0), localGet(sum))), 0),
      localAdd(at, integer(BYTES)),
      localAdd(place, integer(2 * BYTES)),
    ]),
    localSet(start, localGet(stop)),
  ]);
}

/** The module of the kernel, assembled: tests hold KERNEL to it. */
export const assembled = (): Uint8Array => moduleOf({ parameters: 4, integers: 3, vectors: 7, body: kernelCode() });

/** The same, two hexadecimal digits for each byte, which compress better than base64. */
export const KERNEL =
  "0061736d0100000001080160047f7f7f7f00030201000503010001071002066d656d6f727902000372756e00000ac30501c00502037f077b" +
  "0340200020026a210520002104fd0c000080ff000080ff000080ff000080ff2107034020072004fd000000fdeb012107200441106a210420" +
  "042005490d000b2007fd5f20072007fd0d08090a0b0c0d0e0f0001020304050607fd5ffdf7012107200720072007fd0d08090a0b0c0d0e0f" +
  "0001020304050607fdf7012107fd0c000000000000000000000000000000002108200021042003210603402004fd5d0000fd5f2007fdf101" +
  "fd0c00000000000069c000000000000069c0fdf70121092009fd0cfe822b6547155740fe822b6547155740fdf201fd0c0000000000003843" +
  "0000000000003843fdf001210c200cfd0c00000000000038430000000000003843fdf101210a2009200afd0c0000f0fe422e863f0000f0fe" +
  "422e863ffdf201fdf101200afd0ced78f26ade73743ded78f26ade73743dfdf201fdf101210b200b200b200bfdf201fd0c000000000000e0" +
  "3f000000000000e03f200bfd0c555555555555c53f555555555555c53f200bfd0c555555555555a53f555555555555a53f200bfd0c111111" +
  "111111813f111111111111813ffdf201fdf001fdf201fdf001fdf201fdf001fdf201fdf001210d200cfd0c3f000000000000003f00000000" +
  "000000fd4e4103fdcb0121092009fd1b022009fd1b00fd5d0000fd57000001fd0c000000000000f03f000000000000f03f200dfdf001fdf2" +
  "01210d200cfd0cc0ffffffffffffffc0fffffffffffffffd4e412efdcb01210c200d200cfdce01210d2008200dfdf00121082006200dfd0b" +
  "0000200441086a2104200641106a210620042005490d000bfd0c000000000000f03f000000000000f03f200820082008fd0d08090a0b0c0d" +
  "0e0f0001020304050607fdf001fdf30121082000210420032106034020042006fd0000002008fdf201fd5efd5b000000200441086a210420" +
  "0641106a210620042005490d000b2005210020002001490d000b0b";

let known: ReturnType<typeof instantiate> | undefined;

function kernel(): ReturnType<typeof instantiate> {
  if (known !== undefined) return known;
  known = instantiate(KERNEL);
  if (known !== null) new Float64Array(known.memory.buffer).set(exponentialTables().parts);
  return known;
}

/** softmax of rows of n elements; false where there is no kernel or no memory for it, or too little to do. @internal */
export function softmaxVectors(out: Float32Array, x: Float32Array, n: number): boolean {
  const made = x.length < WASM_THRESHOLD ? null : kernel();
  if (made === null) return false;
  const { memory, run } = made;
  const floats = Math.ceil(n / 4) * 4;
  const first = STEPS * BYTES + floats * BYTES;
  const block = Math.max(1, Math.floor(CHUNK / floats));
  if (!grown(memory, first + block * floats * 4)) return false;
  const rows = new Float32Array(memory.buffer, first, block * floats);
  if (floats > n) rows.fill(-Infinity);
  for (let start = 0; start < x.length; start += block * n) {
    const count = Math.min(block, (x.length - start) / n);
    if (floats === n) rows.set(x.subarray(start, start + count * n));
    else for (let i = 0; i < count; i++) rows.set(x.subarray(start + i * n, start + (i + 1) * n), i * floats);
    run(first, first + count * floats * 4, floats * 4, STEPS * BYTES);
    if (floats === n) out.set(rows.subarray(0, count * n), start);
    else
      for (let i = 0; i < count; i++) {
        out.set(rows.subarray(i * floats, i * floats + n), start + i * n);
        rows.fill(-Infinity, i * floats + n, (i + 1) * floats);
      }
  }
  return true;
}

/**
 * NumPy's `.npy`: one array in one file. Bytes in, bytes out; where they come from and go to is up to the platform.
 *
 * @module
 */

import { allocate } from "../base/allocate";
import type { TensorData } from "../base/dtype";
import { fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { stridesOf } from "../base/shape";
import { makeTensor } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { gather } from "../numeric/strided";
import { checkBytes, checkReadable } from "./arguments";
import { DAMAGED, INCOMPLETE, makeHeader, type NpyHeader, readHeader } from "./npy-header";
import { countOf, dtypeFor, readNumbers, shapeText, WIDTHS, writeNumbers } from "./numbers";

const WHERE = "npy.decode";

/**
 * The tensor that a `.npy` file holds.
 *
 * Shape: that of the array. Dtype: float64, float32, int32 and bool stay; float16 gives float32; int8, uint8, int16 and
 * uint16 give int32; so do int64, uint64 and uint32, whose elements must fit. Versions 1.0, 2.0 and 3.0 of the format,
 * both byte orders, C and Fortran order, 0-d arrays and empty arrays.
 *
 * Every element is exactly that of the file. The bytes are copied, and may stand anywhere in a larger buffer. The file
 * must be complete and end with its last element: `np.load` lets more bytes follow, here they are an error, since they
 * are most likely a sign of a wrong shape (give `bytes.subarray(0, n)` for the first of several arrays).
 *
 * Files need not be trusted: nothing in them is run, sizes are checked before memory is taken, and whatever is wrong gives
 * one of these errors.
 *
 * @param bytes - the contents of the file: a Uint8Array, so also Node's Buffer; an ArrayBuffer does as well
 * @returns a tensor without history
 * @throws GradtapeError `npy/magic` for another kind of file; `npy/version`; `npy/header` where the header does not read as
 * NumPy's; `npy/dtype` for complex numbers, objects, records, text and dates; `npy/shape` for a shape that nothing can hold;
 * `npy/truncated` and `npy/trailing` where bytes are missing or left over; `npy/value` for an integer that int32 does not
 * hold, or a bool that is neither 0 nor 1; `argument/bytes`
 * @example
 * ```ts
 * import { npy, tensor } from "gradtape";
 * const bytes = npy.encode(tensor([[1, 2], [3, 4]], { dtype: "float32" }));
 * npy.decode(bytes); // => [[1, 2], [3, 4]]
 * npy.decode(bytes).dtype; // => "float32"
 * npy.decode(bytes.subarray(0, 100)); // => throws [npy/truncated]
 * ```
 * @see R. Kern, NEP 1: "A simple file format for NumPy arrays" (2007), and `numpy.lib.format`.
 */
export function decode(bytes: Uint8Array): Tensor {
  refuseExtra("npy.decode", "bytes", 1, arguments);
  const file = checkBytes(WHERE, bytes);
  const header = readHeader(file);
  const { stored, shape, start, littleEndian } = header;
  const count = countOf(shape);
  if (Number.isNaN(count)) {
    fail(
      "npy/shape",
      `${WHERE}: the sizes of ${shapeText(shape)}, those of 0 left aside, multiply to more than 2^53.`,
      { shape },
      DAMAGED,
    );
  }
  checkLength(header, start + count * WIDTHS[stored], file.length);
  const data = readNumbers({ bytes: file, at: start, count, stored, littleEndian }, (value, position) =>
    fail(
      "npy/value",
      `${WHERE}: the ${stored} ${value} at position ${position} (byte ${start + position * WIDTHS[stored]}) ${stored === "bool" ? "is neither 0 nor 1" : "does not fit into int32"}.`,
      { value, position, at: start + position * WIDTHS[stored] },
      stored === "bool"
        ? 'x.view("uint8") != 0 makes bools of other bytes in Python.'
        : 'int32 holds -2147483648 to 2147483647; x.astype("float64") keeps integers up to 2^53.',
    ),
  );
  return makeTensor(shape, dtypeFor(stored), header.fortranOrder ? byRows(data, header) : data);
}

function checkLength(header: NpyHeader, wanted: number, size: number): void {
  if (size === wanted) return;
  const what = `${shapeText(header.shape)} of "${header.descr}" takes ${wanted - header.start} bytes from byte ${header.start}`;
  const facts = { shape: header.shape, size, wanted };
  if (size < wanted) fail("npy/truncated", `${WHERE}: ${what}, but the file ends at byte ${size}.`, facts, INCOMPLETE);
  fail(
    "npy/trailing",
    `${WHERE}: ${what}, but the file goes on to byte ${size}.`,
    facts,
    `Give bytes.subarray(0, ${wanted}) if more is meant to follow.`,
  );
}

/** Elements with the first axis fastest, put in order with the last axis fastest. */
function byRows(data: TensorData, { stored, shape }: NpyHeader): TensorData {
  if (shape.length < 2) return data;
  const out = allocate(dtypeFor(stored), data.length);
  gather(out, shape, data, stridesOf([...shape].reverse()).reverse(), 0);
  return out;
}

/**
 * A tensor as a `.npy` file: byte for byte what `np.save` writes for the same array.
 *
 * Shape and dtype: as they are ("<f8", "<f4", "<i4" or "|b1"), the low byte first, in C order. The elements begin at a
 * multiple of 64 bytes. Version 1.0 of the format; 2.0 for shapes so long that 1.0 has no room.
 *
 * The elements of a tracked tensor are written, its history is not.
 *
 * @param x - a tensor
 * @returns the contents of the file
 * @throws GradtapeError `argument/tensor`; `trace/value` for a symbolic tensor
 * @example
 * ```ts
 * import { npy, tensor } from "gradtape";
 * const bytes = npy.encode(tensor([1, 2, 3]));
 * bytes.length; // => 152
 * String.fromCharCode(...bytes.subarray(10, 67)); // => "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"
 * ```
 * @see `numpy.lib.format`.
 */
export function encode(x: Tensor): Uint8Array {
  refuseExtra("npy.encode", "x", 1, arguments);
  const { dtype, shape, data } = checkReadable("npy.encode", "x", x);
  const header = makeHeader(dtype, shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  writeNumbers(bytes, header.length, data);
  return bytes;
}

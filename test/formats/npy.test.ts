import fc from "fast-check";
import { grad, npy, type Scalar, sum, type Tensor, tensor, variable, vmap, zeros } from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { codeOf, dictionary, npyCases, npyFile, readFixture, shifted, told } from "./files";

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();

describe("files made by NumPy", () => {
  const good = npyCases.filter(({ error }) => error === undefined);
  const bad = npyCases.filter(({ error }) => error !== undefined);

  test.each(good)("$file holds what NumPy put there, wherever the bytes stand", ({ file, dtype, shape, data }) => {
    const bytes = readFixture("npy", file);
    for (const given of [bytes, shifted(bytes), shifted(bytes, 8)]) {
      const x = npy.decode(given);
      expect(told(x)).toEqual({ dtype, shape, data });
      expect(x.watched).toBe(false);
    }
  });

  test.each(good.filter(({ written }) => written))("$file is what encode writes, byte for byte", ({ file }) => {
    const bytes = readFixture("npy", file);
    expect([...npy.encode(npy.decode(bytes))]).toEqual([...bytes]);
  });

  test.each(bad)("$file gives $error", ({ file, error }) => {
    expect(codeOf(() => npy.decode(readFixture("npy", file)))).toBe(error);
  });

  test("there are files of every kind", () => {
    expect(good.length).toBeGreaterThan(40);
    expect(good.filter(({ written }) => written).length).toBeGreaterThan(15);
    expect(new Set(bad.map(({ error }) => error))).toEqual(new Set(["npy/dtype", "npy/magic", "npy/value"]));
  });
});

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const float = fc.oneof(fc.double(), fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 5e-324));
const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(sizes, fc.constantFrom("float64", "float32", "int32", "bool"))
  .chain(([shape, dtype]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const number: fc.Arbitrary<number> =
      dtype === "int32" ? fc.maxSafeInteger().map((x) => x | 0) : dtype === "bool" ? fc.nat(1) : float;
    return fc
      .array(number, { minLength: count, maxLength: count })
      .map((data) => tensor(data, { shape, dtype: untyped(dtype) }));
  });

describe("round trips", () => {
  test("decode gives back what encode was given", () => {
    fc.assert(
      fc.property(anyTensor, fc.nat(9), (x, by) => {
        const bytes = npy.encode(x);
        const y = npy.decode(shifted(bytes, by));
        expect(told(y)).toEqual(told(x));
        expect(npy.encode(y)).toEqual(bytes);
      }),
    );
  });

  test("numbers begin at a multiple of 64 bytes", () => {
    fc.assert(
      fc.property(anyTensor, (x) => {
        const bytes = npy.encode(x);
        const begin = bytes.length - x.data.byteLength;
        expect(begin % 64).toBe(0);
        expect(bytes[begin - 1]).toBe(10);
        expect(new DataView(bytes.buffer).getUint16(8, true)).toBe(begin - 10);
      }),
    );
  });

  test("a shape that version 1.0 has no room for is written as 2.0, and read", () => {
    // 65,535 bytes of header at most: the last rank that fits, and the next.
    const headerOf = (rank: number) => npy.encode(tensor([1], { shape: new Array<number>(rank).fill(1) }));
    let [fits, not] = [2, 30_000];
    while (not - fits > 1) {
      const rank = (fits + not) >> 1;
      if (headerOf(rank)[6] === 1) fits = rank;
      else not = rank;
    }
    const [last, first] = [headerOf(fits), headerOf(not)];
    expect(last.length - 8).toBe(65_536);
    expect(new DataView(last.buffer).getUint16(8, true)).toBeLessThanOrEqual(65_535);
    expect([...first.subarray(6, 8)]).toEqual([2, 0]);
    expect((first.length - 8) % 64).toBe(0);
    expect(npy.decode(last).rank).toBe(fits);
    expect(npy.decode(first).rank).toBe(not);
  });
});

describe("other layouts", () => {
  test("Fortran order: the first axis runs fastest", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const stored = Float64Array.from({ length: count }, (_, i) => i);
        const x = npy.decode(npyFile(dictionary("<f8", shape, true), bytesOf(stored)));
        expect(x.shape).toEqual(shape);
        for (let flat = 0; flat < count; flat++) {
          const index: number[] = [];
          for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
            index.unshift(rest % shape[axis]);
            rest = Math.floor(rest / shape[axis]);
          }
          expect(x.data[flat]).toBe(index.reduceRight((sum, i, axis) => sum * shape[axis] + i, 0));
        }
      }),
    );
  });

  test.each(["<", ">"])("every float16 has its value (%s)", (order) => {
    const data = new Uint8Array(2 * 65536);
    const view = new DataView(data.buffer);
    for (let bits = 0; bits < 65536; bits++) view.setUint16(2 * bits, bits, order === "<");
    const x = npy.decode(npyFile(dictionary(`${order}f2`, [65536]), data));
    expect(x.dtype).toBe("float32");
    for (let bits = 0; bits < 65536; bits++) {
      const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
      const size =
        exponent === 31
          ? fraction === 0
            ? Infinity
            : Number.NaN
          : exponent === 0
            ? fraction / 2 ** 24
            : (1 + fraction / 1024) * 2 ** (exponent - 15);
      if (!Object.is(x.data[bits], bits < 32768 ? size : -size)) throw new Error(`float16 ${bits}: ${x.data[bits]}`);
    }
  });

  test.each<[descr: string, value: bigint, wanted: number | string]>([
    ["<i8", 2147483647n, 2147483647],
    ["<i8", -2147483648n, -2147483648],
    ["<i8", 2147483648n, "npy/value"],
    ["<i8", -2147483649n, "npy/value"],
    ["<i8", 4294967296n, "npy/value"],
    ["<i8", -4294967296n, "npy/value"],
    ["<i8", 9223372036854775807n, "npy/value"],
    ["<u8", 2147483647n, 2147483647],
    ["<u8", 2147483648n, "npy/value"],
    ["<u8", 4294967295n, "npy/value"],
    ["<u8", 4294967296n, "npy/value"],
    ["<u8", 18446744073709551615n, "npy/value"],
  ])("%s of %s gives %s", (descr, value, wanted) => {
    const file = npyFile(dictionary(descr, [1]), bytesOf(BigInt64Array.of(BigInt.asIntN(64, value))));
    if (typeof wanted === "number") expect(npy.decode(file).toArray()).toEqual([wanted]);
    else expect(codeOf(() => npy.decode(file))).toBe(wanted);
  });
});

const three = bytesOf(Float64Array.of(1, 2, 3));

describe("headers", () => {
  test.each([
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
    "{'shape':(3,),'fortran_order':False,'descr':'<f8'}",
    '{"descr": "<f8", "fortran_order": True, "shape": (3,)}',
    "  { 'descr' : '<f8' ,\n'fortran_order':\tFalse, 'shape' : ( 3 , ) , }   \n\n",
    "{'descr': 'f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '=f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '|f8', 'fortran_order': False, 'shape': (3,)}",
  ])("%j is read, in every version", (header) => {
    for (const major of [1, 2, 3]) expect(npy.decode(npyFile(header, three, major)).toArray()).toEqual([1, 2, 3]);
  });

  test("sizes that Python 2 wrote as 3L are read in the versions it had", () => {
    const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1L, 3L), }";
    for (const major of [1, 2]) expect(npy.decode(npyFile(header, three, major)).shape).toEqual([1, 3]);
    expect(codeOf(() => npy.decode(npyFile(header, three, 3)))).toBe("npy/header");
  });

  test.each([
    "",
    "   \n",
    "{",
    "{}",
    "[]",
    "None",
    "{'descr': '<f8', 'fortran_order': False}",
    "{'descr': '<f8', 'shape': (3,)}",
    "{'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'x': 1}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
    "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'__proto__': '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} x",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}\0",
    "{'descr': '<f8' 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8',, 'fortran_order': False, 'shape': (3,)}",
    "{,'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{descr: '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8\", 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '\\x3cf8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': false, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': Falsey, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': [3]}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3 1)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3.0,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (03,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3e0,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 3)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': ('3',)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740992,)}",
    `{'descr': '<f8', 'fortran_order': False, 'shape': (${"9".repeat(400)},)}`,
    "__import__('os').system('true')",
  ])("%j is refused", (header) => {
    for (const major of [1, 2, 3]) expect(codeOf(() => npy.decode(npyFile(header, three, major)))).toBe("npy/header");
  });

  test.each([
    "<f16",
    "<f1",
    "<i3",
    "|b2",
    "<c16",
    "|O",
    "|S3",
    "<U3",
    "<M8[s]",
    "|V8",
    "",
    "<",
    "f",
    "<f8 ",
    "toString",
    "__proto__",
  ])("the dtype %j is refused", (descr) => {
    expect(codeOf(() => npy.decode(npyFile(dictionary(descr, [3]), three)))).toBe("npy/dtype");
  });
});

test.each([
  [0, 0],
  [1, 1],
  [3, 1],
  [4, 0],
  [255, 255],
])("version %i.%i is refused", (major, minor) => {
  const file = npy.encode(tensor([1]));
  file.set([major, minor], 6);
  expect(codeOf(() => npy.decode(file))).toBe("npy/version");
});

describe("sizes", () => {
  test.each<[shape: readonly number[], wanted: string | undefined]>([
    [[2 ** 53 - 1], "npy/truncated"],
    [[2 ** 50, 4], "npy/truncated"],
    [[2 ** 50, 8], "npy/shape"],
    [[2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1], "npy/shape"],
    [[0, 2 ** 53 - 1, 2], "npy/shape"],
    [[2 ** 53 - 1, 2, 0], "npy/shape"],
    [new Array<number>(1000).fill(2), "npy/shape"],
    [[0, 2 ** 53 - 1], undefined],
    [[0], undefined],
  ])("shape %j without a number behind it: %s", (shape, wanted) => {
    for (const descr of ["<f8", "|b1", "<i8"]) {
      for (const fortran of [false, true]) {
        const file = npyFile(dictionary(descr, shape, fortran), new Uint8Array(), 2);
        expect(codeOf(() => npy.decode(file))).toBe(wanted);
      }
    }
  });

  test("every length but the right one is an error", () => {
    const file = npy.encode(zeros([2, 3], { dtype: "float32" }));
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => npy.decode(file.subarray(0, length)))).toBe("npy/truncated");
    }
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    expect(codeOf(() => npy.decode(longer))).toBe("npy/trailing");
  });
});

describe("arguments", () => {
  test("bytes come as a Uint8Array, a Buffer, or an ArrayBuffer", () => {
    const file = npy.encode(tensor([1, 2]));
    const shared = new SharedArrayBuffer(file.length);
    new Uint8Array(shared).set(file);
    const given: unknown[] = [file, Buffer.from(file), file.slice().buffer, shared, new Uint8Array(shared)];
    for (const bytes of given) expect(npy.decode(untyped(bytes)).toArray()).toEqual([1, 2]);
  });

  test("the tensor shares nothing with the bytes", () => {
    const file = npy.encode(tensor([1, 2]));
    const x = npy.decode(file);
    file.fill(0);
    expect(x.toArray()).toEqual([1, 2]);
    const y = tensor(new Float64Array([1, 2]), { copy: false });
    npy.encode(y).fill(0);
    expect(y.toArray()).toEqual([1, 2]);
  });

  test("watched tensors are written with their numbers, symbols are not", () => {
    const x = variable([1, 2]);
    expect(npy.decode(npy.encode(x)).toArray()).toEqual([1, 2]);
    let inside: Uint8Array | undefined;
    grad((w: Tensor): Scalar => {
      inside = npy.encode(w);
      return sum(w);
    })(tensor([3, 4]));
    expect(inside === undefined ? inside : npy.decode(inside).toArray()).toEqual([3, 4]);
    const writeRow = (row: Tensor) => {
      npy.encode(row);
      return row;
    };
    expect(codeOf(() => vmap(writeRow)(tensor([[1, 2]])))).toBe("trace/value");
  });
});

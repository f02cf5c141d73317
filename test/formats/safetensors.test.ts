import fc from "fast-check";
import { grad, mul, type Scalar, safetensors, sum, type Tensor, tensor, tree, variable, vmap, zeros } from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { codeOf, readFixture, safetensorsCases, safetensorsFile, shifted, told } from "./files";

const toldAll = (tensors: Readonly<Record<string, Tensor>>) =>
  Object.keys(tensors).map((name) => [name, told(tensors[name])]);

describe("files made by others", () => {
  test.each(safetensorsCases)(
    "$file holds what was put there, wherever the bytes stand",
    ({ file, tensors, metadata }) => {
      const bytes = readFixture("safetensors", file);
      for (const given of [bytes, shifted(bytes), shifted(bytes, 8)]) {
        const found = safetensors.decode(given);
        expect(Object.keys(found.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const name of Object.keys(tensors)) expect(told(found.tensors[name])).toEqual(tensors[name]);
        expect(Object.entries(found.metadata)).toEqual(Object.entries(metadata));
      }
    },
  );

  test.each(safetensorsCases.filter(({ written }) => written))(
    "$file is what encode writes, byte for byte",
    ({ file }) => {
      const bytes = readFixture("safetensors", file);
      const { tensors, metadata } = safetensors.decode(bytes);
      expect([...safetensors.encode(tensors, { metadata })]).toEqual([...bytes]);
    },
  );

  test("there are files of every kind", () => {
    expect(safetensorsCases.length).toBeGreaterThan(10);
    expect(safetensorsCases.filter(({ written }) => written).length).toBeGreaterThan(4);
    expect(safetensorsCases.filter(({ tensors }) => "__proto__" in tensors && "toString" in tensors)).not.toEqual([]);
  });
});

const text = fc.string({ unit: "binary", maxLength: 6 });
const float = fc.oneof(fc.double(), fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 5e-324));
const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    fc.constantFrom("float64", "float32", "int32", "bool"),
  )
  .chain(([shape, dtype]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const number: fc.Arbitrary<number> =
      dtype === "int32" ? fc.maxSafeInteger().map((x) => x | 0) : dtype === "bool" ? fc.nat(1) : float;
    return fc
      .array(number, { minLength: count, maxLength: count })
      .map((data) => tensor(data, { shape, dtype: untyped(dtype) }));
  });
const named = fc
  .uniqueArray(fc.tuple(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "0", "10")), anyTensor), {
    selector: ([name]) => name,
    maxLength: 5,
  })
  .filter((pairs) => pairs.every(([name]) => name !== "__metadata__"));

describe("round trips", () => {
  test("decode gives back what encode was given", () => {
    fc.assert(
      fc.property(named, fc.dictionary(text, text, { maxKeys: 3 }), fc.nat(9), (pairs, metadata, by) => {
        const tensors = Object.fromEntries(pairs);
        const bytes = safetensors.encode(tensors, { metadata });
        const found = safetensors.decode(shifted(bytes, by));
        expect(Object.keys(found.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, x] of pairs) expect(told(found.tensors[name])).toEqual(told(x));
        expect(Object.entries(found.metadata)).toEqual(Object.entries(metadata));
        expect(safetensors.encode(found.tensors, { metadata: found.metadata })).toEqual(bytes);
      }),
    );
  });

  test("the order in which tensors are given does not matter, and all numbers are aligned", () => {
    fc.assert(
      fc.property(named, (pairs) => {
        const bytes = safetensors.encode(Object.fromEntries(pairs));
        expect(safetensors.encode(Object.fromEntries([...pairs].reverse()))).toEqual(bytes);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
        for (const [name, x] of pairs) {
          const [begin, end] = header[name].data_offsets;
          expect(begin % x.data.BYTES_PER_ELEMENT).toBe(0);
          expect(end - begin).toBe(x.data.byteLength);
        }
      }),
    );
  });

  test("a name longer than what is put together at a time", () => {
    const name = "é😀x".repeat(700);
    const { tensors } = safetensors.decode(safetensors.encode({ [name]: tensor(1) }, { metadata: { [name]: name } }));
    expect(Object.keys(tensors)).toEqual([name]);
  });
});

describe("numbers", () => {
  test("every bfloat16 is the float32 with its bits in front", () => {
    const data = new Uint8Array(2 * 65536);
    const view = new DataView(data.buffer);
    for (let bits = 0; bits < 65536; bits++) view.setUint16(2 * bits, bits, true);
    const file = safetensorsFile({ x: { dtype: "BF16", shape: [65536], data_offsets: [0, data.length] } }, data);
    const { x } = safetensors.decode(file).tensors;
    expect(x.dtype).toBe("float32");
    const wide = new DataView(new ArrayBuffer(4));
    for (let bits = 0; bits < 65536; bits++) {
      wide.setUint16(0, bits);
      if (!Object.is(x.data[bits], wide.getFloat32(0))) throw new Error(`bfloat16 ${bits}: ${x.data[bits]}`);
    }
  });

  test.each<[dtype: string, bytes: readonly number[], wanted: number | string]>([
    ["I64", [255, 255, 255, 127, 0, 0, 0, 0], 2147483647],
    ["I64", [0, 0, 0, 128, 255, 255, 255, 255], -2147483648],
    ["I64", [0, 0, 0, 128, 0, 0, 0, 0], "safetensors/value"],
    ["I64", [0, 0, 0, 0, 1, 0, 0, 0], "safetensors/value"],
    ["U64", [255, 255, 255, 255, 255, 255, 255, 255], "safetensors/value"],
    ["U64", [255, 255, 255, 127, 0, 0, 0, 0], 2147483647],
    ["U32", [0, 0, 0, 128], "safetensors/value"],
    ["U32", [255, 255, 255, 127], 2147483647],
    ["BOOL", [2], "safetensors/value"],
    ["BOOL", [1], 1],
  ])("%s of %j gives %s", (dtype, bytes, wanted) => {
    const file = safetensorsFile({ x: { dtype, shape: [1], data_offsets: [0, bytes.length] } }, Uint8Array.from(bytes));
    if (typeof wanted === "number") expect(safetensors.decode(file).tensors.x.item()).toBe(wanted);
    else expect(codeOf(() => safetensors.decode(file))).toBe(wanted);
  });
});

/** An entry of 4 bytes. */
const entry = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
const four = new Uint8Array(4);

describe("headers", () => {
  test.each([
    `{"a":{${entry}}}`,
    `{"a":{${entry}}} \t\r\n `,
    `{ "a" : { "shape" : [ 1 ] , "dtype" : "F32" , "data_offsets" : [ 0 , 4 ] } }`,
    `{"__metadata__":null,"a":{${entry}}}`,
    `{"a":{${entry}},"__metadata__":{"b":"c"}}`,
    `{"\\u0061":{${entry}}}`,
    `{"a":{${entry},"more":[[],{},"\\"]}",{"x":[null,true,false]},-0,1.5e+3,0.1E-2]}}`,
    `{"a":{${entry},"more":${"[".repeat(99)}${"]".repeat(99)}}}`,
  ])("%j is read", (header) => {
    const { tensors } = safetensors.decode(safetensorsFile(header, four));
    expect(toldAll(tensors)).toEqual([["a", { dtype: "float32", shape: [1], data: [0] }]]);
  });

  test.each([
    "",
    "  ",
    "[]",
    "null",
    ` {"a":{${entry}}}`,
    `\ufeff{"a":{${entry}}}`,
    `{"a":{${entry}}`,
    `{"a":{${entry}}}x`,
    `{"a":{${entry}}}\0`,
    `{"a":{${entry}},}`,
    `{"a":{${entry},}}`,
    `{"a":{${entry}} "b":{${entry}}}`,
    `{'a':{${entry}}}`,
    `{a:{${entry}}}`,
    `{"a"{${entry}}}`,
    `{"a":[${entry}]}`,
    `{"a":null}`,
    `{"a":{${entry}},"a":{${entry}}}`,
    `{"a":{${entry}},"\\u0061":{${entry}}}`,
    `{"a":{${entry},"dtype":"F32"}}`,
    `{"__metadata__":{},"__metadata__":{},"a":{${entry}}}`,
    `{"__metadata__":{"b":"c","b":"d"},"a":{${entry}}}`,
    `{"__metadata__":{"b":1},"a":{${entry}}}`,
    `{"__metadata__":[],"a":{${entry}}}`,
    `{"a\t":{${entry}}}`,
    `{"\\x61":{${entry}}}`,
    `{"\\u00g1":{${entry}}}`,
    `{"\\u00`,
    `{"\\ud83d":{${entry}}}`,
    `{"\\ude00":{${entry}}}`,
    `{"\\ud83d\\u0061":{${entry}}}`,
    `{"a`,
    `{"a\\`,
    '{"a":{"shape":[1],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[1]}}',
    '{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[9007199254740992],"data_offsets":[0,4]}}',
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}',
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}',
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}',
    `{"a":{${entry},"more":nul}}`,
    `{"a":{${entry},"more":-}}`,
    `{"a":{${entry},"more":1.}}`,
    `{"a":{${entry},"more":01}}`,
    `{"a":{${entry},"more":.5}}`,
    `{"a":{${entry},"more":1e}}`,
    `{"a":{${entry},"more":[1 2]}}`,
    `{"a":{${entry},"more":${"[".repeat(200)}${"]".repeat(200)}}}`,
    `{"a":{${entry},"more":${"[".repeat(100_000)}`,
    `{"a":{${entry},"more":${'{"a":'.repeat(100_000)}`,
  ])("%j is refused", (header) => {
    expect(codeOf(() => safetensors.decode(safetensorsFile(header, four)))).toBe("safetensors/header");
  });

  test.each([[[0xff]], [[0xc0, 0xaf]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]], [[0xc3]], [[0x80]]])(
    "the bytes %j in a name are refused: no UTF-8",
    (bytes) => {
      const file = safetensorsFile(`{"${"#".repeat(bytes.length)}":{${entry}}}`, four);
      file.set(bytes, 10);
      expect(codeOf(() => safetensors.decode(file))).toBe("safetensors/header");
    },
  );

  test("a header may take 100 MB, and must fit into the file", () => {
    const file = new Uint8Array(100);
    const view = new DataView(file.buffer);
    for (const [length, code] of [
      [93n, "truncated"],
      [100_000_000n, "truncated"],
      [100_000_001n, "header"],
      [2n ** 32n, "header"],
      [2n ** 64n - 1n, "header"],
    ] as const) {
      view.setBigUint64(0, length, true);
      expect(codeOf(() => safetensors.decode(file))).toBe(`safetensors/${code}`);
    }
  });

  test.each(["F8_E4M3", "F8_E5M2", "F4", "C64", "f32", "", "float32", "toString", "__proto__"])(
    "the dtype %j is refused",
    (dtype) => {
      const file = safetensorsFile({ a: { dtype, shape: [4], data_offsets: [0, 4] } }, four);
      expect(codeOf(() => safetensors.decode(file))).toBe("safetensors/dtype");
    },
  );
});

describe("offsets", () => {
  const f32 = (begin: number, end: number, shape: readonly number[] = [(end - begin) / 4]) => ({
    dtype: "F32",
    shape,
    data_offsets: [begin, end],
  });

  test.each<[name: string, header: object, bytes: number, code: string | undefined]>([
    ["side by side, in any order", { b: f32(4, 12), a: f32(0, 4) }, 12, undefined],
    ["nothing in nothing", {}, 0, undefined],
    [
      "empty tensors at the ends and between",
      { a: f32(0, 0), b: f32(0, 4), c: f32(4, 4), d: f32(4, 8), e: f32(8, 8) },
      8,
      undefined,
    ],
    ["a huge axis beside one of 0", { a: f32(0, 0, [2 ** 53 - 1, 0]), b: f32(0, 4) }, 4, undefined],
    ["end before begin", { a: f32(4, 0, [1]) }, 4, "offsets"],
    ["more than the shape", { a: f32(0, 8, [1]) }, 8, "offsets"],
    ["less than the shape", { a: f32(0, 4, [2]) }, 4, "offsets"],
    ["a shape with 0 and bytes", { a: f32(0, 4, [0, 1]) }, 4, "offsets"],
    ["sizes that overflow", { a: f32(0, 0, [2 ** 32, 2 ** 32]) }, 0, "shape"],
    ["sizes that overflow beside 0", { a: f32(0, 0, [0, 2 ** 32, 2 ** 32]) }, 0, "shape"],
    ["sizes that overflow to 0 in 64 bits", { a: f32(0, 0, new Array<number>(64).fill(2)) }, 0, "shape"],
    ["the same bytes", { a: f32(0, 4), b: f32(0, 4) }, 4, "overlap"],
    ["bytes in common", { a: f32(0, 8), b: f32(4, 12) }, 12, "overlap"],
    ["one inside the other", { a: f32(0, 12), b: f32(4, 8) }, 12, "overlap"],
    ["an empty tensor inside another", { a: f32(0, 8), b: f32(4, 4) }, 8, "overlap"],
    ["a hole in front", { a: f32(4, 8) }, 8, "hole"],
    ["a hole between", { a: f32(0, 4), b: f32(8, 12) }, 12, "hole"],
    ["an empty tensor behind a hole", { a: f32(0, 4), b: f32(8, 8) }, 8, "hole"],
    ["bytes behind", { a: f32(0, 4) }, 5, "hole"],
    ["bytes and no tensors", {}, 1, "hole"],
    ["a byte less", { a: f32(0, 4), b: f32(4, 8) }, 7, "truncated"],
    ["no bytes at all", { a: f32(0, 4) }, 0, "truncated"],
    ["more than any memory", { a: f32(0, 2 ** 52, [2 ** 50]) }, 8, "truncated"],
  ])("%s", (_, header, bytes, code) => {
    const file = safetensorsFile(header, new Uint8Array(bytes));
    expect(codeOf(() => safetensors.decode(file))).toBe(code === undefined ? undefined : `safetensors/${code}`);
  });

  test("every length but the right one is an error", () => {
    const file = safetensors.encode({ a: zeros([3], { dtype: "float32" }), b: tensor([true]) });
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => safetensors.decode(file.subarray(0, length)))).toBe("safetensors/truncated");
    }
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    expect(codeOf(() => safetensors.decode(longer))).toBe("safetensors/hole");
  });
});

describe("results", () => {
  test("a name is only a name: what is not in the file is not there", () => {
    const { tensors, metadata } = safetensors.decode(safetensors.encode({ w: tensor(1) }));
    for (const found of [tensors, metadata]) {
      for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
        expect(name in found).toBe(false);
        expect(found[name]).toBeUndefined();
      }
    }
    expect(Object.keys(metadata)).toEqual([]);
  });

  test("names come in the order of the header", () => {
    const { tensors } = safetensors.decode(readFixture("safetensors", "unaligned-1.safetensors"));
    const wanted = safetensorsCases.find(({ file }) => file === "unaligned-1.safetensors");
    expect(Object.keys(tensors)).toEqual(Object.keys(wanted?.tensors ?? {}));
  });

  test("tensors are parameters as they are", () => {
    const { tensors } = safetensors.decode(safetensors.encode({ "layer.w": tensor([1, 2]), "layer.b": tensor([3]) }));
    const cost = (params: Readonly<Record<string, Tensor>>): Scalar => sum(mul(params["layer.w"], params["layer.b"]));
    const gradient = grad(cost)(tensors);
    expect(gradient["layer.w"].toArray()).toEqual([3, 3]);
    expect(gradient["layer.b"].toArray()).toEqual([3]);
  });

  test("tensors share nothing with the bytes", () => {
    const file = safetensors.encode({ w: tensor([1, 2]) });
    const { tensors } = safetensors.decode(file);
    file.fill(0);
    expect(tensors.w.toArray()).toEqual([1, 2]);
  });

  test("bytes come as a Uint8Array, a Buffer, or an ArrayBuffer", () => {
    const file = safetensors.encode({ w: tensor([1, 2]) });
    const given: unknown[] = [file, Buffer.from(file), file.slice().buffer];
    for (const bytes of given) expect(safetensors.decode(untyped(bytes)).tensors.w.toArray()).toEqual([1, 2]);
  });
});

describe("what is written", () => {
  test("watched tensors with their numbers; symbols not", () => {
    const w = variable([1, 2]);
    expect(safetensors.decode(safetensors.encode({ w })).tensors.w.toArray()).toEqual([1, 2]);
    const writeRow = (row: Tensor) => {
      safetensors.encode({ row });
      return row;
    };
    expect(codeOf(() => vmap(writeRow)(tensor([[1, 2]])))).toBe("trace/value");
  });

  test("a tree of parameters by its paths", () => {
    const params = { layers: [{ w: tensor([1]) }, { w: tensor([2]) }] };
    const named = Object.fromEntries(tree.leaves(params).map(({ path, value }) => [path, value]));
    expect(Object.keys(safetensors.decode(safetensors.encode(untyped(named))).tensors)).toEqual([
      "layers[0].w",
      "layers[1].w",
    ]);
  });

  test("nothing is written that cannot be read again: the header has at most 100 MB", () => {
    const metadata = { a: "x".repeat(100_000_000) };
    expect(errorOf(() => safetensors.encode({ w: tensor(1) }, { metadata }))).toBe(
      "[safetensors/header] safetensors.encode: names and metadata take 100000080 bytes, but must not take more than 100000000. Shorten the metadata, or write several files.",
    );
  });

  test("metadata that are empty, undefined or null are left out", () => {
    const plain = safetensors.encode({ w: tensor(1) });
    for (const metadata of [{}, undefined, null]) {
      expect(safetensors.encode({ w: tensor(1) }, { metadata: untyped(metadata) })).toEqual(plain);
    }
  });
});

// Files that are not what they should be, and what cannot be written: see bad-input.test.ts.
import { npy, safetensors, type Tensor, tensor, tree, vmap } from "gradtape";
import { dictionary, npyFile, readFixture, safetensorsFile } from "../formats/files";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const [four, three] = [new Uint8Array(4), new Uint8Array(24)];
const x = tensor([1, 2]);

const goodNpy = () => npy.decode(npyFile(dictionary("<f8", [3]), three));
const badNpy = (header: string, data: Uint8Array, error: string): Row => [
  () => npy.decode(npyFile(header, data)),
  error,
  goodNpy,
];
const fixture = (file: string, error: string): Row => [() => npy.decode(readFixture("npy", file)), error, goodNpy];

const entry = (dtype: string, shape: readonly number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const goodFile = () => safetensors.decode(safetensorsFile({ a: entry("F32", [1], 0, 4) }, four));
const badFile = (header: unknown, error: string, data = four): Row => [
  () => safetensors.decode(safetensorsFile(header, data)),
  error,
  goodFile,
];

const READ =
  "Read the file first: readFileSync(path) in Node, new Uint8Array(await response.arrayBuffer()) in a browser.";

export const badFiles: Readonly<Record<string, readonly Row[]>> = {
  ".npy": [
    [
      () => npy.decode(untyped("x.npy")),
      `[argument/bytes] npy.decode: bytes must be a Uint8Array with the contents of a file, got "x.npy". ${READ}`,
      goodNpy,
    ],
    [
      () => npy.decode(untyped(new Float64Array(3))),
      "[argument/bytes] npy.decode: bytes must be a Uint8Array with the contents of a file, got a Float64Array. Look at the same memory as bytes: new Uint8Array(x.buffer, x.byteOffset, x.byteLength).",
      goodNpy,
    ],
    [
      () => npy.decode(new Uint8Array()),
      "[npy/truncated] npy.decode: the file ends at byte 0, before the end of its magic and version at byte 8. The file may be incomplete: copy or download it again.",
      goodNpy,
    ],
    [
      () => npy.decode(Uint8Array.of(1, 2)),
      "[npy/magic] npy.decode: a .npy file must begin with the bytes 93 4e 55 4d 50 59, got 01 02. Write the file with np.save(path, x).",
      goodNpy,
    ],
    fixture(
      "bad-zip.npy",
      "[npy/magic] npy.decode: a .npy file must begin with the bytes 93 4e 55 4d 50 59, got 50 4b 03 04 14 00. This is a zip archive, .npz perhaps: unpack it, and decode what is in it.",
    ),
    [
      () => npy.decode(npyFile("", three, 9)),
      "[npy/version] npy.decode: the version of the format must be 1.0, 2.0 or 3.0, but bytes 6 and 7 say 9.0. The file may be damaged: write it again with np.save.",
      goodNpy,
    ],
    [
      () => npy.decode(npyFile(dictionary("<f8", [3]), three).subarray(0, 9)),
      "[npy/truncated] npy.decode: the file ends at byte 9, before the end of its header length at byte 10. The file may be incomplete: copy or download it again.",
      goodNpy,
    ],
    [
      () => npy.decode(npyFile(dictionary("<f8", [3]), three).subarray(0, 20)),
      "[npy/truncated] npy.decode: the file ends at byte 20, before the end of its header at byte 67. The file may be incomplete: copy or download it again.",
      goodNpy,
    ],
    badNpy(
      "",
      three,
      '[npy/header] npy.decode: the header ends at byte 10, where "{" is expected. Write the file again with np.save.',
    ),
    badNpy(
      "{'descr': '<f8'",
      three,
      '[npy/header] npy.decode: the header ends at byte 25, where "," or "}" is expected. Write the file again with np.save.',
    ),
    badNpy(
      "{'descr': '<f8', 'shape': (3)}",
      three,
      '[npy/header] npy.decode: the header has ")" at byte 38, where "," as in (3,) is expected. Write the file again with np.save.',
    ),
    badNpy(
      "{'descr': '<f8', 'shape': (-3,)}",
      three,
      '[npy/header] npy.decode: the header has "-" at byte 37, where a size, an integer >= 0, is expected. Write the file again with np.save.',
    ),
    badNpy(
      "{'descr': '<f8', 'fortran_order': 0}",
      three,
      '[npy/header] npy.decode: the header has "0" at byte 44, where True or False is expected. Write the file again with np.save.',
    ),
    badNpy(
      "{'descr': '<f8', 'shapes': (3,)}",
      three,
      "[npy/header] npy.decode: the header has the key \"shapes\" at byte 27, where one of 'descr', 'fortran_order' and 'shape', each once, is expected. Write the file again with np.save.",
    ),
    badNpy(
      "{'descr': '<f8', 'shape': (3,)}",
      three,
      "[npy/header] npy.decode: the header has \"}\" at byte 40, where 'fortran_order' is expected. Write the file again with np.save.",
    ),
    badNpy(
      `${dictionary("<f8", [3])}\x80`,
      three,
      "[npy/header] npy.decode: the header has 0x80 at byte 67, where nothing but blanks behind the dictionary is expected. Write the file again with np.save.",
    ),
    badNpy(
      dictionary("<c16", [1]),
      three,
      '[npy/dtype] npy.decode: the dtype at byte 20 is "<c16", complex numbers, which no tensor holds. Save real and imaginary parts as two arrays: x.real and x.imag.',
    ),
    badNpy(
      dictionary("|O", [1]),
      three,
      '[npy/dtype] npy.decode: the dtype at byte 20 is "|O", Python objects, which no tensor holds. They are pickled, and reading a pickle runs its code. Save numbers: x.astype("float64").',
    ),
    badNpy(
      dictionary("<f16", [1]),
      three,
      '[npy/dtype] npy.decode: the dtype at byte 20 is "<f16", which no tensor holds. Save it as float64, float32, float16, an integer of 8 to 64 bits or bool.',
    ),
    fixture(
      "bad-record.npy",
      "[npy/dtype] npy.decode: the dtype at byte 20 is a structured dtype, records or raw bytes, which no tensor holds. Save each field as an array of its own.",
    ),
    fixture(
      "bad-int64-low.npy",
      '[npy/value] npy.decode: the int64 -2147483649 at position 3 (byte 152) does not fit into int32. int32 holds -2147483648 to 2147483647; x.astype("float64") keeps integers up to 2^53.',
    ),
    badNpy(
      dictionary("|b1", [2]),
      Uint8Array.of(1, 2),
      '[npy/value] npy.decode: the bool 2 at position 1 (byte 68) is neither 0 nor 1. x.view("uint8") != 0 makes bools of other bytes in Python.',
    ),
    badNpy(
      dictionary("<f8", [2 ** 53 - 1, 4]),
      three,
      "[npy/shape] npy.decode: the sizes of shape [9007199254740991, 4], those of 0 left aside, multiply to more than 2^53. The file may be damaged: write it again with np.save.",
    ),
    badNpy(
      dictionary("<f8", new Array<number>(100).fill(2)),
      three,
      "[npy/shape] npy.decode: the sizes of a shape of 100 axes, those of 0 left aside, multiply to more than 2^53. The file may be damaged: write it again with np.save.",
    ),
    badNpy(
      dictionary("<f8", [4]),
      three,
      '[npy/truncated] npy.decode: shape [4] of "<f8" takes 32 bytes from byte 67, but the file ends at byte 91. The file may be incomplete: copy or download it again.',
    ),
    badNpy(
      dictionary("<f8", [2]),
      three,
      '[npy/trailing] npy.decode: shape [2] of "<f8" takes 16 bytes from byte 67, but the file goes on to byte 91. Give bytes.subarray(0, 83) if more is meant to follow.',
    ),
    [
      () => npy.encode(untyped([1, 2])),
      "[argument/tensor] npy.encode: x must be a tensor, got [1, 2]. Make one with tensor(...).",
      () => npy.encode(x),
    ],
    [
      () => npy.encode(untyped(3)),
      "[argument/tensor] npy.encode: x must be a tensor, got 3. Make one with tensor(...).",
      () => npy.encode(tensor(3)),
    ],
    [
      () => npy.encode(untyped("x")),
      '[argument/tensor] npy.encode: x must be a tensor, got "x". Convert it to numbers first.',
      () => npy.encode(x),
    ],
    [
      () => vmap((row: Tensor) => untyped(npy.encode(row)))(x),
      "[trace/value] npy.encode: x is a symbolic tensor of shape [] and has no values to write. Inside vmap and trace a function runs on shapes: return the tensor, and write it outside.",
      () => npy.encode(vmap((row: Tensor) => row)(x)),
    ],
  ],
  "safetensors to be read": [
    [
      () => safetensors.decode(untyped(undefined)),
      `[argument/bytes] safetensors.decode: bytes must be a Uint8Array with the contents of a file, got undefined. ${READ}`,
      goodFile,
    ],
    [
      () => safetensors.decode(new Uint8Array(1)),
      "[safetensors/truncated] safetensors.decode: the file ends at byte 1, before the end of its header length at byte 8. The file may be incomplete: copy or download it again.",
      goodFile,
    ],
    [
      () => safetensors.decode(safetensorsFile("{}".padEnd(20)).subarray(0, 20)),
      "[safetensors/truncated] safetensors.decode: the file ends at byte 20, before the end of its header at byte 28. The file may be incomplete: copy or download it again.",
      goodFile,
    ],
    [
      () => safetensors.decode(readFixture("npy", "bad-zip.npy")),
      "[safetensors/header] safetensors.decode: the first 8 bytes say that the header takes 85966670672 bytes, but it must not take more than 100000000. This is a zip archive, as torch.save writes it: save with safetensors.torch.save_file.",
      goodFile,
    ],
    [
      () => safetensors.decode(readFixture("npy", "int8.npy")),
      "[safetensors/header] safetensors.decode: the first 8 bytes say that the header takes 379676406402707 bytes, but it must not take more than 100000000. This is most likely not a safetensors file.",
      goodFile,
    ],
    badFile(
      [1],
      '[safetensors/header] safetensors.decode: the header has "[" at byte 8, where the "{" of a JSON object is expected. The header is wrong: write the file again.',
    ),
    badFile(
      { a: 1 },
      '[safetensors/header] safetensors.decode: the header has "1" at byte 13, where the "{" of the entry of tensor "a" is expected. The header is wrong: write the file again.',
    ),
    badFile(
      { a: { shape: [1] } },
      '[safetensors/header] safetensors.decode: the header has tensor "a" without dtype at byte 9, where one with it is expected. The header is wrong: write the file again.',
    ),
    badFile(
      { a: entry("F32", [-1], 0, 4) },
      '[safetensors/header] safetensors.decode: the header has "-" at byte 37, where a size, an integer >= 0, is expected. The header is wrong: write the file again.',
    ),
    badFile(
      { a: { ...entry("F32", [1], 0, 4), data_offsets: [0, 4, 5] } },
      "[safetensors/header] safetensors.decode: the header has 3 data_offsets at byte 55, where a pair is expected. The header is wrong: write the file again.",
    ),
    badFile(
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}}',
      '[safetensors/header] safetensors.decode: the header has "a" again at byte 62, where another name is expected. The header is wrong: write the file again.',
    ),
    badFile(
      { __metadata__: { a: 1 } },
      '[safetensors/header] safetensors.decode: the header has "1" at byte 29, where a string, as all values of __metadata__ are, is expected. The header is wrong: write the file again.',
    ),
    badFile(
      '{"a',
      "[safetensors/header] safetensors.decode: the header ends at byte 11, where the end of the string is expected. The header is wrong: write the file again.",
    ),
    badFile(
      { a: entry("F8_E4M3", [4], 0, 4) },
      '[safetensors/dtype] safetensors.decode: tensor "a" has the dtype "F8_E4M3" at byte 22, which no tensor holds. Convert it where it was made; known dtypes: F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL.',
    ),
    badFile(
      { a: entry("F32", [2 ** 30, 2 ** 30], 0, 4) },
      '[safetensors/shape] safetensors.decode: the sizes of tensor "a" at byte 9, shape [1073741824, 1073741824], those of 0 left aside, multiply to more than 2^53. The header is wrong: write the file again.',
    ),
    badFile(
      { a: entry("F32", [2], 0, 4) },
      '[safetensors/offsets] safetensors.decode: tensor "a" at byte 9 has data_offsets 0 to 4, but shape [2] of float32 takes 8 bytes. The header is wrong: write the file again.',
    ),
    badFile(
      { a: entry("I8", [2], 0, 2), b: entry("I8", [3], 1, 4) },
      '[safetensors/overlap] safetensors.decode: tensor "b" begins at offset 1, but tensor "a" ends at 2. The header is wrong: write the file again.',
    ),
    badFile(
      { a: entry("I8", [1], 0, 1), b: entry("I8", [2], 2, 4) },
      '[safetensors/hole] safetensors.decode: tensor "b" begins at offset 2, but tensor "a" ends at 1. Every byte must belong to a tensor: write the file again.',
    ),
    badFile(
      { a: entry("I8", [1], 0, 1) },
      '[safetensors/hole] safetensors.decode: tensor "a" ends at offset 1, byte 62, but the file goes on to byte 65. Every byte must belong to a tensor: write the file again.',
    ),
    badFile(
      { a: entry("F64", [1], 0, 8) },
      '[safetensors/truncated] safetensors.decode: tensor "a" goes to offset 8, byte 70, but the file ends at byte 66. The file may be incomplete: copy or download it again.',
    ),
    badFile(
      { a: entry("U32", [1], 0, 4) },
      '[safetensors/value] safetensors.decode: the uint32 4278190080 at position 0 of tensor "a" (byte 62) does not fit into int32. int32 holds -2147483648 to 2147483647; F64 keeps integers up to 2^53.',
      Uint8Array.of(0, 0, 0, 255),
    ),
  ],
  "safetensors to be written": [
    [
      () => safetensors.encode(untyped(x)),
      "[argument/tensor] safetensors.encode: tensors must be a plain object of tensors by name, got a tensor. Give it a name: { x }.",
      () => safetensors.encode({ x }),
    ],
    [
      () => safetensors.encode(untyped(new Map([["x", x]]))),
      "[argument/tensor] safetensors.encode: tensors must be a plain object of tensors by name, got a Map. Object.fromEntries(map) makes one.",
      () => safetensors.encode(Object.fromEntries(new Map([["x", x]]))),
    ],
    [
      () => safetensors.encode(untyped(null)),
      "[argument/tensor] safetensors.encode: tensors must be a plain object of tensors by name, got null. Give every tensor a name: { w, b }.",
      () => safetensors.encode({}),
    ],
    [
      () => safetensors.encode(untyped({ w: 1 })),
      '[argument/tensor] safetensors.encode: tensors["w"] must be a tensor, got 1. Make one with tensor(...).',
      () => safetensors.encode({ w: tensor(1) }),
    ],
    [
      () => safetensors.encode(untyped({ layers: [{ w: x }] })),
      '[argument/tensor] safetensors.encode: tensors["layers"] must be a tensor, got [an object]. Names are flat: Object.fromEntries(tree.leaves(params).map(({ path, value }) => [path, value])) has the paths of a tree.',
      () =>
        safetensors.encode(
          untyped(Object.fromEntries(tree.leaves({ layers: [{ w: x }] }).map(({ path, value }) => [path, value]))),
        ),
    ],
    [
      () => safetensors.encode({ __metadata__: x }),
      '[safetensors/name] safetensors.encode: no tensor can have the name "__metadata__". The file keeps its metadata there: use the option metadata.',
      () => safetensors.encode({ x }, { metadata: { a: "b" } }),
    ],
    [
      () => safetensors.encode({ "\ud800": x }),
      '[safetensors/name] safetensors.encode: no tensor can have the name "\\ud800". It has half of a pair of surrogates, which UTF-8 cannot encode.',
      () => safetensors.encode({ "\ud800\udc00": x }),
    ],
    [
      () => safetensors.encode({ x }, untyped({ meta: {} })),
      '[option/unknown] safetensors.encode: unknown option "meta". Did you mean "metadata"?',
      () => safetensors.encode({ x }, { metadata: {} }),
    ],
    [
      () => safetensors.encode({ x }, { metadata: untyped("x") }),
      '[safetensors/metadata] safetensors.encode: metadata must be a plain object of strings, got "x". Write { name: text }.',
      () => safetensors.encode({ x }, untyped(null)),
    ],
    [
      () => safetensors.encode({ x }, { metadata: untyped({ step: 1 }) }),
      '[safetensors/metadata] safetensors.encode: metadata["step"] must be a string of valid Unicode, got 1. JSON.stringify(...) makes one.',
      () => safetensors.encode({ x }, { metadata: { step: "1" } }),
    ],
    [
      () => safetensors.encode({ x }, { metadata: { a: "\udc00" } }),
      '[safetensors/metadata] safetensors.encode: metadata["a"] must be a string of valid Unicode, got "\\udc00". The name or the text has half of a pair of surrogates, which UTF-8 cannot encode.',
      () => safetensors.encode({ x }, { metadata: { a: "" } }),
    ],
  ],
};

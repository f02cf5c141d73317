// Files of any kind of damage either give tensors or an error of the library, and never take more memory than they justify.
import fc from "fast-check";
import { GradtapeError, npy, safetensors, type Tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import { codeOf, dictionary, npyCases, npyFile, readFixture, safetensorsCases, safetensorsFile } from "./files";

/** int8 becomes int32, which takes four times the bytes; that is the widest step. */
const WIDENING = 4;

interface Format {
  readonly name: string;
  readonly files: readonly Uint8Array[];
  decode(bytes: Uint8Array): readonly Tensor[];
}

const npyFormat: Format = {
  name: "npy",
  files: npyCases.map(({ file }) => readFixture("npy", file)),
  decode: (bytes) => [npy.decode(bytes)],
};
const safetensorsFormat: Format = {
  name: "safetensors",
  files: safetensorsCases.map(({ file }) => readFixture("safetensors", file)),
  decode: (bytes) => Object.values(safetensors.decode(bytes).tensors),
};

/** The numbers of tensors fit to the file, or the error is one of the format, with a message that says where it comes from. */
function survive({ name, decode }: Format, bytes: Uint8Array): void {
  let tensors: readonly Tensor[];
  try {
    tensors = decode(bytes);
  } catch (error) {
    if (!(error instanceof GradtapeError)) throw error;
    expect(error.code).toMatch(new RegExp(`^${name}/`));
    expect(error.message).toMatch(new RegExp(`^${name}\\.decode: .*[.?]$`, "s"));
    expect(error.message.length).toBeLessThan(1000);
    return;
  }
  const taken = tensors.reduce((total, { data }) => total + data.byteLength, 0);
  expect(taken).toBeLessThanOrEqual(WIDENING * bytes.length);
  for (const { shape, data } of tensors) expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
}

describe.each([npyFormat, safetensorsFormat])("$name", (format) => {
  const { files, decode } = format;
  const good = files.filter((bytes) => codeOf(() => decode(bytes)) === undefined);
  const aFile = fc.constantFrom(...good);

  test("a good file cut short is an error, wherever it is cut", () => {
    expect(good.length).toBeGreaterThan(10);
    for (const bytes of good) {
      // Of long files the header, and some places behind it.
      const step = Math.ceil(bytes.length / 1000);
      for (let length = bytes.length - 1; length >= 0; length -= length > 1000 ? step : 1) {
        expect(codeOf(() => decode(bytes.subarray(0, length)))).toMatch(/./);
      }
    }
  });

  test("one byte changed", () => {
    fc.assert(
      fc.property(aFile, fc.nat(), fc.nat(255), (bytes, place, value) => {
        const changed = bytes.slice();
        changed[place % Math.min(bytes.length, 400)] = value;
        survive(format, changed);
      }),
      { numRuns: 5000 },
    );
  });

  test("bytes inserted, removed, repeated", () => {
    const edit = fc.tuple(fc.nat(300), fc.nat(8), fc.string({ unit: "grapheme-ascii", maxLength: 4 }));
    fc.assert(
      fc.property(aFile, fc.array(edit, { maxLength: 4 }), (bytes, edits) => {
        let list = [...bytes];
        for (const [place, removed, text] of edits) {
          list = [...list.slice(0, place), ...Buffer.from(text), ...list.slice(place + removed)];
        }
        survive(format, Uint8Array.from(list));
      }),
      { numRuns: 2000 },
    );
  });

  test("any bytes, and any bytes behind a good beginning", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), aFile, fc.nat(200), (bytes, start, length) => {
        survive(format, bytes);
        survive(format, Uint8Array.from([...start.subarray(0, length), ...bytes]));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("headers of any text", () => {
  const size = fc.oneof(fc.nat(5), fc.maxSafeInteger().map(Math.abs), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53 - 1));
  const shape = fc.array(size, { maxLength: 4 });

  test("npy", () => {
    const piece = fc.constantFrom(
      ..."{ } ( ) [ ] , : ' \" L True False None 'descr' 'fortran_order' 'shape' '<f8' '|b1' 0 1 3 -1 # \\ \n".split(
        " ",
      ),
    );
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join(" ")),
      fc.string({ unit: "grapheme-ascii" }),
    );
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 40 }), fc.constantFrom(1, 2, 3), (header, data, major) =>
        survive(npyFormat, npyFile(header, data, major)),
      ),
      { numRuns: 3000 },
    );
  });

  test("npy of any dtype and shape", () => {
    const descr = fc
      .tuple(
        fc.constantFrom("<", ">", "|", "=", ""),
        fc.constantFrom(..."fiubcOSUVMm"),
        fc.constantFrom(1, 2, 4, 8, 16),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(descr, shape, fc.boolean(), fc.uint8Array({ maxLength: 64 }), (type, sizes, fortran, data) =>
        survive(npyFormat, npyFile(dictionary(type, sizes, fortran), data)),
      ),
      { numRuns: 3000 },
    );
  });

  test("safetensors", () => {
    const value = fc.json({ maxDepth: 4 });
    const odd = fc
      .tuple(value, fc.nat(), fc.constantFrom("", ",", "{", "]", '"', "\\"))
      .map(([text, place, insert]) => {
        const at = place % (text.length + 1);
        return text.slice(0, at) + insert + text.slice(at);
      });
    fc.assert(
      fc.property(fc.oneof(value, odd), fc.uint8Array({ maxLength: 16 }), (header, data) => {
        survive(safetensorsFormat, safetensorsFile(header, data));
        survive(safetensorsFormat, safetensorsFile(`{"x":${header}}`, data));
        survive(safetensorsFormat, safetensorsFile(`{"__metadata__":${header}}`, data));
        survive(
          safetensorsFormat,
          safetensorsFile(`{"x":{"dtype":"U8","shape":[],"data_offsets":[0,1],"y":${header}}}`, data),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("safetensors of any dtypes, shapes and offsets", () => {
    const dtype = fc.constantFrom(..."F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL F8_E4M3".split(" "));
    const entry = fc.record({
      dtype,
      shape,
      data_offsets: fc.tuple(fc.oneof(fc.nat(24), size), fc.oneof(fc.nat(24), size)),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 2 }), entry, { maxKeys: 4 }),
        fc.uint8Array({ maxLength: 32 }),
        (header, data) => survive(safetensorsFormat, safetensorsFile(header, data)),
      ),
      { numRuns: 3000 },
    );
  });
});

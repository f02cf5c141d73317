import { expect, test } from "vitest";
import * as convolution from "../../src/numeric/convolution/kernel-wasm";
import * as product from "../../src/numeric/matrix/gemm-kernel";
import * as softmax from "../../src/numeric/rows/softmax-wasm";

// Where a kernel was changed, the text expected is what its KERNEL must be.
test.each(Object.entries({ product, softmax, convolution }))(
  "%s: the kernel is what its code assembles to",
  (_, file) => {
    expect(file.KERNEL).toBe(Buffer.from(file.assembled()).toString("hex"));
  },
);

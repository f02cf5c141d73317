// Without WebAssembly, functions are called for each element: the same results, to rounding.
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

const refusing = {
  Module: class {
    constructor() {
      throw new TypeError("refused by the content security policy");
    }
  },
};

test.each([
  ["missing", undefined],
  ["refused", refusing],
])("WebAssembly is %s", async (_, global) => {
  vi.stubGlobal("WebAssembly", global);
  vi.resetModules();
  const { add, exp, tensor } = await import("gradtape");
  const x = tensor(Array.from({ length: 100 }, (_, i) => i / 10));
  expect(exp(x).data).toEqual(Float64Array.from(x.data, Math.exp));
  expect(add(x, tensor([[1], [2]])).shape).toEqual([2, 100]);
});

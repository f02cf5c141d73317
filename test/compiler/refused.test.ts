// Where WebAssembly is missing or refused, deterministic programs have the same bits, and the others are replayed.
import type { Tensor, Value } from "gradtape";
import { afterEach, expect, test, vi } from "vitest";
import { refusing } from "../numeric/web-assembly";

afterEach(() => vi.unstubAllGlobals());

/** The bits of programs of many kinds, and what is said of them, by the library as it is loaded now. */
async function compiled(deterministic: boolean) {
  vi.resetModules();
  const gt = await import("gradtape");
  const { compile } = gt;
  const options = { deterministic };
  const wave = (shape: readonly number[], dtype: "float32" | "float64", from: number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: size }, (_, i) => 3 * Math.sin(1.7 * i + from));
    return gt.tensor(numbers, { shape: [...shape], dtype });
  };
  const loss = (w: Tensor, x: Tensor) => gt.mean(gt.square(gt.gelu(gt.layerNorm(gt.matmul(x, w)))));
  const both = compile(gt.valueAndGrad(loss), options);
  const kinds = compile(
    (x: Tensor) => [gt.sort(gt.exp(x)), gt.sum(gt.tanh(x), { axis: 0 }), gt.argmax(x, { axis: 1 }), gt.greater(x, 0)],
    options,
  );
  const numbers = compile((x: number, y: number) => {
    let z = gt.mul(x, y);
    for (let k = 0; k < 40; k++) z = gt.add(gt.sin(z), gt.log1p(gt.exp(x)));
    return z;
  }, options);
  const results: number[][] = [];
  const keep = (...ys: readonly (Value | boolean)[]): void => {
    for (const y of ys) results.push(typeof y === "object" ? Array.from(y.data) : [Number(y)]);
  };
  for (const dtype of ["float64", "float32"] as const) {
    keep(...both(wave([19, 21], dtype, 1), wave([33, 19], dtype, 2)), ...kinds(wave([7, 301], dtype, 3)));
  }
  keep(numbers(0.3, 1.9), numbers(0.4, Infinity));
  const titles = [both, kinds, numbers].map((f) => f.explain().toString().split(":")[0]);
  return { results, titles };
}

test.each([
  ["missing", undefined],
  ["refused", refusing],
])("WebAssembly is %s", async (_, global) => {
  const there = await compiled(true);
  expect(there.titles).toEqual(["compiled", "compiled", "compiled"]);
  vi.stubGlobal("WebAssembly", global);
  const interpreted = await compiled(true);
  expect(interpreted.titles).toEqual(["interpreted", "interpreted", "interpreted"]);
  expect(interpreted.results).toEqual(there.results);
  const replayed = await compiled(false);
  expect(replayed.titles).toEqual(["not compiled", "not compiled", "not compiled"]);
});

/**
 * Automatic differentiation for TypeScript: everything of `gradtape/pure`, and methods on tensors.
 *
 * @module gradtape
 */
import { Handle } from "./core/tensor/handle";
import { clip, relu } from "./ops/elementwise/activation";
import { abs, add, div, mul, neg, square, sub } from "./ops/elementwise/arithmetic";
import { expandDims, squeeze } from "./ops/movement/squeeze-expand";
import { cast } from "./ops/elementwise/cast";
import { matmul } from "./ops/contract/matmul";
import { exp, log, pow, sqrt } from "./ops/elementwise/exponential";
import { take } from "./ops/indexing/take";
import { sigmoid } from "./ops/elementwise/logistic";
import { reshape, transpose } from "./ops/movement/reshape-transpose";
import { argmax, max, mean, min, sum } from "./ops/reduce/reduction";
import { at, slice } from "./ops/movement/slicing";
import { logSoftmax, softmax } from "./ops/reduce/softmax";
import { tanh } from "./ops/elementwise/trigonometric";
import { kernelMaps } from "./ops/define/array-kernels";
import { setArrayMaps } from "./ops/define/elementwise-loops";

export * from "./pure";

setArrayMaps(kernelMaps);

/** A function of a tensor and whatever else, as it is attached. */
type Method = { run(x: Handle, ...rest: readonly never[]): unknown }["run"];

const methods: Readonly<Record<string, Method>> = {
  ...{ add, sub, mul, div, pow, neg, abs, square, matmul },
  ...{ exp, log, sqrt, tanh, sigmoid, relu, clip, softmax, logSoftmax, cast },
  ...{ sum, mean, max, min, argmax },
  ...{ reshape, transpose, slice, squeeze, expandDims, take },
  at: (x, ...indices) => at(x, indices),
};
for (const [name, run] of Object.entries(methods)) attach(name, run);

/** Makes a function a method of all tensors. */
function attach(name: string, run: Method): void {
  const value = function (this: Handle, ...rest: never[]): unknown {
    return run(this, ...rest);
  };
  Object.defineProperty(Handle.prototype, name, { value, writable: true, configurable: true });
}

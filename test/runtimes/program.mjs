// What the packed package does in every runtime, checked against numbers made in other ways. Nothing but JavaScript is
// used. Gives one line for each thing it found right; throws at the first that is wrong.
import * as gradtape from "gradtape";
import { batchGrad, GradtapeError, grad, isTensor, loss, random, tensor, valueAndGrad } from "gradtape";
import { minimize } from "gradtape/optim";
import { averagedInputGrad } from "gradtape/pitfalls";
import * as pure from "gradtape/pure";
import { gradcheck } from "gradtape/testing";

const { add, conv2d, einsum, fft, ifft, linalg, matmul, mul, npy, ones, safetensors, square, sub, sum, tanh, tree } =
  gradtape;

/** Fails unless all numbers agree, to `tolerance` of the largest one wanted. */
function agree(what, got, want, tolerance = 1e-9) {
  const [a, b] = [[...got], [...want]];
  const largest = Math.max(...b.map(Math.abs), 1e-300);
  if (a.length !== b.length) throw new Error(`${what}: ${a.length} numbers, ${b.length} are wanted`);
  for (let i = 0; i < b.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= tolerance * largest)) {
      throw new Error(`${what}: number ${i} is ${a[i]}, ${b[i]} is wanted`);
    }
  }
}
function must(what, holds) {
  if (!holds) throw new Error(`${what}: that does not hold`);
}
/** The error that f throws. */
function errorOf(f) {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error("no error was thrown");
}

const [first, second, third] = random.split(random.key(4), 3);
const params = {
  hidden: { w: random.normal(first, [3, 8]), b: random.uniform(third, [8]) },
  output: { w: random.normal(second, [8, 2]), b: tensor([0.5, -0.25]) },
};
const predict = (p, x) => add(matmul(tanh(add(matmul(x, p.hidden.w), p.hidden.b)), p.output.w), p.output.b);
const cost = (p, sample) => loss.mse(predict(p, sample.x), sample.y);
const batch = { x: random.normal(random.key(5), [6, 3]), y: random.normal(random.key(6), [6, 2]) };
const numbers = (p) => tree.leaves(p).flatMap(({ value }) => [...value.data]);

/** What the other side of postMessage gets. */
function transferred() {
  const { data, transfer } = tree.toTransferable(params);
  const there = tree.fromTransferable(structuredClone(data, { transfer }));
  agree("parameters in another thread", numbers(there), numbers(params), 0);
  must(
    "buffers that were transferred are empty",
    transfer.every((buffer) => buffer.byteLength === 0),
  );
  must("a clone of a tensor", errorOf(() => add(structuredClone(params.output.b), 1)).code === "tensor/cloned");
  return "parameters as plain data, transferred";
}

/** The network by plain loops. */
function costByHand(p, x, y) {
  const layer = ({ w, b }, input) =>
    [...b.data].map((start, j) => input.reduce((s, v, i) => s + v * w.data[i * b.size + j], start));
  const out = layer(p.output, layer(p.hidden, [...x]).map(Math.tanh));
  return out.reduce((s, v, j) => s + (v - y[j]) ** 2, 0) / out.length;
}

function networks() {
  const sample = { x: batch.x.at(0), y: batch.y.at(0) };
  const [value, gradient] = valueAndGrad(cost)(params, sample);
  agree("value of a network", [value.item()], [costByHand(params, sample.x.data, sample.y.data)], 1e-13);
  const { w } = params.hidden;
  const slopes = [...w.data].map((x, i) => {
    const at = (step) => {
      const moved = tensor(
        Float64Array.from(w.data, (v, k) => (k === i ? x + step : v)),
        { shape: [3, 8] },
      );
      return costByHand({ ...params, hidden: { ...params.hidden, w: moved } }, sample.x.data, sample.y.data);
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  agree("gradient of a network", gradient.hidden.w.data, slopes, 1e-7);
  return `value ${value.item().toFixed(12)} and gradient of a network`;
}

function samples() {
  const perSample = batchGrad(cost)(params, batch);
  const whole = grad((p) => loss.mse(predict(p, batch.x), batch.y))(params);
  agree("mean of gradients", numbers(perSample.mean()), numbers(whole), 1e-12);
  const norms = [0, 1, 2, 3, 4, 5].map((i) => {
    const one = grad(cost)(params, { x: batch.x.at(i), y: batch.y.at(i) });
    return Math.hypot(...numbers(one));
  });
  agree("norms of gradients", perSample.norms().data, norms, 1e-12);
  const shortcut = numbers(averagedInputGrad(cost)(params, batch));
  must(
    "the shortcut is wrong",
    shortcut.some((x, i) => Math.abs(x - numbers(whole)[i]) > 1e-3),
  );
  return `batchGrad: 6 samples, norms up to ${Math.max(...norms).toFixed(6)}`;
}

function products() {
  const [n, k, m] = [70, 130, 90];
  const [a, b] = [random.normal(random.key(7), [n, k]), random.normal(random.key(8), [k, m])];
  const want = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) for (let j = 0; j < m; j++) want[i * m + j] += a.data[i * k + l] * b.data[l * m + j];
  }
  agree("matmul", matmul(a, b).data, want, 1e-13);
  agree("matmul, float32", a.cast("float32").matmul(b.cast("float32")).data, want, 1e-5);
  agree("einsum", einsum("ij,jk->ki", a, b).data, gradtape.transpose(matmul(a, b)).data, 1e-13);
  return `matmul of ${n} x ${k} and ${k} x ${m}, einsum`;
}

function algebra() {
  const root = random.normal(random.key(9), [12, 12]);
  const spd = add(matmul(root, gradtape.transpose(root)), gradtape.eye(12));
  const x = linalg.solve(spd, ones([12]));
  agree("solve", matmul(spd, x).data, ones([12]).data, 1e-11);
  const { values, vectors } = linalg.eigh(spd);
  agree("eigh", matmul(mul(vectors, values), gradtape.transpose(vectors)).data, spd.data, 1e-11);
  const { u, s, vt } = linalg.svd(root);
  agree("svd", matmul(mul(u, s), vt).data, root.data, 1e-11);
  // d log det(A) / dA is the inverse, transposed.
  const slope = grad((a) => linalg.slogdet(a).logAbsDet)(spd);
  agree("gradient of log det", slope.data, linalg.inv(spd).data, 1e-9);
  return `linalg: smallest eigenvalue ${values.at(0).item().toFixed(9)}`;
}

function signals() {
  const x = random.normal(random.key(10), [60]);
  const { re, im } = fft(x);
  const at = (k, wave) => x.data.reduce((total, v, t) => total + v * wave((-2 * Math.PI * k * t) / 60), 0);
  agree(
    "fft, real",
    re.data,
    re.data.map((_, k) => at(k, Math.cos)),
    1e-12,
  );
  agree(
    "fft, imaginary",
    im.data,
    im.data.map((_, k) => at(k, Math.sin)),
    1e-12,
  );
  agree("ifft", ifft({ re, im }).re.data, x.data, 1e-13);
  const [image, kernel] = [random.normal(random.key(11), [1, 2, 9, 9]), random.normal(random.key(12), [3, 2, 3, 3])];
  const got = conv2d(image, kernel, { padding: 1 });
  const want = Array.from({ length: 3 * 81 }, (_, i) => {
    const [o, row, column] = [Math.floor(i / 81), Math.floor(i / 9) % 9, i % 9];
    let total = 0;
    for (let c = 0; c < 2; c++) {
      for (let p = 0; p < 9; p++) {
        const [y, z] = [row + Math.floor(p / 3) - 1, column + (p % 3) - 1];
        if (y < 0 || y > 8 || z < 0 || z > 8) continue;
        total += image.data[c * 81 + y * 9 + z] * kernel.data[(o * 2 + c) * 9 + p];
      }
    }
    return total;
  });
  agree("conv2d", got.data, want, 1e-12);
  // The gradient of a sum of squares by the kernel, against what it is for one number of it.
  const slope = grad((k) => sum(square(conv2d(image, k, { padding: 1 }))))(kernel);
  const step = tensor(
    Float64Array.from({ length: 54 }, (_, i) => (i === 7 ? 1e-5 : 0)),
    { shape: [3, 2, 3, 3] },
  );
  const energy = (k) => sum(square(conv2d(image, k, { padding: 1 }))).item();
  agree("conv2d's gradient", [slope.data[7]], [(energy(add(kernel, step)) - energy(sub(kernel, step))) / 2e-5], 1e-6);
  return "fft, conv2d";
}

function objects() {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  agree("methods", x.matmul(x).sub(1).transpose().sum({ axis: 0 }).data, [15, 35]);
  const error = errorOf(() => matmul(ones([2, 3]), ones([4, 3])));
  must("an error of the library", error instanceof GradtapeError && error.code === "shape/inner-dimension");
  must("its message", error.message.startsWith("matmul: "));
  must("arithmetic is refused", errorOf(() => x * 2).code === "tensor/arithmetic");
  must("one core", pure.isTensor(x) && isTensor(pure.tensor([1])) && pure.GradtapeError === GradtapeError);
  gradcheck((w) => sum(mul(w, w)), [x]);
  const { params: best, converged } = minimize((w) => sum(square(sub(w, 3))), x);
  must("minimize arrives", converged);
  agree("minimize", best.data, [3, 3, 3, 3], 1e-6);
  return `methods, entries, and the error ${error.code}: ${error.message}`;
}

function bits() {
  // The same numbers on every machine, to the last bit.
  const [uniform, normal] = [random.uniform(random.key(42), [3]), random.normal(random.key(42), [3])];
  must("the bits of random.uniform", uniform.toArray().join() === UNIFORM);
  must("the bits of random.normal", normal.toArray().join() === NORMAL);
  const file = safetensors.decode(safetensors.encode({ normal, ids: tensor([[1, 2]], { dtype: "int32" }) }));
  must("safetensors", file.tensors.ids.toArray().join() === "1,2" && file.tensors.normal.toArray().join() === NORMAL);
  must("npy", npy.decode(npy.encode(uniform)).toArray().join() === UNIFORM);
  return `random bits, npy and safetensors: ${NORMAL}`;
}
const UNIFORM = "0.42672756361231334,0.10015824296670306,0.19643803754070277";
const NORMAL = "-0.18471174528191164,-1.2806504215484478,-0.8544132028404301";

/** Runs everything; one line for each part. */
export function run() {
  return [networks, samples, products, algebra, signals, objects, bits, transferred].map((part) => part());
}

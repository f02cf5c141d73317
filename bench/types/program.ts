// A program of 300 lines, as users write them, with literal shapes: what the compiler takes for it is measured by the
// case `types`. It is compiled, never run.
import {
  add,
  argmax,
  backward,
  batchGrad,
  broadcastTo,
  clip,
  concat,
  cond,
  div,
  dot,
  equal,
  exp,
  eye,
  fixedPoint,
  forLoop,
  full,
  type Gradient,
  gelu,
  grad,
  greater,
  hessian,
  hvp,
  implicitRoot,
  jacobian,
  jvp,
  layerNorm,
  less,
  linspace,
  log,
  logSoftmax,
  logSumExp,
  loss,
  matmul,
  max,
  maximum,
  mean,
  mul,
  norm,
  ones,
  outer,
  random,
  relu,
  reshape,
  type Scalar,
  scan,
  sigmoid,
  softmax,
  sqrt,
  square,
  stack,
  std,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  transpose,
  tree,
  type Value,
  valueAndGrad,
  variable,
  variance,
  vjp,
  vmap,
  where,
  whileLoop,
  zeros,
} from "gradtape";
import { adam, minimize, schedule } from "gradtape/optim";

// ---- A classifier of three layers

const [first, second, third] = random.split(random.key(7), 3);
const layers = {
  input: { w: random.normal(first, [784, 128]), b: zeros([128]) },
  hidden: { w: random.normal(second, [128, 64]), b: zeros([64]) },
  output: { w: random.normal(third, [64, 10]), b: zeros([10]) },
};
type Layers = typeof layers;
interface Digit {
  readonly image: Tensor<readonly [784]>;
  readonly label: Tensor<readonly []>;
}

function logits(p: Layers, image: Tensor<readonly [784]>) {
  const a = relu(add(matmul(image, p.input.w), p.input.b));
  const b = tanh(add(matmul(a, p.hidden.w), p.hidden.b));
  return add(matmul(b, p.output.w), p.output.b);
}
const cost = (p: Layers, digit: Digit) => loss.crossEntropy(logits(p, digit.image), digit.label);
const images = random.uniform(random.key(1), [32, 784]);
const labels = random.integers(random.key(2), [32], { max: 10 });

const perSample = batchGrad(cost, { chunk: 8 })(layers, { image: images, label: labels });
const noise = div(perSample.variance().output.w, square(perSample.mean().output.w));
const largest = max(perSample.norms(), { axis: 0 });
const clipped = tree.map((p, g) => sub(p, mul(0.1, g)), layers, perSample.clippedMean(1));
const layerNorms = perSample.norms({ perParameter: true }).input.w;
const similarity = div(perSample.gram(), outer(perSample.norms(), perSample.norms()));

const batchLogits = vmap(logits, { inAxes: [null, 0] });
const predictions = argmax(batchLogits(clipped, images), { axis: -1 });
const accuracy = mean(where(equal(predictions, labels), 1, 0));

// ---- The same by hand, a batch at a time

const WEIGHTS = { w1: ones([784, 128]), b1: ones([128]), w2: ones([128, 10]), b2: ones([10]) };
type Weights = typeof WEIGHTS;
const forward = (p: Weights, x: Tensor<readonly [32, 784]>) => {
  const hidden = sigmoid(add(matmul(x, p.w1), p.b1));
  const scores = add(matmul(hidden, p.w2), p.b2);
  return { hidden, scores, probabilities: softmax(scores), logProbabilities: logSoftmax(scores, { axis: 1 }) };
};
const byHand = (p: Weights, x: Tensor<readonly [32, 784]>, y: Tensor<readonly [32, 10]>) => {
  const { hidden, probabilities } = forward(p, x);
  const yBar = mul(sub(probabilities, y), 1 / 32);
  const zBar = mul(matmul(yBar, transpose(p.w2)), mul(hidden, sub(1, hidden)));
  return {
    w1: matmul(transpose(x), zBar),
    b1: sum(zBar, { axis: 0 }),
    w2: matmul(transpose(hidden), yBar),
    b2: sum(yBar, { axis: 0 }),
  };
};
const targets = softmax(random.normal(random.key(3), [32, 10]));
const batchCost = (p: Weights, x: Tensor<readonly [32, 784]>, y: Tensor<readonly [32, 10]>) =>
  loss.klDivergence(forward(p, x).logProbabilities, y);
const exact: Gradient<Weights> = grad(batchCost)(WEIGHTS, ones([32, 784]), targets);
const difference = tree.map((a, b) => sub(a, b), exact, byHand(WEIGHTS, ones([32, 784]), targets));
const furthest = max(maximum(max(difference.w1), max(difference.w2)));

// ---- Attention

const block = {
  query: random.normal(first, [64, 64]),
  key: random.normal(second, [64, 64]),
  value: random.normal(third, [64, 64]),
  output: ones([64, 64]),
  scale: ones([64]),
  shift: zeros([64]),
  up: ones([64, 256]),
  down: ones([256, 64]),
};
type Block = typeof block;
const attend = (p: Block, x: Tensor<readonly [16, 64]>) => {
  const split = (y: Tensor<readonly [16, 64]>) => transpose(reshape(y, [16, 4, 16]), [1, 0, 2]);
  const q = split(matmul(x, p.query));
  const k = split(matmul(x, p.key));
  const v = split(matmul(x, p.value));
  const weights = softmax(div(matmul(q, transpose(k, [0, 2, 1])), 4));
  const mixed = reshape(transpose(matmul(weights, v), [1, 0, 2]), [16, 64]);
  return { y: matmul(mixed, p.output), weights };
};
const normalized = (p: Block, x: Tensor<readonly [16, 64]>) => add(mul(layerNorm(x), p.scale), p.shift);
const transformer = (p: Block, x: Tensor<readonly [16, 64]>) => {
  const a = add(x, attend(p, normalized(p, x)).y);
  return add(a, matmul(gelu(matmul(normalized(p, a), p.up)), p.down));
};
const table = random.normal(random.key(4), [100, 64]);
const tokens: Tensor<readonly [16, 64]> = take(table, tensor([...new Int32Array(16)]));
const blockGradient = grad((p: Block, x: Tensor<readonly [16, 64]>) => mean(square(transformer(p, x))))(block, tokens);
const entropy = sum(mul(attend(block, tokens).weights, log(attend(block, tokens).weights)), { axis: -1 });
const headEntropy = mean(entropy, { axis: 1 });
const [, throughBlock] = vjp(transformer, [block, tokens]);
const [blockBar, tokensBar] = throughBlock(ones([16, 64]));
const saliency = norm(tokensBar, { axis: 1 });
const scaleShare = div(norm(blockBar.scale), norm(blockGradient.scale));

// ---- A recurrent network

const cell = { wx: ones([8, 32]), wh: ones([32, 32]), b: zeros([32]), wy: ones([32, 1]) };
type Cell = typeof cell;
const unrolled = (p: Cell, xs: Tensor<readonly [20, 8]>) =>
  scan(
    (h: Tensor<readonly [32]>, x: Tensor<readonly [8]>) => {
      const next = tanh(add(add(matmul(x, p.wx), matmul(h, p.wh)), p.b));
      return [next, matmul(next, p.wy)] as const;
    },
    zeros([32]),
    xs,
  );
const sequence = random.normal(random.key(5), [20, 8]);
const [lastState, outputs] = unrolled(cell, sequence);
const recurrentCost = (p: Cell, xs: Tensor<readonly [20, 8]>) => mean(square(unrolled(p, xs)[1]));
const [recurrentValue, recurrentGradient] = valueAndGrad(recurrentCost)(cell, sequence);
const gates = (h: Tensor<readonly [32]>, x: Tensor<readonly [8]>) => {
  const joined: Tensor<readonly [40]> = concat([h, x]);
  const parts = add(matmul(joined, ones([40, 128])), ones([128]));
  const [i, f, o, g] = [0, 1, 2, 3].map(
    (k): Tensor<readonly [32]> => parts.slice([{ start: 32 * k, stop: 32 * k + 32 }]),
  );
  return mul(sigmoid(o), tanh(add(mul(sigmoid(f), h), mul(sigmoid(i), tanh(g)))));
};
const gated = scan((h: Tensor<readonly [32]>, x: Tensor<readonly [8]>) => [gates(h, x), sum(h)], lastState, sequence);
const stateJacobian = jacobian((h: Tensor<readonly [32]>) => gates(h, ones([8])))(lastState);

// ---- Curve fitting

const at = linspace(0, 1, 50);
const design = stack([ones([50]), at, square(at)], { axis: 1 });
const measured = add(sub(1, mul(2, at)), mul(0.1, random.normal(random.key(6), [50])));
const curve = { a: 1, b: 0, rate: full([2], 0.5) };
type Curve = typeof curve;
const model = (p: Curve, x: Tensor<readonly [50]>) =>
  add(mul(p.a, exp(mul(-1, mul(x, p.rate.at(0))))), mul(p.b, sub(1, exp(mul(x, p.rate.at(1))))));
const residuals = (p: Curve) => sub(model(p, at), measured);
const objective = (p: Curve) => loss.huber(model(p, at), measured, { delta: 0.5 });
const best = minimize(objective, curve, { maxIterations: 50 });
const curvature = hessian(objective)(best.params);
const curvatureRate = add(curvature.rate.rate, mul(1e-9, eye(2)));
const residualJacobian = jacobian(residuals)(best.params);
const information = matmul(transpose(residualJacobian.rate), residualJacobian.rate);
const along = hvp(objective)(best.params, { a: 1, b: 0, rate: zeros([2]) });
const [, change] = jvp(residuals, [curve], [{ a: 0, b: 1, rate: ones([2]) }]);
const slope = dot(change, residuals(curve));
const projection = matmul(transpose(design as Tensor<readonly [50, 3]>), measured);

// ---- Optimizers, by hand and from the library

const optimizer = adam({ rate: schedule.cosine({ rate: 0.1, steps: 100 }) });
let [params, memory] = [layers, optimizer.init(layers)];
const step = valueAndGrad((p: Layers, xs: Tensor<readonly [32, 784]>) => mean(square(batchLogits(p, xs))));
const history: number[] = [];
for (let i = 0; i < 10; i++) {
  const [value, gradient] = step(params, images);
  history.push(value.item());
  [params, memory] = optimizer.update(gradient, memory, params);
}
function momentum<P>(f: (p: P) => Scalar, start: P, rate: number, steps: number): P {
  const slopeOf = grad(f);
  let [p, velocity] = [start, tree.map((x: Tensor) => mul(x, 0), start) as P];
  for (let i = 0; i < steps; i++) {
    const g = slopeOf(p) as never;
    velocity = tree.map((v, x) => add(mul(0.9, v), x), velocity, g);
    p = tree.map((x, v) => sub(x, mul(rate, v)), p, velocity as never);
  }
  return p;
}
const rolled = momentum(
  (p: { u: Tensor<readonly [3]>; v: Tensor<readonly [3, 3]> }) => {
    const w = sub(matmul(p.v, p.u), ones([3]));
    return add(dot(w, w), mul(1e-3, sum(square(p.v))));
  },
  { u: ones([3]), v: eye(3) },
  0.01,
  100,
);

// ---- Statistics

const data = random.normal(random.key(8), [200, 5]);
const centerd = sub(data, mean(data, { axis: 0, keepDims: true }));
const scaled = div(centerd, add(std(data, { axis: 0, keepDims: true }), 1e-8));
const covariance = div(matmul(transpose(centerd), centerd), 199);
const correlation = div(covariance, sqrt(outer(variance(data, { axis: 0 }), variance(data, { axis: 0 }))));
const distances = sum(square(sub(reshape(scaled, [200, 1, 5]), reshape(scaled, [1, 200, 5]))), { axis: 2 });
const kernel = exp(mul(-0.5, distances));
const smoothed = div(matmul(kernel, scaled), sum(kernel, { axis: 1, keepDims: true }));
const responsibilities = softmax(mul(-1, distances), { axis: 1 });
const evidence = sum(logSumExp(distances, { axis: -1 }));
const mixture = (means: Tensor<readonly [4, 5]>) => {
  const gaps = sub(reshape(data, [200, 1, 5]), reshape(means, [1, 4, 5]));
  return mean(logSumExp(mul(-0.5, sum(square(gaps), { axis: -1 })), { axis: 1 }));
};
const meansBar = grad(mixture)(ones([4, 5]));
const rowMax = max(correlation, { axis: 1 });
const winsorized = clip(scaled, -3, 3);
const tall = broadcastTo(rowMax, [7, 5]);

// ---- Loops, roots and branches

const power = (a: Tensor<readonly [5, 5]>, steps: number) =>
  forLoop(0, steps, (_, v: Tensor<readonly [5]>) => div(matmul(a, v), norm(matmul(a, v))), ones([5]));
const dominant = power(covariance, 30);
const halved = whileLoop(
  (c: { x: Tensor<readonly []>; n: Tensor<readonly []> }) => greater(c.x, 1),
  (c) => ({ x: div(c.x, 2), n: add(c.n, 1) }),
  { x: tensor(100), n: tensor(0) },
);
const root = implicitRoot(
  (x: Tensor<readonly [3]>, a: Tensor<readonly [3]>) => sub(square(x), a),
  (a) => sqrt(a),
);
const rootSlope = jacobian(root)(tensor([1, 2, 3]));
const settled = fixedPoint(
  (x: Tensor<readonly [3]>, a: Tensor<readonly [3, 3]>) => tanh(matmul(a, x)),
  () => zeros([3]),
)(mul(0.1, ones([3, 3])));
const huberized = (x: Tensor<readonly [6]>) =>
  cond(
    less(norm(x), 1),
    (y: Tensor<readonly [6]>) => sum(square(y)),
    (y) => norm(y),
    x,
  );
const horner = (x: Scalar, coefficients: readonly number[]): Scalar => {
  let y: Scalar = 0;
  for (const c of coefficients) {
    const z: Scalar = mul(y, x);
    y = add(z, c);
  }
  return y;
};
const second2 = grad(grad((x: Scalar) => horner(x, [1, 2, 3])))(2);
const rotate = (angle: Value, p: Tensor<readonly [2]>) =>
  matmul(
    tensor([
      [0, -1],
      [1, 0],
    ]),
    mul(angle, p),
  );
const spun = grad((angle: number) => sum(rotate(angle, tensor([1, 2]))))(0.5);

// ---- Variables and tapes

const weight = variable([
  [1, 2, 3],
  [4, 5, 6],
]);
const offset = variable([0.5, -0.5]);
const affine = add(matmul(weight, tensor([1, 0, -1])), offset);
const swept = backward(sum(square(affine)), { weight, offset });
const moved = weight.sub(swept.weight.mul(0.1)).clip(-1, 1).transpose().matmul(offset);
const tape = trace((p: Weights, x: Tensor<readonly [32, 784]>) => forward(p, x).scores)(WEIGHTS, ones([32, 784]));
const replayed = tape
  .replay(WEIGHTS, ones([32, 784]))
  .softmax({ axis: 1 })
  .sum({ axis: 0 });

export const results = {
  noise,
  largest,
  layerNorms,
  similarity,
  accuracy,
  furthest,
  headEntropy,
  saliency,
  scaleShare,
  outputs,
  recurrentValue,
  recurrentGradient,
  gated,
  stateJacobian,
  curvatureRate,
  information,
  along,
  slope,
  projection,
  history,
  rolled,
  smoothed,
  responsibilities,
  evidence,
  meansBar,
  winsorized,
  tall,
  dominant,
  halved,
  rootSlope,
  settled,
  huberized,
  second2,
  spun,
  moved,
  replayed,
  params,
};

/** A long short-term memory: one cell under `scan` reads a sequence, and keeps what it will be asked for at the end. */
import {
  add,
  batchGrad,
  concat,
  loss,
  matmul,
  mean,
  mul,
  oneHot,
  ones,
  onesLike,
  random,
  type Scalar,
  scan,
  sigmoid,
  split,
  stack,
  sum,
  type Tensor,
  tanh,
  vmap,
  zeros,
} from "gradtape";
import { adam } from "gradtape/optim";

const [LENGTH, WIDTH] = [10, 16];

export interface Sample {
  readonly sequence: Tensor;
  readonly target: Scalar;
}

/** The adding problem: of the numbers in a sequence two are marked, one in each half; what is their sum? */
export function draw(key: random.Key, count: number) {
  const [numbers, early, late] = random.split(key, 3);
  const x = random.uniform(numbers, [count, LENGTH]);
  const first = oneHot(random.integers(early, [count], { max: LENGTH / 2 }), LENGTH);
  const second = oneHot(random.integers(late, [count], { min: LENGTH / 2, max: LENGTH }), LENGTH);
  const marks = add(first, second);
  return { sequence: stack([x, marks], { axis: -1 }), target: sum(mul(x, marks), { axis: 1 }) };
}

export type Params = ReturnType<typeof initialize>;

export function initialize(key: random.Key) {
  const [cell, out] = random.split(key);
  return {
    weights: random.normal(cell, [2 + WIDTH, 4 * WIDTH], { std: 1 / Math.sqrt(2 + WIDTH) }),
    /** 1 for the gate of the memory, so that at first it keeps what it has. */
    bias: concat([ones([WIDTH]), zeros([3 * WIDTH])]),
    out: { weights: random.normal(out, [WIDTH], { std: 1 / Math.sqrt(WIDTH) }), bias: 0 },
  };
}

export interface State {
  readonly hidden: Tensor;
  readonly memory: Tensor;
}

/** One step: what to keep of the memory, what to write into it, what to show of it. */
export function cell(params: Params, { hidden, memory }: State, x: Tensor): State {
  const [keep, write, show, news] = split(add(matmul(concat([x, hidden]), params.weights), params.bias), 4);
  const next = add(mul(sigmoid(keep), memory), mul(sigmoid(write), tanh(news)));
  return { hidden: mul(sigmoid(show), tanh(next)), memory: next };
}

/** What one sequence [T, 2] adds up to. */
export function predict(params: Params, sequence: Tensor): Scalar {
  const start: State = { hidden: zeros([WIDTH]), memory: zeros([WIDTH]) };
  const [end] = scan((state: State, x: Tensor) => [cell(params, state, x), undefined] as const, start, sequence);
  return add(sum(mul(end.hidden, params.out.weights)), params.out.bias);
}

export const cost = (params: Params, { sequence, target }: Sample): Scalar =>
  loss.mse(predict(params, sequence), target);

export function lstm() {
  const [start, order, fresh] = random.split(random.key(1), 3);
  const optimizer = adam({ rate: 0.05 });
  const test = draw(fresh, 500);
  const testCost = () => mean(vmap(cost, { inAxes: [null, 0] })(params, test)).item();
  let params = initialize(start);
  let state = optimizer.init(params);
  const before = testCost();
  for (let step = 0; step < 200; step++) {
    const batch = draw(random.fold(order, step), 32);
    [params, state] = optimizer.update(batchGrad(cost)(params, batch).mean(), state, params);
  }
  return { guessing: loss.mse(test.target, onesLike(test.target)).item(), before, after: testCost() };
}

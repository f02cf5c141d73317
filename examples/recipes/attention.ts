/** Causal self-attention with several heads, written for one sequence; the gradient of each sequence is clipped. */
import {
  add,
  arange,
  argmax,
  batchGrad,
  diagonal,
  einsum,
  equal,
  expandDims,
  greater,
  greaterEqual,
  loss,
  matmul,
  max,
  mean,
  mul,
  random,
  slice,
  softmax,
  type Tensor,
  take,
  triu,
  vmap,
} from "gradtape";
import { adam } from "gradtape/optim";

const [LENGTH, TOKENS, WIDTH, HEADS, SIZE] = [16, 8, 16, 2, 8];
/** The task: at each position, say which token stood so many positions before. */
const BACK = 3;
const MAX_NORM = 1;

export type Params = ReturnType<typeof initialize>;

export function initialize(seed: random.Key) {
  const [tokens, positions, query, key, value, out, logits] = random.split(seed, 7);
  const inward = { std: 1 / Math.sqrt(WIDTH) };
  return {
    tokens: random.normal(tokens, [TOKENS, WIDTH]),
    positions: random.normal(positions, [LENGTH, WIDTH]),
    query: random.normal(query, [HEADS, WIDTH, SIZE], inward),
    key: random.normal(key, [HEADS, WIDTH, SIZE], inward),
    value: random.normal(value, [HEADS, WIDTH, SIZE], inward),
    out: random.normal(out, [HEADS, SIZE, WIDTH], { std: 1 / Math.sqrt(HEADS * SIZE) }),
    logits: random.normal(logits, [WIDTH, TOKENS], inward),
  };
}

export function embed(params: Params, sequence: Tensor): Tensor {
  return add(take(params.tokens, sequence), params.positions);
}

/** How much each head looks from position t at position s: [H, T, T], nothing at the future. */
export function weightsOf(params: Params, x: Tensor): Tensor {
  const queries = einsum("td,hdk->htk", x, params.query);
  const keys = einsum("sd,hdk->hsk", x, params.key);
  const scores = mul(einsum("htk,hsk->hts", queries, keys), 1 / Math.sqrt(SIZE));
  const time = arange(LENGTH);
  const past = greaterEqual(expandDims(time, { axis: 1 }), time);
  return softmax(scores, { where: past });
}

/** The logits at each position [T, V] of one sequence of tokens [T]. */
export function predict(params: Params, sequence: Tensor): Tensor {
  const x = embed(params, sequence);
  const seen = einsum("hts,sd,hdk,hke->te", weightsOf(params, x), x, params.value, params.out);
  return matmul(add(x, seen), params.logits);
}

/** From position BACK on there is something to look back at: the tokens up to as many before the end. */
const answers = (x: Tensor): Tensor => slice(x, [{ start: BACK }]);
const wanted = (sequence: Tensor): Tensor => slice(sequence, [{ stop: -BACK }]);

export const cost = (params: Params, sequence: Tensor) =>
  loss.crossEntropy(answers(predict(params, sequence)), wanted(sequence));

export function attention() {
  const [start, order, fresh] = random.split(random.key(1), 3);
  const optimizer = adam({ rate: 0.02 });
  let params = initialize(start);
  let state = optimizer.init(params);
  const history: { cost: number; clipped: number }[] = [];
  for (let step = 0; step < 100; step++) {
    const batch = random.integers(random.fold(order, step), [32, LENGTH], { max: TOKENS });
    const gradients = batchGrad(cost)(params, batch);
    const clipped = mean(greater(gradients.norms(), MAX_NORM)).item();
    history.push({ cost: mean(gradients.losses()).item(), clipped });
    [params, state] = optimizer.update(gradients.clippedMean(MAX_NORM), state, params);
  }
  const test = random.integers(fresh, [100, LENGTH], { max: TOKENS });
  const right = vmap((s: Tensor) => mean(equal(answers(argmax(predict(params, s), { axis: -1 })), wanted(s))));
  const weights = vmap((s: Tensor) => weightsOf(params, embed(params, s)))(test);
  return {
    first: history[0],
    last: history[history.length - 1],
    accuracy: mean(right(test)).item(),
    lookBack: mean(diagonal(weights, { k: -BACK }), { axis: [0, 2] }),
    lookAhead: max(triu(weights, { k: 1 })).item(),
  };
}

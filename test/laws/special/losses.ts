import { loss, softmax, tensor, zeros } from "gradtape";
import type { Call, Rows } from "./row";

const INF = Infinity;
const LN2 = Math.LN2;
const empty = zeros([0]);
const classOf = (x: number) => tensor(new Int32Array([x])).at(0);

export const lossCalls: Rows<Call> = {
  "loss.mse": [
    { says: "of an empty tensor is NaN", f: (p, t) => loss.mse(p, t), xs: [empty, empty], value: NaN },
    {
      says: "of an empty tensor, summed, is 0",
      f: (p, t) => loss.mse(p, t, { reduction: "sum" }),
      xs: [empty, empty],
      value: 0,
    },
    { says: "of two 0-d tensors", f: (p, t) => loss.mse(p, t), xs: [3, 1], value: 4, gradients: [4, -4] },
  ],
  "loss.mae": [
    {
      says: "has gradient 0 where they agree",
      f: (p, t) => loss.mae(p, t),
      xs: [
        [1, 2],
        [1, 0],
      ],
      value: 1,
      gradients: [
        [0, 0.5],
        [0, -0.5],
      ],
    },
  ],
  "loss.linear": [
    {
      says: "is target minus prediction",
      f: (p, t) => loss.linear(p, t),
      xs: [
        [1, 2],
        [5, 5],
      ],
      value: 3.5,
      gradients: [
        [-0.5, -0.5],
        [0.5, 0.5],
      ],
    },
  ],
  "loss.huber": [
    {
      says: "is smooth where its two forms meet",
      f: (p, t) => loss.huber(p, t, { reduction: "sum" }),
      xs: [
        [1, -1, 0],
        [0, 0, 0],
      ],
      value: 1,
      gradients: [
        [1, -1, 0],
        [-1, 1, 0],
      ],
    },
    {
      says: "of a huge error does not overflow",
      f: (p, t) => loss.huber(p, t),
      xs: [1e200, 0],
      value: 1e200,
      gradients: [1, -1],
    },
  ],
  "loss.hinge": [
    {
      says: "has gradient 0 at the margin",
      f: (p) => loss.hinge(p, tensor([1, -1]), { reduction: "sum" }),
      xs: [[1, 0]],
      value: 1,
      gradients: [[0, 1]],
    },
  ],
  "loss.bceWithLogits": [
    {
      says: "of infinite logits on the side of the target is 0, on the other Infinity",
      f: (p) => loss.bceWithLogits(p, tensor([1, 0, 0, 1]), { reduction: "none" }),
      xs: [[INF, -INF, INF, -INF]],
      value: [0, 0, INF, INF],
      gradients: [[0, 0, 1, -1]],
    },
    {
      says: "with a weight of 0 does not count an infinite loss",
      f: (p) => loss.bceWithLogits(p, 1, { positiveWeight: 0 }),
      xs: [[-INF, 2]],
      value: 0,
      gradients: [[0, 0]],
    },
    {
      says: "has derivative -x by the target, at 0 and 1 too",
      f: (t) => loss.bceWithLogits(tensor([3, -3, 2]), t, { reduction: "sum" }),
      xs: [[0, 1, 0.5]],
      gradients: [[-3, 3, -2]],
    },

    {
      says: "of huge logits does not overflow",
      f: (p) => loss.bceWithLogits(p, tensor([1, 0, 0, 1]), { reduction: "none" }),
      xs: [[800, 800, -800, -800]],
      value: [0, 800, 0, 800],
      gradients: [[0, 1, 0, -1]],
    },
    { says: "at 0 is log 2", f: (p) => loss.bceWithLogits(p, 0.5), xs: [0], value: LN2, gradients: [0] },
  ],
  "loss.crossEntropy": [
    {
      says: "with a weight of 0 does not count -Infinity",
      f: (p) => loss.crossEntropy(p, classOf(0), { classWeights: [0, 1] }),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, 0]],
    },
    {
      says: "of probabilities, with a weight of 0 does not count -Infinity",
      f: (p) => loss.crossEntropy(p, tensor([0.5, 0.5]), { classWeights: [0, 1] }),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, 0]],
    },
    {
      says: "smoothed, with a weight of 0 does not count -Infinity",
      f: (p) => loss.crossEntropy(p, classOf(1), { classWeights: [0, 1, 1], labelSmoothing: 0.3 }),
      xs: [[-INF, 0, 0]],
      value: 0.9 * LN2,
      gradients: [[0, -0.35, 0.35]],
    },

    {
      says: "of huge logits does not overflow",
      f: (p) => loss.crossEntropy(p, classOf(1)),
      xs: [[1000, 0]],
      value: 1000,
      gradients: [[1, -1]],
    },
    {
      says: "of a class with -Infinity elsewhere",
      f: (p) => loss.crossEntropy(p, classOf(1)),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, 0]],
    },
    { says: "of one class is 0", f: (p) => loss.crossEntropy(p, [0]), xs: [[[3]]], value: 0, gradients: [[[0]]] },
    {
      says: "gives prediction minus target at the logits",
      f: (p) => loss.crossEntropy(p, tensor([0.25, 0.75])),
      xs: [[0, 0]],
      value: LN2,
      gradients: [[0.25, -0.25]],
    },
    {
      says: "refuses a class that is not there",
      f: (p) => loss.crossEntropy(p, classOf(2)),
      xs: [[0, 0]],
      throws: "loss/class",
    },
  ],
  "loss.nll": [
    {
      says: "with a weight of 0 does not count -Infinity",
      f: (p) => loss.nll(p, classOf(0), { classWeights: [0, 1] }),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, 0]],
    },

    {
      says: "of probability 0 is Infinity",
      f: (p) => loss.nll(p, classOf(0)),
      xs: [[-INF, 0]],
      value: INF,
      gradients: [[-1, 0]],
    },
    { says: "refuses a negative class", f: (p) => loss.nll(p, classOf(-1)), xs: [[0, 0]], throws: "loss/class" },
  ],
  "loss.klDivergence": [
    {
      says: "of a target of 0 counts nothing",
      f: (p) => loss.klDivergence(p, tensor([0, 1])),
      xs: [[-LN2, -LN2]],
      value: LN2,
      gradients: [[0, -1]],
    },
    {
      says: "nor where the prediction is 0 too",
      f: (p) => loss.klDivergence(p, tensor([0, 1])),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, -1]],
    },
    {
      says: "of equal distributions is 0",
      f: (p) => loss.klDivergence(p, softmax(tensor([0, 0]))),
      xs: [[-LN2, -LN2]],
      value: 0,
    },
  ],
  "loss.cosineSimilarity": [
    {
      says: "of opposite vectors is -1",
      f: (a, b) => loss.cosineSimilarity(a, b),
      xs: [
        [1, 0],
        [-2, 0],
      ],
      value: -1,
      gradients: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      says: "with a zero vector is 0, its gradient finite",
      f: (a) => loss.cosineSimilarity(a, tensor([0, 0])),
      xs: [[1, 2]],
      value: 0,
      gradients: [[0, 0]],
    },
  ],
};

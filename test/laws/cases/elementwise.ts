import * as gt from "gradtape";
import { type Draw, range } from "../draw";
import { binary, inputs, line, type Table, unary, unaryWith } from "../line";

const nonZero = range(-2, 2, [0]);
const positive = range(0.2, 3);
const inside = range(-0.9, 0.9);
const betweenIntegers = range(-3, 3, [-3, -2, -1, 0, 1, 2, 3]);
const betweenHalves = range(-3, 3, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]);
/** Left and right of the poles at 0, -1 and -2, and of the zeros near 1 and 2. */
const offPoles = range(-2.8, 4, [-3, -2, -1, 0], 0.2);

/** Two inputs that broadcast, of which no two numbers are near each other. */
const wellSeparated = (d: Draw): gt.Value[] => {
  const [left, right] = d.broadcastable();
  return [
    d.operand(left, range(-1.9, 1.9, [-1.5, -0.5, 0.5, 1.5])),
    d.tensor(right, range(-2, 2, [-2, -1, 0, 1, 2], 0.45)),
  ];
};

export const elementwise: Table = {
  neg: unary(gt.neg),
  abs: unary(gt.abs, nonZero),
  sign: unary(gt.sign, nonZero),
  floor: unary(gt.floor, betweenIntegers),
  ceil: unary(gt.ceil, betweenIntegers),
  round: unary(gt.round, betweenHalves),
  trunc: unary(gt.trunc, betweenIntegers),
  exp: unary(gt.exp),
  expm1: unary(gt.expm1),
  log: unary(gt.log, positive),
  log2: unary(gt.log2, positive),
  log10: unary(gt.log10, positive),
  log1p: unary(gt.log1p, range(-0.8, 2)),
  sqrt: unary(gt.sqrt, positive),
  rsqrt: unary(gt.rsqrt, positive),
  square: unary(gt.square),
  reciprocal: unary(gt.reciprocal, range(-2, 2, [0], 0.3)),
  sin: unary(gt.sin),
  cos: unary(gt.cos),
  tan: unary(gt.tan, range(-1.2, 1.2)),
  asin: unary(gt.asin, inside),
  acos: unary(gt.acos, inside),
  atan: unary(gt.atan),
  sinh: unary(gt.sinh),
  cosh: unary(gt.cosh),
  tanh: unary(gt.tanh),
  asinh: unary(gt.asinh),
  acosh: unary(gt.acosh, range(1.2, 4)),
  atanh: unary(gt.atanh, inside),
  sinc: [unary(gt.sinc), unary(gt.sinc, range(-0.3, 0.3))],
  sigmoid: unary(gt.sigmoid),
  logSigmoid: unary(gt.logSigmoid),
  logit: unary(gt.logit, range(0.1, 0.9)),
  softplus: unary(gt.softplus),
  relu: unary(gt.relu, nonZero),
  silu: unary(gt.silu),
  erf: unary(gt.erf),
  erfc: unary(gt.erfc),
  erfInv: unary(gt.erfInv, inside),
  ndtr: unary(gt.ndtr),
  logNdtr: [unary(gt.logNdtr), unary(gt.logNdtr, range(-6, -3))],
  lgamma: unary(gt.lgamma, offPoles),
  digamma: unary(gt.digamma, offPoles),
  leakyRelu: [
    unary(gt.leakyRelu, nonZero),
    unaryWith(gt.leakyRelu, nonZero, (d) => ({ negativeSlope: d.uniform(-0.5, 0.5) })),
  ],
  elu: [unary(gt.elu, nonZero), unaryWith(gt.elu, nonZero, (d) => ({ alpha: d.uniform(0.5, 2) }))],
  gelu: unaryWith(gt.gelu, range(-3, 3), (d) => ({ approximate: d.choice(["none", "tanh"]) })),
  clip: [
    unaryWith(
      (x: gt.Value, { min, max }: { min?: number; max?: number }) => gt.clip(x, min, max),
      range(-2, 2, [-1, 1]),
      (d) =>
        d.choice([
          { min: -1, max: 1 },
          { min: -Infinity, max: 1 },
          { min: -1, max: Infinity },
          { min: -1 },
          { max: 1 },
        ]),
    ),
    inputs(gt.clip, (d) => {
      const shape = d.shape();
      return [
        d.tensor(shape, range(-3, 3, [-2, -1, 1, 2], 0.6)),
        d.operand([], range(-2, -1)),
        d.operand([], range(1, 2)),
      ];
    }),
  ],
  polygamma: unaryWith(
    (x: gt.Value, { n }: { n: number }) => gt.polygamma(n, x),
    range(0.5, 4),
    (d) => ({
      n: d.integer(0, 3),
    }),
  ),

  add: binary(gt.add),
  sub: binary(gt.sub),
  mul: binary(gt.mul),
  div: binary(gt.div, range(-2, 2), range(-2, 2, [0], 0.3)),
  pow: [
    binary(gt.pow, range(0.3, 3), range(-2, 2)),
    unaryWith(
      (x: gt.Value, { exponent }: { exponent: number }) => gt.pow(x, exponent),
      range(-2, 2, [0], 0.3),
      (d) => ({
        exponent: d.integer(-3, 4),
      }),
    ),
  ],
  floorDivide: [
    inputs(gt.floorDivide, quotients),
    inputs(gt.floorDivide, (d) => {
      const [left, right] = d.broadcastable();
      return [d.integers(left, -9, 9), d.integers(right, -3, 3)];
    }),
  ],
  remainder: [
    inputs(gt.remainder, quotients),
    inputs(gt.remainder, (d) => {
      const [left, right] = d.broadcastable();
      return [d.integers(left, -9, 9), d.integers(right, -3, 3)];
    }),
  ],
  maximum: inputs(gt.maximum, wellSeparated),
  minimum: inputs(gt.minimum, wellSeparated),
  atan2: binary(gt.atan2, nonZero),
  hypot: binary(gt.hypot, nonZero),
  logAddExp: binary(gt.logAddExp),
  xlogy: binary(gt.xlogy, range(-2, 2), positive),
  gammainc: [binary(gt.gammainc, range(0.3, 4), range(0.2, 5)), binary(gt.gammainc, range(18, 25), range(15, 30))],
  gammaincc: [binary(gt.gammaincc, range(0.3, 4), range(0.2, 5)), binary(gt.gammaincc, range(18, 25), range(15, 30))],
  betainc: inputs(gt.betainc, (d) => {
    const [left, right] = d.broadcastable();
    const parameters = d.choice([range(0.4, 4), range(15, 25)]);
    return d.chance(0.5)
      ? [d.operand(left, parameters), d.operand([], parameters), d.tensor(right, range(0.1, 0.9))]
      : [d.operand([], parameters), d.operand(left, parameters), d.tensor(right, range(0.1, 0.9))];
  }),

  equal: inputs(gt.equal, wellSeparated),
  notEqual: inputs(gt.notEqual, wellSeparated),
  less: inputs(gt.less, wellSeparated),
  lessEqual: inputs(gt.lessEqual, wellSeparated),
  greater: inputs(gt.greater, wellSeparated),
  greaterEqual: inputs(gt.greaterEqual, wellSeparated),
  logicalAnd: inputs(gt.logicalAnd, booleans),
  logicalOr: inputs(gt.logicalOr, booleans),
  logicalXor: inputs(gt.logicalXor, booleans),
  logicalNot: inputs(gt.logicalNot, (d) => [d.booleans(d.shape())]),
  isNaN: unary(gt.isNaN),
  isFinite: unary(gt.isFinite),
  isInf: unary(gt.isInf),
  where: line(gt.where, (d) => {
    const [a, b] = d.broadcastable();
    const condition = d.chance(0.5) ? a : [];
    return { inputs: [d.booleans(condition), d.operand(a, range(-2, 2)), d.operand(b, range(-2, 2))] };
  }),
  nanToNum: [
    unary(gt.nanToNum),
    unaryWith(gt.nanToNum, range(-2, 2), (d) => ({ nan: d.uniform(-1, 1), posinf: 3, neginf: -3 })),
  ],
  dropout: line(gt.dropout, (d) => ({
    inputs: [gt.random.key(d.integer(0, 1000)), d.tensor(d.shape())],
    attrs: { rate: d.choice([0, 0.3, 0.5, 0.9]) },
  })),
  cast: line(
    (x: gt.Tensor, { dtype }: { dtype: gt.Dtype }) => gt.cast(x, dtype),
    (d) => ({
      inputs: [d.tensor(d.shape(), betweenIntegers)],
      attrs: { dtype: d.choice(["float64", "float64", "int32", "bool"]) },
    }),
  ),
};

/** Two inputs whose quotients are away from integers. */
function quotients(d: Draw): gt.Value[] {
  const [left, right] = d.broadcastable();
  const a = gt.add(d.integers(left, -2, 1), d.tensor(left, range(0.4, 0.5)));
  const b = gt.mul(d.tensor(right, range(0.9, 1.1)), d.choice([1, -1]));
  return [gt.cast(a, d.dtype), b];
}

function booleans(d: Draw): gt.Value[] {
  const [a, b] = d.broadcastable();
  return [d.booleans(a), d.booleans(b)];
}

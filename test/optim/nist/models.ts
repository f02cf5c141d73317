// The 27 models of the NIST StRD collection, written with ops: from parameters b and predictors x to predictions.
import {
  add,
  atan,
  cos,
  div,
  exp,
  log,
  mul,
  neg,
  pow,
  type Scalar,
  sin,
  square,
  sub,
  type Tensor,
  type Value,
} from "gradtape";

/** b1, b2, …, as they are called by NIST. */
export type Parameters = readonly Scalar[];

export interface Model {
  readonly predict: (b: Parameters, x: Tensor, x2: Tensor) => Tensor;
  /** What is predicted is the logarithm of the response. */
  readonly logarithmic?: boolean;
}

/** a0 + a1 x + a2 x² + …, by Horner. */
const polynomial = (coefficients: readonly Value[], x: Tensor): Tensor =>
  coefficients.reduceRight<Tensor>((sum, a) => add(mul(sum, x), a), mul(0, x));

const rational =
  (numerator: number) =>
  (b: Parameters, x: Tensor): Tensor =>
    div(polynomial(b.slice(0, numerator), x), polynomial([1, ...b.slice(numerator)], x));

const decay = (height: Value, rate: Value, x: Tensor): Tensor => mul(height, exp(neg(mul(rate, x))));
const bell = (height: Value, center: Value, width: Value, x: Tensor): Tensor =>
  mul(height, exp(neg(square(div(sub(x, center), width)))));
const wave = (period: Value, cosine: Value, sine: Value, x: Tensor): Tensor => {
  const angle = div(mul(2 * Math.PI, x), period);
  return add(mul(cosine, cos(angle)), mul(sine, sin(angle)));
};

const exponentialRise: Model = { predict: ([b1, b2], x) => mul(b1, sub(1, exp(neg(mul(b2, x))))) };
const chwirut: Model = { predict: ([b1, b2, b3], x) => div(exp(neg(mul(b1, x))), add(b2, mul(b3, x))) };
const lanczos: Model = {
  predict: ([b1, b2, b3, b4, b5, b6], x) => add(add(decay(b1, b2, x), decay(b3, b4, x)), decay(b5, b6, x)),
};
const gauss: Model = {
  predict: ([b1, b2, b3, b4, b5, b6, b7, b8], x) =>
    add(add(decay(b1, b2, x), bell(b3, b4, b5, x)), bell(b6, b7, b8, x)),
};

/** In NIST's order: lower, average, higher difficulty. */
export const models: Readonly<Record<string, Model>> = {
  Misra1a: exponentialRise,
  Chwirut2: chwirut,
  Chwirut1: chwirut,
  Lanczos3: lanczos,
  Gauss1: gauss,
  Gauss2: gauss,
  DanWood: { predict: ([b1, b2], x) => mul(b1, pow(x, b2)) },
  Misra1b: { predict: ([b1, b2], x) => mul(b1, sub(1, pow(add(1, div(mul(b2, x), 2)), -2))) },
  Kirby2: { predict: rational(3) },
  Hahn1: { predict: rational(4) },
  Nelson: { predict: ([b1, b2, b3], x1, x2) => sub(b1, mul(mul(b2, x1), exp(neg(mul(b3, x2))))), logarithmic: true },
  MGH17: { predict: ([b1, b2, b3, b4, b5], x) => add(b1, add(decay(b2, b4, x), decay(b3, b5, x))) },
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Gauss3: gauss,
  Misra1c: { predict: ([b1, b2], x) => mul(b1, sub(1, pow(add(1, mul(mul(2, b2), x)), -0.5))) },
  Misra1d: { predict: ([b1, b2], x) => div(mul(mul(b1, b2), x), add(1, mul(b2, x))) },
  Roszman1: {
    predict: ([b1, b2, b3, b4], x) => sub(sub(b1, mul(b2, x)), div(atan(div(b3, sub(x, b4))), Math.PI)),
  },
  ENSO: {
    predict: ([b1, b2, b3, b4, b5, b6, b7, b8, b9], x) =>
      add(b1, add(wave(12, b2, b3, x), add(wave(b4, b5, b6, x), wave(b7, b8, b9, x)))),
  },
  MGH09: {
    predict: ([b1, b2, b3, b4], x) => div(mul(b1, add(square(x), mul(x, b2))), add(add(square(x), mul(x, b3)), b4)),
  },
  Thurber: { predict: rational(4) },
  BoxBOD: exponentialRise,
  Rat42: { predict: ([b1, b2, b3], x) => div(b1, add(1, exp(sub(b2, mul(b3, x))))) },
  MGH10: { predict: ([b1, b2, b3], x) => mul(b1, exp(div(b2, add(x, b3)))) },
  Eckerle4: { predict: ([b1, b2, b3], x) => mul(div(b1, b2), exp(mul(-0.5, square(div(sub(x, b3), b2))))) },
  Rat43: { predict: ([b1, b2, b3, b4], x) => div(b1, pow(add(1, exp(sub(b2, mul(b3, x)))), div(1, b4))) },
  Bennett5: { predict: ([b1, b2, b3], x) => mul(b1, pow(add(b2, x), div(-1, b3))) },
};

/** The response in the form that the model predicts. */
export const response = (model: Model, y: Tensor): Tensor => (model.logarithmic === true ? log(y) : y);

import { loss, type Scalar, square, sub, sum, type Tensor, tensor } from "gradtape";
import { type FloatDtype, Numbers } from "../../truth/numbers";

export type Params = Readonly<Record<string, Tensor>>;
export type Sample = Readonly<Record<string, Tensor>>;

/** The loss of one sample, with parameters and a batch for it: every leaf of the batch has one row for each sample. */
export interface Problem {
  readonly params: Params;
  readonly batch: Sample;
  loss(params: Params, sample: Sample): Scalar;
}

/** A kind of model; its sizes and numbers are drawn. */
export type Family = (draw: Draw) => Problem;

/** What the models of a family are drawn from. */
export class Draw {
  readonly #numbers: Numbers;

  /** `sizes`: inputs, outputs and positions, for families that have them. */
  constructor(
    readonly sizes: readonly [n: number, m: number, positions: number],
    readonly batchSize: number,
    readonly dtype: FloatDtype,
    seed: number,
  ) {
    this.#numbers = new Numbers(seed, dtype);
  }

  /** One of some choices. */
  one<T>(choices: readonly T[]): T {
    return choices[this.#numbers.integer(choices.length)];
  }

  /** A parameter. */
  weights(...shape: readonly number[]): Tensor {
    return this.#numbers.tensor(shape, -1, 1);
  }

  /** Numbers of the samples, [B, ...shape]. */
  rows(...shape: readonly number[]): Tensor {
    return this.#numbers.tensor([this.batchSize, ...shape], -2, 2);
  }

  /** Integers below `count` for the samples, [B, ...shape]. */
  indices(count: number, ...shape: readonly number[]): Tensor {
    const whole = [this.batchSize, ...shape];
    const size = whole.reduce((a, b) => a * b, 1);
    const data = Array.from({ length: size }, () => this.#numbers.integer(count));
    return tensor(data, { shape: whole, dtype: "int32" });
  }
}

/** The sum of squares. */
export const squares = (x: Tensor): Scalar => sum(square(x));

/** How a model of `outputs` numbers, [..., outputs], ends: what it needs of the batch, and the loss. */
export function ending(
  draw: Draw,
  outputs: number,
  ...positions: readonly number[]
): { readonly batch: Sample; loss(z: Tensor, sample: Sample): Scalar } {
  if (draw.one([true, false])) {
    const y = draw.indices(outputs, ...positions);
    return { batch: { y }, loss: (z, s) => loss.crossEntropy(z, s.y) };
  }
  return { batch: { y: draw.rows(...positions, outputs) }, loss: (z, s) => squares(sub(z, s.y)) };
}

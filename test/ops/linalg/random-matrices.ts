import fc from "fast-check";
import * as gt from "gradtape";

export type Tensor = gt.Tensor;

/** A matrix with numbers from -2 to 2. */
export const matrix = (rows: number, columns: number): fc.Arbitrary<Tensor> =>
  fc
    .array(fc.integer({ min: -2000, max: 2000 }), { minLength: rows * columns, maxLength: rows * columns })
    .map((data) =>
      gt.tensor(
        data.map((x) => x / 1000),
        { shape: [rows, columns] },
      ),
    );

/** A rotation: q of a matrix that is drawn. */
export const orthogonal = (n: number): fc.Arbitrary<Tensor> => matrix(n, n).map((a) => gt.linalg.qr(a).q);

/** q diag(values) rᵀ. */
export const between = (q: Tensor, values: readonly number[], r: Tensor): Tensor =>
  gt.matmul(gt.mul(q, gt.tensor(values)), gt.transpose(r));

export const inner = (a: Tensor, b: Tensor): gt.Scalar => gt.sum(gt.mul(a, b));

export const close = (a: Tensor, b: Tensor, bound = 1e-11): boolean =>
  gt.allClose(a, b, { relative: 0, absolute: bound });

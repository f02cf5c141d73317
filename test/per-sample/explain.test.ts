// What explain() says of the gradient of each parameter: a term as einsum writes it, to be checked by eye.
import {
  add,
  batchGrad,
  conv2d,
  matmul,
  mul,
  ones,
  reshape,
  type Scalar,
  scan,
  slice,
  square,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  transpose,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { Numbers } from "../truth/numbers";

type Params = Readonly<Record<string, Tensor>>;
const numbers = new Numbers(1);
const squares = (x: Tensor): Scalar => sum(square(x));
const explanation = <P>(loss: (p: P, x: Tensor) => Scalar, params: P, batch: Tensor) =>
  batchGrad(loss)(params, batch).explain();

/** The terms of each parameter. */
const termsOf = <P>(loss: (p: P, x: Tensor) => Scalar, params: P, batch: Tensor): Record<string, unknown> =>
  Object.fromEntries(explanation(loss, params, batch).rows.map((row) => [row.parameter, row.terms]));

describe("the whole table", () => {
  test("of a dense layer: the outer product of what comes in and what comes back, and a bias as it stands", () => {
    const params = { w: numbers.tensor([4, 3]), b: numbers.tensor([3]) };
    const loss = (p: typeof params, x: Tensor): Scalar => squares(add(matmul(x, p.w), p.b));
    // 8 samples: 8 (12 + 12 + 12) operations by rows; 8 (4 + 3) twice, and what is written, by pairs.
    expect(String(explanation(loss, params, numbers.tensor([8, 4])))).toBe(
      [
        "batchGrad of 8 samples",
        "  parameter  shape   terms       way    gram   operationsByRows  operationsByPairs  samplesAtATime  rowsAtATime",
        "  w          [4, 3]  ia,ib->iab  pairs  pairs  288               72                 8               8",
        "  b          [3]     ia->ia      rows   rows   24                32                 8               8",
      ].join("\n"),
    );
  });

  test("of an embedding: rows of what comes back, at the indices", () => {
    const batch = tensor([0, 1, 2, 2, 3, 9], { shape: [3, 2], dtype: "int32" });
    const loss = (table: Tensor, i: Tensor): Scalar => squares(take(table, i));
    expect(String(explanation(loss, numbers.tensor([10, 3]), batch))).toBe(
      [
        "batchGrad of 3 samples",
        "  parameter  shape    terms           way    gram   operationsByRows  operationsByPairs  samplesAtATime  rowsAtATime",
        "  (params)   [10, 3]  itb,it[a]->iab  pairs  pairs  360               30                 3               3",
      ].join("\n"),
    );
  });
});

describe("the terms", () => {
  test("of a layer at many positions are summed over these", () => {
    const params: Params = { w: numbers.tensor([40, 30]), b: numbers.tensor([30]) };
    const loss = (p: Params, x: Tensor): Scalar => squares(add(matmul(x, p.w), p.b));
    expect(termsOf(loss, params, numbers.tensor([8, 5, 40]))).toEqual({ w: "ita,itb->iab", b: "ia->ia" });
  });

  test("of a convolution at few positions are of windows of its input, at many the kernel's gradient as it stands", () => {
    const loss = (k: Tensor, x: Tensor): Scalar => squares(tanh(conv2d(x, k)));
    const terms = (side: number) => termsOf(loss, numbers.tensor([8, 8, 4, 4]), numbers.tensor([2, 1, 8, side, side]));
    expect(terms(5)).toEqual({ "(params)": "icdbtu,iatu->iabcd" });
    expect(terms(30)).toEqual({ "(params)": "iabcd->iabcd" });
  });

  test("of a matrix that is used on its side too are two", () => {
    const loss = (w: Tensor, x: Tensor): Scalar => squares(matmul(tanh(matmul(x, w)), transpose(w)));
    expect(termsOf(loss, numbers.tensor([4, 3]), numbers.tensor([8, 4]))).toEqual({
      "(params)": "ib,ia->iab + ia,ib->iab",
    });
  });

  test("of parts of one vector stand where the parts do", () => {
    const loss = (p: Tensor, x: Tensor): Scalar => {
      const [first, second] = [slice(p, [{ start: 0, stop: 12 }]), slice(p, [{ start: 12, stop: 18 }])];
      const y = matmul(tanh(matmul(x, reshape(first, [4, 3]))), reshape(second, [3, 2]));
      return squares(add(y, slice(p, [{ start: 18 }])));
    };
    const { "(params)": terms } = termsOf(loss, numbers.tensor([20]), numbers.tensor([8, 4]));
    expect(String(terms).split(" + ").sort()).toEqual(["ia,ib->i(ab)@0", "ia,ib->i(ab)@12", "ia->ia@18"]);
  });

  test("of every second row say so", () => {
    const loss = (p: Tensor, x: Tensor): Scalar => squares(matmul(slice(p, [{ start: 1, step: 2 }]), x));
    expect(termsOf(loss, numbers.tensor([6, 3]), numbers.tensor([8, 3]))).toEqual({
      "(params)": "ia,ib->ia@1:2b",
    });
  });

  test("of a loop are summed over its turns", () => {
    const params: Params = { wx: numbers.tensor([4, 12]), wh: numbers.tensor([3, 12]), b: numbers.tensor([12]) };
    const cell = (p: Params, h: Tensor, x: Tensor): Tensor =>
      sum(reshape(tanh(add(add(matmul(h, p.wh), matmul(x, p.wx)), p.b)), [4, 3]), { axis: 0 });
    const loss = (p: Params, xs: Tensor): Scalar =>
      squares(scan((h: Tensor, x: Tensor): [Tensor, undefined] => [cell(p, h, x), undefined], zeros([3]), xs)[0]);
    expect(termsOf(loss, params, numbers.tensor([8, 6, 4]))).toEqual({
      wx: "ita,itb->iab",
      wh: "ita,itb->iab",
      b: "ita->ia",
    });
  });

  test("of a penalty are the same for all samples, and a parameter without a part in the loss has none", () => {
    const params: Params = { w: numbers.tensor([4, 3]), u: numbers.tensor([2]) };
    const loss = (p: Params, x: Tensor): Scalar => add(squares(matmul(x, p.w)), mul(squares(p.w), 0.5));
    expect(termsOf(loss, params, numbers.tensor([8, 4]))).toEqual({ w: "ab->iab + ia,ib->iab", u: "0" });
  });

  test("what the Gram matrix of several chunks computes again", () => {
    const result = (chunk: number) =>
      batchGrad((w: Tensor, x: Tensor) => sum(mul(w, x)), { chunk })(ones([2]), ones([7, 2]));
    expect(result(7).explain().rows).toHaveLength(1);
    expect(result(3).explain().rows[1]).toEqual({ product: "gram", way: "factors of 3 chunks computed once more" });
  });
});

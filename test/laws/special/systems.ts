import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { linalg, tensor, zeros } = gt;
const none = zeros([0, 0]);
const noMatrices = zeros([0, 2, 2]);

/** Of rank n - 1 and n - 2; the second to rounding only. */
const rankOne = [
  [1, 2],
  [2, 4],
];
const nine = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];
const triangularWith = (x: number) => [
  [2, x],
  [1, 4],
];

export const systemCalls: Rows<Call> = {
  "linalg.choleskySolve": [
    {
      says: "reads the lower triangle alone",
      f: (l, b) => linalg.choleskySolve(l, b),
      xs: [
        [
          [2, NaN],
          [0, 1],
        ],
        [4, 3],
      ],
      value: [1, 3],
    },
    { says: "of size 0 is empty", f: (l, b) => linalg.choleskySolve(l, b), xs: [none, gt.zeros([0])], value: [] },
    {
      says: "refuses 0 on the diagonal",
      f: (l, b) => linalg.choleskySolve(l, b),
      xs: [[[0]], [1]],
      throws: "linalg/singular",
    },
  ],
  "linalg.lu": [
    {
      says: "takes the first of equal pivots",
      f: (a) => linalg.lu(a).permutation,
      xs: [
        [
          [1, 2],
          [-1, 3],
        ],
      ],
      value: [0, 1],
    },
    {
      says: "of a singular matrix has a zero pivot, and no gradient",
      f: (a) => linalg.lu(a).u,
      xs: [
        [
          [
            [1, 2],
            [2, 4],
          ],
          [
            [2, 0],
            [0, 1],
          ],
        ],
      ],
      value: [
        [
          [2, 4],
          [0, 0],
        ],
        [
          [2, 0],
          [0, 1],
        ],
      ],
      gradients: [
        [
          [
            [NaN, NaN],
            [NaN, NaN],
          ],
          [
            [1, 1],
            [0, 1],
          ],
        ],
      ],
    },
    { says: "of a matrix of size 0 is empty", f: (a) => linalg.lu(a).l, xs: [none], value: [], gradients: [[]] },
    { says: "of no matrices is none", f: (a) => linalg.lu(a).u, xs: [noMatrices], shape: [0, 2, 2] },
    {
      says: "of a matrix that is not square throws",
      f: (a) => linalg.lu(a).u,
      xs: [[[1, 2]]],
      throws: "linalg/square",
    },
  ],
  "linalg.expm": [
    {
      says: "of zeros is the identity",
      f: (a) => linalg.expm(a),
      xs: [
        [
          [0, 0],
          [0, 0],
        ],
      ],
      value: [
        [1, 0],
        [0, 1],
      ],
      gradients: [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    },
    {
      says: "of one number is its exponential",
      f: (a) => linalg.expm(a),
      xs: [[[-800]]],
      value: [[0]],
      gradients: [[[0]]],
    },
    {
      says: "of NaN is NaN, of that matrix only",
      f: (a) => linalg.expm(a),
      xs: [[[[NaN]], [[0]]]],
      value: [[[NaN]], [[1]]],
      gradients: [[[[NaN]], [[1]]]],
    },
    { says: "of a matrix of size 0 is empty", f: (a) => linalg.expm(a), xs: [none], value: [], gradients: [[]] },
    { says: "of no matrices is none", f: (a) => linalg.expm(a), xs: [noMatrices], shape: [0, 2, 2] },
  ],
  "linalg.cholesky": [
    {
      says: "of one number is its root",
      f: (a) => linalg.cholesky(a),
      xs: [[[9]]],
      value: [[3]],
      gradients: [[[1 / 6]]],
    },
    { says: "of a matrix of size 0 is empty", f: (a) => linalg.cholesky(a), xs: [none], value: [], gradients: [[]] },
    { says: "of no matrices is none", f: (a) => linalg.cholesky(a), xs: [noMatrices], shape: [0, 2, 2] },
    {
      says: "reads the mean of both triangles, and so is its gradient",
      f: (a) => gt.slice(linalg.cholesky(a), [1, 0]),
      xs: [
        [
          [4, 3],
          [1, 10],
        ],
      ],
      value: 1,
      gradients: [
        [
          [-1 / 8, 1 / 4],
          [1 / 4, 0],
        ],
      ],
    },
    { says: "refuses a pivot of 0", f: (a) => linalg.cholesky(a), xs: [rankOne], throws: "linalg/indefinite" },
    { says: "refuses -0", f: (a) => linalg.cholesky(a), xs: [[[-0]]], throws: "linalg/indefinite" },
    {
      says: "takes NaN to the pivots after it",
      f: (a) => linalg.cholesky(a),
      xs: [
        [
          [1, NaN],
          [NaN, 2],
        ],
      ],
      value: [
        [1, 0],
        [NaN, NaN],
      ],
    },
    {
      says: "of tiny and huge numbers neither underflows nor overflows",
      f: (a) => linalg.cholesky(a),
      xs: [
        [
          [1e-300, 0],
          [0, 1e300],
        ],
      ],
      value: [
        [1e-150, 0],
        [0, 1e150],
      ],
    },
  ],
  "linalg.triangularSolve": [
    {
      says: "does not read the other triangle, where the gradient is 0",
      f: (a, b) => linalg.triangularSolve(a, b),
      xs: [triangularWith(NaN), [2, 9]],
      value: [1, 2],
      gradients: [
        [
          [-0.375, 0],
          [-0.25, -0.5],
        ],
        [0.375, 0.25],
      ],
    },
    {
      says: "does not read a diagonal of ones, where the gradient is 0",
      f: (a, b) => linalg.triangularSolve(a, b, { unitDiagonal: true }),
      xs: [
        [
          [NaN, NaN],
          [3, 0],
        ],
        [1, 5],
      ],
      value: [1, 2],
      gradients: [
        [
          [0, 0],
          [-1, 0],
        ],
        [-2, 1],
      ],
    },
    {
      says: "divides by what is merely small",
      f: (a, b) => linalg.triangularSolve(a, b),
      xs: [[[1e-300]], [1]],
      value: [1e300],
    },
    { says: "refuses 0", f: (a, b) => linalg.triangularSolve(a, b), xs: [[[0]], [1]], throws: "linalg/singular" },
    { says: "refuses -0", f: (a, b) => linalg.triangularSolve(a, b), xs: [[[-0]], [1]], throws: "linalg/singular" },
    {
      says: "takes NaN on to what depends on it",
      f: (a, b) => linalg.triangularSolve(a, b, { upper: true }),
      xs: [triangularWith(NaN), [1, 4]],
      value: [NaN, 1],
    },
    {
      says: "of size 0 is empty",
      f: (a, b) => linalg.triangularSolve(a, b),
      xs: [none, zeros([0, 2])],
      shape: [0, 2],
      gradients: [[], []],
    },
  ],
  "linalg.solve": [
    {
      says: "of one number divides",
      f: (a, b) => linalg.solve(a, b),
      xs: [[[4]], [2]],
      value: [0.5],
      gradients: [[[-0.125]], [0.25]],
    },
    {
      says: "without right-hand sides is empty",
      f: (a, b) => linalg.solve(a, b),
      xs: [triangularWith(0), zeros([2, 0])],
      value: [[], []],
      gradients: [
        [
          [0, 0],
          [0, 0],
        ],
        [[], []],
      ],
    },
    {
      says: "of size 0 is empty",
      f: (a, b) => linalg.solve(a, b),
      xs: [none, zeros([0])],
      value: [],
      gradients: [[], []],
    },
    { says: "of no matrices is none", f: (a, b) => linalg.solve(a, b), xs: [noMatrices, [1, 2]], shape: [0, 2] },
    { says: "refuses a pivot of 0", f: (a, b) => linalg.solve(a, b), xs: [rankOne, [1, 2]], throws: "linalg/singular" },
    {
      says: "refuses a pivot of rounding",
      f: (a, b) => linalg.solve(a, b),
      xs: [nine, [1, 2, 3]],
      throws: "linalg/singular",
    },
    {
      says: "takes matrices that are badly scaled, but regular",
      f: (a, b) => linalg.solve(a, b),
      xs: [
        [
          [1e-200, 0],
          [0, 1e200],
        ],
        [1e-200, 1e200],
      ],
      value: [1, 1],
    },
    {
      says: "is NaN with NaN in the matrix, also in a column of zeros",
      f: (a, b) => linalg.solve(a, b),
      xs: [
        [
          [0, NaN],
          [0, 1],
        ],
        [1, 2],
      ],
      value: [NaN, NaN],
    },
  ],
  "linalg.inv": [
    {
      says: "of one number is its reciprocal",
      f: (a) => linalg.inv(a),
      xs: [[[-4]]],
      value: [[-0.25]],
      gradients: [[[-0.0625]]],
    },
    { says: "of Infinity is 0", f: (a) => linalg.inv(a), xs: [[[Infinity]]], value: [[0]] },
    { says: "of NaN is NaN", f: (a) => linalg.inv(a), xs: [[[NaN]]], value: [[NaN]] },
    { says: "of a matrix of size 0 is empty", f: (a) => linalg.inv(a), xs: [none], value: [], gradients: [[]] },
    { says: "refuses a pivot of 0", f: (a) => linalg.inv(a), xs: [rankOne], throws: "linalg/singular" },
    { says: "refuses 0", f: (a) => linalg.inv(a), xs: [[[0]]], throws: "linalg/singular" },
  ],
  "linalg.det": [
    { says: "of one number is that number", f: (a) => linalg.det(a), xs: [[[-1.7]]], value: -1.7, gradients: [[[1]]] },
    { says: "of 0 has derivative 1", f: (a) => linalg.det(a), xs: [[[0]]], value: 0, gradients: [[[1]]] },
    { says: "of NaN has derivative 1", f: (a) => linalg.det(a), xs: [[[NaN]]], value: NaN, gradients: [[[1]]] },
    { says: "of a matrix of size 0 is 1", f: (a) => linalg.det(a), xs: [none], value: 1, gradients: [[]] },
    { says: "of no matrices is none", f: (a) => linalg.det(a), xs: [noMatrices], value: [], gradients: [[]] },
    {
      says: "of rank n - 1 has the adjugate as gradient",
      f: (a) => linalg.det(a),
      xs: [rankOne],
      value: 0,
      gradients: [
        [
          [4, -2],
          [-2, 1],
        ],
      ],
    },
    {
      says: "of rank n - 2 has gradient 0",
      f: (a) => linalg.det(a),
      xs: [
        [
          [1, 2, 3],
          [2, 4, 6],
          [-1, -2, -3],
        ],
      ],
      value: 0,
      gradients: [
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    },
    {
      says: "is 0, not NaN, where large pivots meet 0",
      f: (a) => linalg.det(a),
      xs: [
        [
          [1e200, 0, 0],
          [0, 1e200, 0],
          [0, 0, 0],
        ],
      ],
      value: 0,
    },
    {
      says: "does not overflow on the way",
      f: (a) => linalg.det(gt.diag(a)),
      xs: [[1e200, 1e200, 1e-200, 1e-200]],
      value: 1,
      gradients: [[1e-200, 1e-200, 1e200, 1e200]],
    },
  ],
  "linalg.slogdet": [
    { says: "of one number", f: (a) => partsOf(a), xs: [[[-1]]], value: [-1, 0], gradients: [[[-1]]] },
    { says: "of a matrix of size 0 is that of 1", f: (a) => partsOf(a), xs: [none], value: [1, 0], gradients: [[]] },
    {
      says: "of a singular matrix is 0 and -Infinity, without derivative",
      f: (a) => partsOf(a),
      xs: [rankOne],
      value: [0, -Infinity],
      gradients: [
        [
          [NaN, NaN],
          [NaN, NaN],
        ],
      ],
    },
    {
      says: "of singular matrices that are passed over does no harm",
      f: (a) => {
        const { sign, logAbsDet } = linalg.slogdet(a);
        return gt.where(gt.equal(sign, 0), 0, logAbsDet);
      },
      xs: [[rankOne, triangularWith(0)]],
      value: [0, Math.log(8)],
      gradients: [
        [
          [
            [0, 0],
            [0, 0],
          ],
          [
            [0.5, -0.125],
            [0, 0.25],
          ],
        ],
      ],
    },
    {
      says: "neither overflows nor underflows",
      f: (a) => partsOf(a),
      xs: [
        [
          [
            [1e300, 0],
            [0, -1e300],
          ],
          [
            [0, 1e-300],
            [1e-300, 0],
          ],
        ],
      ],
      value: [
        [-1, -1],
        [600 * Math.LN10, -600 * Math.LN10],
      ],
    },
    { says: "of NaN is NaN", f: (a) => partsOf(a), xs: [[[NaN]]], value: [NaN, NaN] },
  ],
  "linalg.trace": [
    { says: "of an empty tensor is 0", f: (a) => linalg.trace(a), xs: [none], value: 0, gradients: [[]] },
    { says: "beside the matrix is 0", f: (a) => linalg.trace(a, { k: 5 }), xs: [rankOne], value: 0 },
    { says: "keeps integers", f: (a) => linalg.trace(a), xs: [tensor([[1, 2]], { dtype: "int32" })], value: 1 },
    {
      says: "does not read what is beside it",
      f: (a) => linalg.trace(a),
      xs: [triangularWith(NaN)],
      value: 6,
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
  ],
  "linalg.cross": [
    {
      says: "of parallel vectors is 0",
      f: (a, b) => linalg.cross(a, b),
      xs: [
        [1, 2, 3],
        [2, 4, 6],
      ],
      value: [0, 0, 0],
    },
    {
      says: "keeps integers",
      f: (a, b) => linalg.cross(a, b),
      xs: [tensor(new Int32Array([1, 0, 0])), tensor(new Int32Array([0, 1, 0]))],
      value: [0, 0, 1],
    },
    { says: "of no vectors is none", f: (a, b) => linalg.cross(a, b), xs: [zeros([0, 3]), [1, 2, 3]], shape: [0, 3] },
    {
      says: "does not protect 0 from Infinity",
      f: (a, b) => linalg.cross(a, b),
      xs: [
        [Infinity, 0, 0],
        [0, 0, 0],
      ],
      value: [0, NaN, NaN],
    },
  ],
  "linalg.kron": [
    {
      says: "repeats b in blocks",
      f: (a, b) => linalg.kron(a, b),
      xs: [[[1, 2]], [[3], [4]]],
      value: [
        [3, 6],
        [4, 8],
      ],
      gradients: [[[7, 7]], [[3], [3]]],
    },
    {
      says: "keeps integers, and counts bool",
      f: (a, b) => linalg.kron(gt.cast(a, "int32"), gt.cast(b, "bool")),
      xs: [[[2, 3]], [[1, 0]]],
      value: [[2, 0, 3, 0]],
    },
    {
      says: "with an empty matrix is empty",
      f: (a, b) => linalg.kron(a, b),
      xs: [zeros([0, 2]), [[1, 2]]],
      shape: [0, 4],
    },
    {
      says: "of no matrices is none",
      f: (a, b) => linalg.kron(a, b),
      xs: [zeros([0, 1, 2]), [[1, 2]]],
      shape: [0, 1, 4],
    },
    {
      says: "does not protect 0 from Infinity in values, but in derivatives",
      f: (a, b) => gt.mul(linalg.kron(a, b), tensor([[1, 0]])),
      xs: [[[0]], [[Infinity, NaN]]],
      value: [[NaN, NaN]],
      gradients: [[[Infinity]], [[0, 0]]],
    },
    { says: "of a vector throws", f: (a, b) => linalg.kron(a, b), xs: [[1, 2], [[1]]], throws: "shape/rank" },
  ],
};

function partsOf(a: gt.Tensor): gt.Tensor[] {
  const { sign, logAbsDet } = linalg.slogdet(a);
  return [sign, logAbsDet];
}

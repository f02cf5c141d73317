import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { eigh, eigvalsh, svd, qr, pinv, lstsq, norm } = gt.linalg;
const ofEigen = (a: gt.Tensor) => {
  const { values, vectors } = eigh(a);
  return [values, vectors];
};
const ofSingular = (a: gt.Tensor) => {
  const { u, s, vt } = svd(a);
  return [u, s, vt];
};
const ofQr = (a: gt.Tensor) => {
  const { q, r } = qr(a);
  return [q, r];
};
const zeros2 = [
  [0, 0],
  [0, 0],
];
const nan2 = [
  [NaN, NaN],
  [NaN, NaN],
];

export const decompositionCalls: Rows<Call> = {
  "linalg.eigvalsh": [
    {
      says: "of a matrix of size 0 is empty",
      f: (a) => eigvalsh(a),
      xs: [gt.zeros([0, 0])],
      value: [],
      gradients: [[]],
    },
    {
      says: "has a finite gradient where values are equal",
      f: (a) => eigvalsh(a),
      xs: [
        [
          [2, 0],
          [0, 2],
        ],
      ],
      value: [2, 2],
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
    { says: "of NaN is NaN", f: (a) => eigvalsh(a), xs: [nan2], value: [NaN, NaN] },
    { says: "of a matrix that is not square throws", f: (a) => eigvalsh(a), xs: [[[1, 2]]], throws: "linalg/square" },
  ],
  "linalg.eigh": [
    {
      says: "of one number is that number",
      f: ofEigen,
      xs: [[[-3]]],
      value: [[-3], [[1]]],
      gradients: [[[1]]],
    },
    {
      says: "of zeros is zeros and the identity; the gradient is finite",
      f: ofEigen,
      xs: [zeros2],
      value: [
        [0, 0],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
    {
      says: "gives values alone their gradient where they are equal",
      f: (a) => gt.sum(eigh(a).values),
      xs: [
        [
          [2, 0],
          [0, 2],
        ],
      ],
      value: 4,
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
    {
      says: "reads both triangles, half each",
      f: (a) => eigh(a).values,
      xs: [
        [
          [0, 4],
          [0, 0],
        ],
      ],
      value: [-2, 2],
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
    {
      says: "of huge and of tiny numbers neither overflows nor vanishes",
      f: (a) => eigh(a).values,
      xs: [
        [
          [
            [0, 1e200],
            [1e200, 0],
          ],
          [
            [0, 1e-200],
            [1e-200, 0],
          ],
        ],
      ],
      value: [
        [-1e200, 1e200],
        [-1e-200, 1e-200],
      ],
    },
    {
      says: "gives NaN for a matrix with NaN or Infinity, and for no other",
      f: ofEigen,
      xs: [
        [
          [
            [NaN, 0],
            [0, 1],
          ],
          [
            [1, 0],
            [0, Infinity],
          ],
          [
            [1, 0],
            [0, 2],
          ],
        ],
      ],
      value: [
        [
          [NaN, NaN],
          [NaN, NaN],
          [1, 2],
        ],
        [
          nan2,
          nan2,
          [
            [1, 0],
            [0, 1],
          ],
        ],
      ],
    },
    { says: "of no rows is empty", f: ofEigen, xs: [gt.zeros([0, 0])], value: [[], []], gradients: [[]] },
    { says: "of no matrices is empty", f: (a) => eigh(a).values, xs: [gt.zeros([0, 2, 2])], shape: [0, 2] },
  ],
  "linalg.svd": [
    {
      says: "of one number is its size; the sign goes to u",
      f: ofSingular,
      xs: [[[-3]]],
      value: [[[-1]], [3], [[1]]],
      gradients: [[[-1]]],
    },
    {
      says: "of zeros has a gradient of 0: zero singular values are kinks",
      f: (a) => svd(a).s,
      xs: [zeros2],
      value: [0, 0],
      gradients: [zeros2],
    },
    {
      says: "of a matrix of lower rank completes the vectors, and its gradient is finite",
      f: ofSingular,
      xs: [
        [
          [2, 0],
          [0, 0],
          [0, 0],
        ],
      ],
      value: [
        [
          [1, 0],
          [0, 1],
          [0, 0],
        ],
        [2, 0],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      gradients: [
        [
          [1, 0],
          [0, 0],
          [0.5, 0],
        ],
      ],
    },
    {
      says: "gives equal values alone their gradient",
      f: (a) => svd(a).s,
      xs: [
        [
          [0, -2],
          [2, 0],
        ],
      ],
      value: [2, 2],
      gradients: [
        [
          [0, -1],
          [1, 0],
        ],
      ],
    },
    {
      says: "of huge and of tiny numbers neither overflows nor vanishes",
      f: (a) => svd(a).s,
      xs: [
        [
          [[3e200], [4e200]],
          [[3e-200], [4e-200]],
        ],
      ],
      value: [[5e200], [5e-200]],
    },
    {
      says: "gives NaN for a matrix with NaN or Infinity, and for no other",
      f: (a) => svd(a).s,
      xs: [[[[NaN, 0]], [[1, Infinity]], [[3, 4]]]],
      value: [[NaN], [NaN], [5]],
    },
    { says: "of no rows has none", f: (a) => svd(a).vt, xs: [gt.zeros([0, 3])], shape: [0, 3], gradients: [[]] },
    {
      says: "of no columns has none",
      f: (a) => svd(a).u,
      xs: [gt.zeros([3, 0])],
      shape: [3, 0],
      gradients: [[[], [], []]],
    },
  ],
  "linalg.qr": [
    {
      says: "of one number is its sign and its size",
      f: ofQr,
      xs: [[[-3]]],
      value: [[[-1]], [[3]]],
      gradients: [[[-1]]],
    },
    {
      says: "of zeros is the identity and zeros, without a derivative",
      f: ofQr,
      xs: [zeros2],
      value: [
        [
          [1, 0],
          [0, 1],
        ],
        zeros2,
      ],
      gradients: [nan2],
    },
    {
      says: "of a wide matrix",
      f: ofQr,
      xs: [[[-2, 4, 6]]],
      value: [[[-1]], [[2, -4, -6]]],
      gradients: [[[-1, -1, -1]]],
    },
    {
      says: "gives NaN for a matrix with NaN or Infinity, and for no other",
      f: (a) => qr(a).r,
      xs: [
        [
          [[NaN], [0]],
          [[1], [Infinity]],
          [[3], [4]],
        ],
      ],
      value: [[[NaN]], [[NaN]], [[5]]],
    },
    {
      says: "of huge and of tiny numbers neither overflows nor vanishes",
      f: (a) => qr(a).r,
      xs: [
        [
          [[3e200], [4e200]],
          [[3e-200], [4e-200]],
        ],
      ],
      value: [[[5e200]], [[5e-200]]],
    },
    { says: "of no rows has none", f: (a) => qr(a).r, xs: [gt.zeros([0, 3])], shape: [0, 3], gradients: [[]] },
    {
      says: "of no columns has none",
      f: (a) => qr(a).q,
      xs: [gt.zeros([3, 0])],
      shape: [3, 0],
      gradients: [[[], [], []]],
    },
  ],
  "linalg.pinv": [
    { says: "of 0 is 0", f: pinv, xs: [[[0]]], value: [[0]], gradients: [[[0]]] },
    { says: "of a number is its inverse", f: pinv, xs: [[[-4]]], value: [[-0.25]], gradients: [[[-0.0625]]] },
    {
      says: "of a matrix of lower rank, and its gradient along such matrices",
      f: pinv,
      xs: [
        [
          [2, 0],
          [0, 0],
        ],
      ],
      value: [
        [0.5, 0],
        [0, 0],
      ],
      gradients: [
        [
          [-0.25, 0.25],
          [0.25, 0],
        ],
      ],
    },
    {
      says: "of huge and of tiny numbers neither overflows nor vanishes",
      f: pinv,
      xs: [[[[1e200]], [[1e-200]]]],
      value: [[[1e-200]], [[1e200]]],
    },
    {
      says: "gives NaN for a matrix with NaN or Infinity, and for no other",
      f: pinv,
      xs: [[[[NaN, 0]], [[1, Infinity]], [[0, 4]]]],
      value: [
        [[NaN], [NaN]],
        [[NaN], [NaN]],
        [[0], [0.25]],
      ],
    },
    { says: "of no rows has no columns", f: pinv, xs: [gt.zeros([0, 3])], shape: [3, 0], gradients: [[]] },
    { says: "of no columns has no rows", f: pinv, xs: [gt.zeros([3, 0])], shape: [0, 3], gradients: [[[], [], []]] },
  ],
  "linalg.lstsq": [
    {
      says: "of zeros is zeros",
      f: lstsq,
      xs: [zeros2, [1, 2]],
      value: [0, 0],
      gradients: [zeros2, [0, 0]],
    },
    {
      says: "gives the shortest of several solutions",
      f: lstsq,
      xs: [[[1, 1]], [4]],
      value: [2, 2],
      gradients: [[[-2, -2]], [1]],
    },
    {
      says: "gives NaN where a or b has it",
      f: lstsq,
      xs: [
        [
          [1, 0],
          [0, 1],
        ],
        [
          [NaN, 1],
          [2, 3],
        ],
      ],
      value: [
        [NaN, 1],
        [null, 3],
      ],
    },
    { says: "of no equations is zero", f: lstsq, xs: [gt.zeros([0, 2]), gt.zeros([0])], value: [0, 0] },
    { says: "of no unknowns is empty", f: lstsq, xs: [gt.zeros([2, 0]), [1, 2]], value: [] },
  ],
  "linalg.norm": [
    { says: "of zeros has gradient 0", f: (a) => norm(a), xs: [zeros2], value: 0, gradients: [zeros2] },
    {
      says: "nuc of zeros has gradient 0",
      f: (a) => norm(a, { ord: "nuc" }),
      xs: [zeros2],
      value: 0,
      gradients: [zeros2],
    },
    { says: "2 of zeros has gradient 0", f: (a) => norm(a, { ord: 2 }), xs: [zeros2], value: 0, gradients: [zeros2] },
    { says: "1 of zeros has gradient 0", f: (a) => norm(a, { ord: 1 }), xs: [zeros2], value: 0, gradients: [zeros2] },
    {
      says: "1 shares evenly between columns that tie",
      f: (a) => norm(a, { ord: 1 }),
      xs: [
        [
          [1, -1],
          [2, 2],
        ],
      ],
      value: 3,
      gradients: [
        [
          [0.5, -0.5],
          [0.5, 0.5],
        ],
      ],
    },
    {
      says: "Infinity takes the largest row",
      f: (a) => norm(a, { ord: Infinity }),
      xs: [
        [
          [1, -1],
          [2, -2],
        ],
      ],
      value: 4,
      gradients: [
        [
          [0, 0],
          [1, -1],
        ],
      ],
    },
    {
      says: "2 shares evenly between equal singular values",
      f: (a) => norm(a, { ord: 2 }),
      xs: [
        [
          [2, 0],
          [0, -2],
        ],
      ],
      value: 2,
      gradients: [
        [
          [0.5, 0],
          [0, -0.5],
        ],
      ],
    },
    { says: "fro of an empty matrix is 0", f: (a) => norm(a), xs: [gt.zeros([0, 2])], value: 0, gradients: [[]] },
    { says: "nuc of an empty matrix is 0", f: (a) => norm(a, { ord: "nuc" }), xs: [gt.zeros([0, 2])], value: 0 },
    {
      says: "1 of no columns is an error",
      f: (a) => norm(a, { ord: 1 }),
      xs: [gt.zeros([2, 0])],
      throws: "shape/empty-axis",
    },
    {
      says: "2 of no rows is an error",
      f: (a) => norm(a, { ord: 2 }),
      xs: [gt.zeros([0, 2])],
      throws: "shape/empty-axis",
    },
    {
      says: "of NaN is NaN",
      f: (a) => gt.stack([norm(a), norm(a, { ord: 1 }), norm(a, { ord: 2 }), norm(a, { ord: "nuc" })]),
      xs: [[[NaN, 1]]],
      value: [NaN, NaN, NaN, NaN],
    },
    {
      says: "of Infinity is Infinity where no decomposition is needed",
      f: (a) => gt.stack([norm(a), norm(a, { ord: 1 }), norm(a, { ord: Infinity }), norm(a, { ord: 2 })]),
      xs: [[[-Infinity, 1]]],
      value: [Infinity, Infinity, Infinity, NaN],
    },
  ],
};

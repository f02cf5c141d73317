/**
 * Linear algebra: `linalg.solve(a, b)`. Matrices are the last two axes; the axes before them count matrices.
 *
 * @module
 */
export { cholesky, choleskySolve } from "./cholesky";
export { cross } from "./cross";
export { det, slogdet } from "./determinant";
export { eigh, eigvalsh } from "./eigh";
export { expm } from "./expm";
export { kron } from "./kron";
export { type MatrixNormOptions, norm } from "./norm";
export { lstsq, pinv } from "./pinv-lstsq";
export { lu, qr } from "./qr-lu";
export { inv, solve } from "./solve";
export { svd } from "./svd";
export { trace } from "./trace";
export { type TriangularOptions, triangularSolve } from "./triangular-solve";

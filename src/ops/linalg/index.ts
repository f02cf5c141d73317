/**
 * Linear algebra: `linalg.solve(a, b)`. Matrices are the last two axes; the axes before them count matrices.
 *
 * @module
 */
export { cholesky } from "./cholesky";
export { cross } from "./cross";
export { det, slogdet } from "./determinant";
export { eigh } from "./eigen";
export { type MatrixNormOptions, norm } from "./matrix-norm";
export { lstsq, pinv } from "./pseudo-inverse";
export { qr } from "./qr";
export { svd } from "./singular";
export { inv, solve } from "./solve";
export { trace } from "./trace";
export { triangularSolve, type TriangularOptions } from "./triangular";

import { linalg, mean, sub, square, sum, slice, matmul, transpose, grad, mul, ones, div, type Tensor } from "gradtape";
import { first, load } from "../digits/data";
export function pca() {
 const { pixels } = first(+(process.env.N ?? 500), load("train")).digits;
 const t0 = performance.now();
 const x = sub(pixels, mean(pixels, { axis: 0 }));
 const { u, s, vt } = linalg.svd(x);
 const t1 = performance.now();
 const g = grad((w: Tensor) => { const { s } = linalg.svd(mul(x, w)); const q = square(s); return div(sum(slice(q, [{ stop: 10 }])), sum(q)); })(ones([64]));
 const t2 = performance.now();
 return { svd: t1 - t0, grad: t2 - t1, s, g };
}

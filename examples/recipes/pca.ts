/** Principal components of handwritten digits by linalg.svd; and a derivative through the singular values. */
import {
  add,
  argmax,
  argmin,
  cumsum,
  div,
  equal,
  grad,
  linalg,
  matmul,
  mean,
  mul,
  ones,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  take,
  transpose,
  valueOf,
} from "gradtape";
import { first, load } from "../digits/data.js";

/** How many of the 64 directions are kept. */
const KEPT = 10;

/** The mean image, orthogonal directions [64, 64] in rows, and how far the images spread along each, largest first. */
export function componentsOf(images: Tensor) {
  const center = mean(images, { axis: 0 });
  const { s, vt } = linalg.svd(sub(images, center));
  return { center, directions: vt, spread: s };
}

type Components = ReturnType<typeof componentsOf>;
const kept = (x: Tensor): Tensor => slice(x, [{ stop: KEPT }]);

/** Images [N, 64] as KEPT numbers each. */
export function project({ center, directions }: Components, images: Tensor): Tensor {
  return matmul(sub(images, center), transpose(kept(directions)));
}

/** As much of the images as those numbers remember. */
export function restore({ center, directions }: Components, numbers: Tensor): Tensor {
  return add(matmul(numbers, kept(directions)), center);
}

/** The share of the variance along the directions that are kept, when the ink of each pixel counts by its weight. */
export function explained(weights: Tensor, images: Tensor): Tensor<readonly []> {
  const variances = square(componentsOf(mul(images, weights)).spread);
  return div(sum(kept(variances)), sum(variances));
}

/** The share of the digits asked for whose nearest neighbor shows the same digit. */
function nearest(known: Tensor, labels: Tensor, asked: Tensor, truth: Tensor): number {
  const distances = sub(sum(square(known), { axis: 1 }), mul(2, matmul(asked, transpose(known))));
  return valueOf(mean(equal(take(labels, argmin(distances, { axis: 1 })), truth)));
}

export function pca() {
  const [train, test] = [first(1000, load("train")), first(500, load("test"))];
  const [images, unseen] = [train.digits.pixels, test.digits.pixels];
  const components = componentsOf(images);
  const numbers = project(components, images);
  const variances = square(components.spread);
  const slopes = grad(explained)(ones([64]), images);
  return {
    explained: kept(div(cumsum(variances), sum(variances))),
    /** Both are the same: what is lost is what stands in the directions left out. */
    lost: sum(square(sub(restore(components, numbers), images))).item(),
    leftOut: sub(sum(variances), sum(kept(variances))).item(),
    /** How many test digits the nearest neighbor gets right, by 64 pixels and by 10 numbers. */
    byPixels: nearest(images, train.labels, unseen, test.labels),
    byNumbers: nearest(numbers, train.labels, project(components, unseen), test.labels),
    /** The pixel whose weight would explain most; together the slopes are zero, as all weights alike change nothing. */
    steepest: argmax(slopes).item(),
    slopes: sum(slopes).item(),
  };
}

import {
  add,
  argmax,
  batchGrad,
  broadcastTo,
  grad,
  loss,
  matmul,
  mean,
  mul,
  type Of,
  ones,
  reshape,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  type Value,
  variable,
  zeros,
} from "gradtape";
import { expectTypeOf, test } from "vitest";

/* Held by the compiler: `npm run typecheck` fails when a line below is not as it says. */
test("literal shapes are inferred", () => {
  expectTypeOf(tensor([[1, 2, 3]])).toEqualTypeOf<Tensor<readonly [1, 3]>>();
  expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<readonly [2, 3]>>();
  expectTypeOf(variable([1, 2])).toEqualTypeOf<Tensor<readonly [2]>>();
  expectTypeOf(add(ones([2, 1]), ones([3]))).toEqualTypeOf<Tensor<readonly [2, 3]>>();
  expectTypeOf(add(ones([2, 3]), 1)).toEqualTypeOf<Tensor<readonly [2, 3]>>();
  expectTypeOf(add(1, 2)).toEqualTypeOf<number>();
  expectTypeOf(matmul(ones([2, 3]), ones([3, 4]))).toEqualTypeOf<Tensor<readonly [2, 4]>>();
  expectTypeOf(matmul(ones([2, 3]), ones([3]))).toEqualTypeOf<Tensor<readonly [2]>>();
  expectTypeOf(transpose(ones([2, 3]))).toEqualTypeOf<Tensor<readonly [3, 2]>>();
  expectTypeOf(transpose(ones([2, 3, 4]), [0, 2, 1])).toEqualTypeOf<Tensor<readonly [2, 4, 3]>>();
  expectTypeOf(sum(ones([2, 3]))).toEqualTypeOf<Tensor<readonly []>>();
  expectTypeOf(sum(ones([2, 3]), { axis: 0 })).toEqualTypeOf<Tensor<readonly [3]>>();
  expectTypeOf(mean(ones([2, 3]), { axis: -1, keepDims: true })).toEqualTypeOf<Tensor<readonly [2, 1]>>();
  expectTypeOf(argmax(ones([2, 3]), { axis: 1 })).toEqualTypeOf<Tensor<readonly [2]>>();
  expectTypeOf(reshape(ones([6]), [2, -1])).toEqualTypeOf<Tensor<readonly [2, number]>>();
  expectTypeOf(broadcastTo(1, [2, 2])).toEqualTypeOf<Tensor<readonly [2, 2]>>();
  expectTypeOf(softmax(ones([2, 3]))).toEqualTypeOf<Tensor<readonly [2, 3]>>();
  expectTypeOf(
    ones([2, 3])
      .matmul(ones([3, 5]))
      .sum({ axis: 1 }),
  ).toEqualTypeOf<Tensor<readonly [2]>>();
});

test("gradients have the types of their parameters", () => {
  const params = { w: ones([2, 3]), b: 0, layers: [ones([3])] };
  const f = (p: typeof params) => add(sum(matmul(p.w, p.layers[0])), p.b);
  expectTypeOf(grad(f)(params)).toEqualTypeOf<typeof params>();
  const cost = (p: typeof params, sample: { readonly x: Tensor<readonly [3]> }) => sum(mul(matmul(p.w, sample.x), p.b));
  const perSample = batchGrad(cost)(params, { x: ones([5, 3]) });
  expectTypeOf(perSample.mean()).toEqualTypeOf<typeof params>();
  expectTypeOf(perSample.materialize().b).toEqualTypeOf<Tensor<readonly [number]>>();
});

test("shapes that do not fit are refused, plain tensors go anywhere", () => {
  const plain: Tensor = ones([2, 2]);
  const generic = (x: Value) => square(x);
  expectTypeOf(add(plain, ones([2]))).toEqualTypeOf<Of<readonly number[]>>();
  expectTypeOf(generic(plain)).toEqualTypeOf<Value>();
  const wanted = (x: Tensor<readonly [3]>) => x;
  wanted(plain);
  const refused = () => {
    // @ts-expect-error sizes 2 and 3 do not broadcast
    add(ones([2]), ones([3]));
    // @ts-expect-error inner sizes 3 and 4 differ
    matmul(ones([2, 3]), ones([4, 3]));
    // @ts-expect-error sizes 2 and 3 do not broadcast
    loss.mse(ones([2]), ones([3]));
    // @ts-expect-error sizes 2 and 3 do not broadcast
    ones([2]).sub(ones([3]));
    // @ts-expect-error the option is called axis
    sum(ones([2]), { axes: 0 });
    // @ts-expect-error a tensor of two numbers is not one of three
    wanted(ones([2]));
    // @ts-expect-error gradients are of scalar functions
    grad((x: Tensor<readonly [3]>) => sub(x, 1));
  };
  expectTypeOf(refused).toBeFunction();
});

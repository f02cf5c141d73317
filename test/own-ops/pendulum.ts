// A step of a simulation: a damped pendulum, its derivative written down once instead of taped in a dozen entries.
import { add, cos, defineOp, mul, neg, sin, stack, sub, type Tensor } from "gradtape";

/** One semi-implicit Euler step from [angle, velocity], under [stiffness, damping]. */
export const pendulumStep = defineOp<[state: Tensor, params: Tensor], { readonly dt: number }>({
  name: "pendulumStep",
  shape: ([state]) => state,
  evaluate: (output, [state, params], { dt }) => {
    const [angle = 0, velocity = 0] = state.data;
    const [stiffness = 0, damping = 0] = params.data;
    const faster = velocity - dt * (stiffness * Math.sin(angle) + damping * velocity);
    output.set([angle + dt * faster, faster]);
  },
  vjp: [
    ({ yBar, inputs: [state, params], attrs: { dt } }) => {
      const kick = add(yBar.at(1), mul(dt, yBar.at(0)));
      return stack([
        sub(yBar.at(0), mul(mul(dt, kick), mul(params.at(0), cos(state.at(0))))),
        mul(kick, sub(1, mul(dt, params.at(1)))),
      ]);
    },
    ({ yBar, inputs: [state], attrs: { dt } }) => {
      const kick = mul(dt, add(yBar.at(1), mul(dt, yBar.at(0))));
      return stack([neg(mul(kick, sin(state.at(0)))), neg(mul(kick, state.at(1)))]);
    },
  ],
  reads: { output: false },
});

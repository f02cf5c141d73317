// An elementwise op by family: one value, two partial derivatives.
import { defineBinary, div, mul, square, sub } from "gradtape";

/** limit tanh(x / limit): like x near 0, and never beyond ±limit. */
export const softclip = defineBinary({
  name: "softclip",
  value: (x, limit) => limit * Math.tanh(x / limit),
  derivatives: [
    (_, limit, y) => sub(1, square(div(y, limit))),
    (x, limit, y) => sub(div(y, limit), mul(div(x, limit), sub(1, square(div(y, limit))))),
  ],
});

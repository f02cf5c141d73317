/*
 * One pass of the mixed-radix transform that sorts itself (Stockham): out of `radix` transforms of a length, one of
 * `radix` times the length. Everything is done for `width` columns side by side, so that the innermost loop runs over
 * neighbors; the columns of a later pass are the lines that are already transformed.
 */

/** Cosine and sine of 2 pi k / n for k = 0, ..., n - 1. @internal */
export interface Roots {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Where a pass stands: of each line `size` elements, `width` apart, are still one transform. @internal */
export interface Pass {
  readonly radix: number;
  /** size / radix: how many elements each of the smaller transforms has. */
  readonly rest: number;
  /** The root of unity of this size is that of the whole length, to this power. */
  readonly power: number;
}

/** From x to y, both [re, im] of the same length; the kernel is exp(-2 pi i j k / n). @internal */
export function runPass(
  { radix, rest, power }: Pass,
  width: number,
  roots: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  if (radix === 4) pass4(rest, power, width, roots, xr, xi, yr, yi);
  else if (radix === 2) pass2(rest, power, width, roots, xr, xi, yr, yi);
  else if (radix === 3) pass3(rest, power, width, roots, xr, xi, yr, yi);
  else if (radix === 5) pass5(rest, power, width, roots, xr, xi, yr, yi);
  else passOdd(radix, rest, power, width, roots, xr, xi, yr, yi);
}

function pass2(
  rest: number,
  power: number,
  width: number,
  { cos, sin }: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const jump = rest * width;
  for (let p = 0; p < rest; p++) {
    const c = cos[p * power];
    const s = sin[p * power];
    let i = p * width;
    let j = 2 * i;
    for (const end = i + width; i < end; i++, j++) {
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[i + jump];
      const bi = xi[i + jump];
      const dr = ar - br;
      const di = ai - bi;
      yr[j] = ar + br;
      yi[j] = ai + bi;
      yr[j + width] = dr * c + di * s;
      yi[j + width] = di * c - dr * s;
    }
  }
}

function pass4(
  rest: number,
  power: number,
  width: number,
  { cos, sin }: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const jump = rest * width;
  for (let p = 0; p < rest; p++) {
    const k = p * power;
    const c1 = cos[k];
    const s1 = sin[k];
    const c2 = cos[2 * k];
    const s2 = sin[2 * k];
    const c3 = cos[3 * k];
    const s3 = sin[3 * k];
    let i = p * width;
    let j = 4 * i;
    for (const end = i + width; i < end; i++, j++) {
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[i + jump];
      const bi = xi[i + jump];
      const cr = xr[i + 2 * jump];
      const ci = xi[i + 2 * jump];
      const dr = xr[i + 3 * jump];
      const di = xi[i + 3 * jump];
      const sumR = ar + cr;
      const sumI = ai + ci;
      const difR = ar - cr;
      const difI = ai - ci;
      const oddR = br + dr;
      const oddI = bi + di;
      // -i (b - d)
      const turnR = bi - di;
      const turnI = dr - br;
      yr[j] = sumR + oddR;
      yi[j] = sumI + oddI;
      const pr = difR + turnR;
      const pi = difI + turnI;
      yr[j + width] = pr * c1 + pi * s1;
      yi[j + width] = pi * c1 - pr * s1;
      const qr = sumR - oddR;
      const qi = sumI - oddI;
      yr[j + 2 * width] = qr * c2 + qi * s2;
      yi[j + 2 * width] = qi * c2 - qr * s2;
      const tr = difR - turnR;
      const ti = difI - turnI;
      yr[j + 3 * width] = tr * c3 + ti * s3;
      yi[j + 3 * width] = ti * c3 - tr * s3;
    }
  }
}

const SIN_3 = 0.8660254037844386; // sin(2 pi / 3)

function pass3(
  rest: number,
  power: number,
  width: number,
  { cos, sin }: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const jump = rest * width;
  for (let p = 0; p < rest; p++) {
    const k = p * power;
    const c1 = cos[k];
    const s1 = sin[k];
    const c2 = cos[2 * k];
    const s2 = sin[2 * k];
    let i = p * width;
    let j = 3 * i;
    for (const end = i + width; i < end; i++, j++) {
      const ar = xr[i];
      const ai = xi[i];
      const sumR = xr[i + jump] + xr[i + 2 * jump];
      const sumI = xi[i + jump] + xi[i + 2 * jump];
      const turnR = SIN_3 * (xi[i + jump] - xi[i + 2 * jump]);
      const turnI = SIN_3 * (xr[i + 2 * jump] - xr[i + jump]);
      const midR = ar - 0.5 * sumR;
      const midI = ai - 0.5 * sumI;
      yr[j] = ar + sumR;
      yi[j] = ai + sumI;
      const pr = midR + turnR;
      const pi = midI + turnI;
      yr[j + width] = pr * c1 + pi * s1;
      yi[j + width] = pi * c1 - pr * s1;
      const qr = midR - turnR;
      const qi = midI - turnI;
      yr[j + 2 * width] = qr * c2 + qi * s2;
      yi[j + 2 * width] = qi * c2 - qr * s2;
    }
  }
}

const COS_5 = 0.30901699437494745; // cos(2 pi / 5), and so on
const COS_52 = -0.8090169943749475;
const SIN_5 = 0.9510565162951535;
const SIN_52 = 0.5877852522924731;

function pass5(
  rest: number,
  power: number,
  width: number,
  { cos, sin }: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const jump = rest * width;
  for (let p = 0; p < rest; p++) {
    const k = p * power;
    const c1 = cos[k];
    const s1 = sin[k];
    const c2 = cos[2 * k];
    const s2 = sin[2 * k];
    const c3 = cos[3 * k];
    const s3 = sin[3 * k];
    const c4 = cos[4 * k];
    const s4 = sin[4 * k];
    let i = p * width;
    let j = 5 * i;
    for (const end = i + width; i < end; i++, j++) {
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[i + jump];
      const bi = xi[i + jump];
      const cr = xr[i + 2 * jump];
      const ci = xi[i + 2 * jump];
      const dr = xr[i + 3 * jump];
      const di = xi[i + 3 * jump];
      const er = xr[i + 4 * jump];
      const ei = xi[i + 4 * jump];
      const outR = br + er;
      const outI = bi + ei;
      const inR = cr + dr;
      const inI = ci + di;
      // Differences already turned by -i.
      const outTR = bi - ei;
      const outTI = er - br;
      const inTR = ci - di;
      const inTI = dr - cr;
      yr[j] = ar + outR + inR;
      yi[j] = ai + outI + inI;
      const evenR = ar + COS_5 * outR + COS_52 * inR;
      const evenI = ai + COS_5 * outI + COS_52 * inI;
      const oddR = SIN_5 * outTR + SIN_52 * inTR;
      const oddI = SIN_5 * outTI + SIN_52 * inTI;
      const even2R = ar + COS_52 * outR + COS_5 * inR;
      const even2I = ai + COS_52 * outI + COS_5 * inI;
      const odd2R = SIN_52 * outTR - SIN_5 * inTR;
      const odd2I = SIN_52 * outTI - SIN_5 * inTI;
      const pr = evenR + oddR;
      const pi = evenI + oddI;
      yr[j + width] = pr * c1 + pi * s1;
      yi[j + width] = pi * c1 - pr * s1;
      const qr = even2R + odd2R;
      const qi = even2I + odd2I;
      yr[j + 2 * width] = qr * c2 + qi * s2;
      yi[j + 2 * width] = qi * c2 - qr * s2;
      const tr = even2R - odd2R;
      const ti = even2I - odd2I;
      yr[j + 3 * width] = tr * c3 + ti * s3;
      yi[j + 3 * width] = ti * c3 - tr * s3;
      const ur = evenR - oddR;
      const ui = evenI - oddI;
      yr[j + 4 * width] = ur * c4 + ui * s4;
      yi[j + 4 * width] = ui * c4 - ur * s4;
    }
  }
}

/** Any odd radix, by its sum: radix^2 products for each of its transforms. */
function passOdd(
  radix: number,
  rest: number,
  power: number,
  width: number,
  { cos, sin }: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  const jump = rest * width;
  const half = (radix - 1) / 2;
  // The roots of unity of the radix among those of the whole length.
  const apart = rest * power;
  for (let p = 0; p < rest; p++) {
    for (let k = 0; k <= half; k++) {
      const c = cos[k * p * power];
      const s = sin[k * p * power];
      const d = k === 0 ? 1 : cos[(radix - k) * p * power];
      const t = k === 0 ? 0 : sin[(radix - k) * p * power];
      for (let q = 0; q < width; q++) {
        const i = p * width + q;
        let evenR = xr[i];
        let evenI = xi[i];
        let oddR = 0;
        let oddI = 0;
        for (let h = 1, up = i + jump, down = i + (radix - 1) * jump; h <= half; h++, up += jump, down -= jump) {
          const at = ((h * k) % radix) * apart;
          evenR += cos[at] * (xr[up] + xr[down]);
          evenI += cos[at] * (xi[up] + xi[down]);
          oddR += sin[at] * (xi[up] - xi[down]);
          oddI += sin[at] * (xr[down] - xr[up]);
        }
        const j = (radix * p + k) * width + q;
        const pr = evenR + oddR;
        const pi = evenI + oddI;
        yr[j] = pr * c + pi * s;
        yi[j] = pi * c - pr * s;
        if (k === 0) continue;
        const mirror = (radix * p + radix - k) * width + q;
        const mr = evenR - oddR;
        const mi = evenI - oddI;
        yr[mirror] = mr * d + mi * t;
        yi[mirror] = mi * d - mr * t;
      }
    }
  }
}

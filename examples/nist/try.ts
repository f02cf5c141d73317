import { fit } from "../../test/optim/nist/fit";
import { models } from "../../test/optim/nist/models";
let ok=[0,0]; const t0=performance.now();
for (const name of Object.keys(models)) {
  let line = name.padEnd(10);
  for (const s of [1,2] as const) { const t=performance.now(); const r = fit(name, s); if (r.logRelativeError>=6) ok[s-1]++;
   line += ` | ${s}: ${r.logRelativeError.toFixed(1).padStart(5)} it ${String(r.outcome.iterations).padStart(4)} ${r.outcome.reason.padEnd(13)} ${r.outcome.value.toExponential(4)}/${r.certifiedSum.toExponential(4)} ${(performance.now()-t).toFixed(0)}ms`; }
  console.log(line);
}
console.log(ok, performance.now()-t0);

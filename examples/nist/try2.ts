import { sub, tensor } from "gradtape";
import { leastSquares } from "gradtape/optim";
import { models, response } from "../../test/optim/nist/models";
import { load } from "../../test/optim/nist/parse";
const dig=(b:number,c:number)=>{const e=Math.abs(b-c)/Math.abs(c);return Number.isNaN(e)?0:Math.min(11,Math.max(0,-Math.log10(e)))};
for (const tolerance of [1e-10,1e-12,1e-15]) for (const radius of [0.1,1,10,100]) {
  let bad=""; let its=0; const ok=[0,0]; let min=99;
  for (const name of Object.keys(models)) for (const s of [0,1]) {
    const { starts, certified, x, y } = load(name); const model=models[name];
    const [o,x1,x2]=[response(model,tensor(y)),tensor(x[0]),tensor(x[1]??[])];
    const out=leastSquares((b:any)=>sub(model.predict(b,x1,x2),o),[...starts[s]],{tolerance,radius,maxIterations:2000});
    const l=Math.min(...out.params.map((b:number,k:number)=>dig(b,certified[k])));
    its+=out.iterations; if(l>=6)ok[s]++; else bad+=` ${name}${s+1}:${l.toFixed(1)}(${out.iterations},${out.reason})`; if(l>1)min=Math.min(min,l);
  }
  console.log(tolerance,radius,ok,its,min.toFixed(2),bad);
}

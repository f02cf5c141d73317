import { assemble, FunctionCode, wasm } from "../../kernel/assembler";

let known: boolean | null = null;

/** Whether the engine has the relaxed instructions: a product and a sum in one, rounded as the machine does it. */
export function hasRelaxed(): boolean {
  if (known === null) {
    const f = new FunctionCode();
    const zeros = new Uint8Array(16);
    f.vector(zeros).vector(zeros).vector(zeros).simd(0x105).op(0x1a);
    const bytes = assemble({ pages: 0, imports: [], functions: [f], exports: new Map() });
    known = wasm()?.validate(bytes) ?? false;
  }
  return known;
}

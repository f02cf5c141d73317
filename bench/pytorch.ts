import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Remote } from "./measure";
import type { Numbers } from "./programs";

const SCRIPT = fileURLToPath(new URL("pytorch.py", import.meta.url));

/** Where a Python with PyTorch may be: Debian's is not always the first one. */
const PYTHONS = ["python3", "/usr/bin/python3"];

interface About {
  readonly version: string;
  readonly capability: string;
  readonly threads: number;
  readonly blas: string;
}

/** A program that PyTorch has computed once. */
export interface TorchRun extends Remote {
  /** What it computed: the loss and its gradients. */
  readonly numbers: ArrayLike<number>[];
}

/** PyTorch in a process of its own, idle while the others are timed. */
export class Torch {
  private constructor(
    private readonly child: ChildProcess,
    private readonly answers: AsyncIterator<string>,
    /** Version, instructions, threads and the library of its matrix products. */
    readonly about: string,
  ) {}

  /** Null where no Python has PyTorch. */
  static async start(): Promise<Torch | null> {
    const environment = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    for (const python of PYTHONS) {
      const child = spawn(python, [SCRIPT], { stdio: ["pipe", "pipe", "ignore"], env: environment });
      const gone = new Promise<null>((resolve) => {
        child.once("error", () => resolve(null));
        child.once("exit", () => resolve(null));
      });
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const first = await Promise.race([answers.next(), gone]);
      if (first === null || first.done) continue;
      const { version, capability, threads, blas }: About = JSON.parse(first.value);
      return new Torch(child, answers, `PyTorch ${version}, ${capability}, ${threads} thread, BLAS: ${blas}`);
    }
    return null;
  }

  private async ask<Answer>(request: object): Promise<Answer> {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error("bench: the process of PyTorch ended; run bench/pytorch.py by hand to see why.");
    return JSON.parse(value);
  }

  /** Gives it a program's numbers, by files, and has it computed once. The last one loaded is the one that is timed. */
  async load(name: string, params: readonly Numbers[], inputs: readonly Numbers[]): Promise<TorchRun> {
    const folder = mkdtempSync(join(tmpdir(), "gradtape-torch-"));
    try {
      const write = (role: string) => (x: Numbers, k: number) => {
        const file = join(folder, `${role}${k}`);
        writeFileSync(file, x.data);
        return { file, shape: x.shape, dtype: x.data instanceof Float64Array ? "float64" : "float32" };
      };
      const { results } = await this.ask<{ results: string[] }>({
        load: name,
        params: params.map(write("param")),
        inputs: inputs.map(write("input")),
        results: folder,
      });
      const wide = params[0].data instanceof Float64Array;
      const numbers = results.map((file) => {
        const { buffer, byteOffset, byteLength } = readFileSync(file);
        const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
        return wide ? new Float64Array(bytes) : new Float32Array(bytes);
      });
      return { numbers, time: async (runs) => (await this.ask<{ ms: number }>({ time: runs })).ms };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  stop(): void {
    this.child.stdin?.end();
  }
}

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A tensor of TensorFlow.js, as far as it is used here. */
export interface PeerTensor {
  dataSync(): Float32Array;
}

/** TensorFlow.js, as far as it is used here. */
export interface Peer {
  add(a: PeerTensor, b: PeerTensor): PeerTensor;
  matMul(a: PeerTensor, b: PeerTensor): PeerTensor;
  tanh(x: PeerTensor): PeerTensor;
  tensor(data: Float32Array, shape: readonly number[], dtype: "float32"): PeerTensor;
  readonly losses: { softmaxCrossEntropy(oneHot: PeerTensor, logits: PeerTensor): PeerTensor };
  valueAndGrads(
    f: (...inputs: PeerTensor[]) => PeerTensor,
  ): (inputs: readonly PeerTensor[]) => { readonly value: PeerTensor; readonly grads: readonly PeerTensor[] };
  tidy<T>(f: () => T): T;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}

/** TensorFlow.js on WebAssembly; null where `npm run bench:peers` has not installed it. */
export async function loadPeer(): Promise<Peer | null> {
  const require = createRequire(import.meta.url);
  let wasm: string;
  try {
    wasm = require.resolve("@tensorflow/tfjs-backend-wasm");
  } catch {
    return null;
  }
  const peer: Peer = require("@tensorflow/tfjs-core");
  // The registry of gradients is one for all copies of the core in a process.
  require("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(wasm), "..", "wasm-out", "/"));
  await peer.setBackend("wasm");
  await peer.ready();
  return peer;
}

// In a module worker.
import { trial } from "./trial.mjs";

postMessage(await trial());

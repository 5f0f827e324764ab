// Runs in a thread of its own: whatever a witness program does when it is instantiated, it does here.
import { parentPort, workerData } from "node:worker_threads";

import { loadWitnessProgram } from "../witness.ts";

const { size } = await loadWitnessProgram(workerData as WebAssemblyModule);
parentPort?.postMessage(size);

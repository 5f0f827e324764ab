// For processes that only prove, imported before all else. By itself V8 lets the part of the heap for new objects grow to
// tens of megabytes to collect less often, which a proof does not notice: its work is in WebAssembly's memory.
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");

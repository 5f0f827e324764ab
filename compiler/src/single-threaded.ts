// Imported first in threads of ours that use snarkjs. Its curves ask for web-worker when they are loaded, which takes any
// thread for one of its own and rebuilds the thread's globals. A single-threaded curve never starts one, so none is given.
import { registerHooks } from "node:module";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "web-worker"
      ? { url: "data:text/javascript,export default undefined", shortCircuit: true }
      : next(specifier, context),
});

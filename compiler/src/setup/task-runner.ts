/** A step of what ffjavascript asks a worker to do: place bytes, call a function of the curve's WebAssembly, take bytes. */
export type Step =
  | { readonly cmd: "ALLOCSET"; readonly var: number; readonly buff: Uint8Array | ArrayBuffer }
  | { readonly cmd: "ALLOC"; readonly var: number; readonly len: number }
  | { readonly cmd: "SET"; readonly var: number; readonly buff: Uint8Array | ArrayBuffer }
  | { readonly cmd: "CALL"; readonly fnName: string; readonly params: readonly Param[] }
  | { readonly cmd: "GET"; readonly out: number; readonly var: number; readonly len: number };
type Param = { readonly var: number; readonly offset?: number } | { readonly val: number };

const PAGE = 1 << 16;
/** As ffjavascript has them: pages that the curve's constants and stack take, and most that may be. */
const [FIRST_PAGES, MOST_PAGES] = [25, 32_767];

/**
 * Runs tasks in this thread, in place of ffjavascript's own way, which copies all bytes twice for each of the dozens of tasks
 * of one multiplication, so that garbage takes several times the memory of the proof.
 */
export async function buildTaskRunner(code: Uint8Array): Promise<(task: readonly Step[]) => Uint8Array[]> {
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES });
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(code), { env: { memory } });
  const functions = exports as Readonly<Record<string, (...values: number[]) => void>>;
  // The module itself allocates from here on, too: its first word is where free memory begins.
  const freeFrom = (): number => new DataView(memory.buffer).getUint32(0, true);
  const setFree = (at: number): void => new DataView(memory.buffer).setUint32(0, at, true);

  const allocate = (length: number): number => {
    const start = (freeFrom() + 3) & ~3;
    // Room for what functions take for themselves, which is bounded by what they are given.
    const end = start + 2 * length;
    const size = memory.buffer.byteLength;
    if (end > size) memory.grow(Math.floor(end / PAGE) + 1 - size / PAGE);
    setFree(start + length);
    return start;
  };
  const place = (at: number, bytes: Uint8Array | ArrayBuffer): void =>
    new Uint8Array(memory.buffer).set(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), at);

  return (task) => {
    const before = freeFrom();
    const at: number[] = [];
    const results: Uint8Array[] = [];
    const placeOf = (index: number): number => at[index] ?? fail(`nothing was placed as ${index}`);
    for (const step of task) {
      switch (step.cmd) {
        case "ALLOCSET":
          place((at[step.var] = allocate(step.buff.byteLength)), step.buff);
          break;
        case "ALLOC":
          at[step.var] = allocate(step.len);
          break;
        case "SET":
          place(placeOf(step.var), step.buff);
          break;
        case "CALL": {
          const call = functions[step.fnName] ?? fail(`the curve has no function ${step.fnName}`);
          call(...step.params.map((param) => ("val" in param ? param.val : placeOf(param.var) + (param.offset ?? 0))));
          break;
        }
        case "GET":
          results[step.out] = new Uint8Array(memory.buffer).slice(placeOf(step.var), placeOf(step.var) + step.len);
          break;
      }
    }
    setFree(before);
    return results;
  };
}

function fail(why: string): never {
  throw new Error(`this version of ffjavascript asks for something else: ${why}`);
}

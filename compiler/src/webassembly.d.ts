/** A compiled program, which threads can send to each other. */
interface WebAssemblyModule {
  readonly module: never;
}

/** The part of WebAssembly's interface that Assay uses; the ES libraries of TypeScript leave it to the DOM's. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum?: number }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (code: Uint8Array) => WebAssemblyModule;
  readonly CompileError: new () => Error;
  readonly LinkError: new () => Error;
  readonly RuntimeError: new () => Error;
  compile(code: Uint8Array): Promise<WebAssemblyModule>;
  instantiate(
    module: WebAssemblyModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
};

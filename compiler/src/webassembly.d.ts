/** The part of WebAssembly's interface that Assay uses; the ES libraries of TypeScript leave it to the DOM's. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum?: number }) => {
    readonly buffer: ArrayBuffer;
  };
  compile(code: Uint8Array): Promise<{ readonly module: never }>;
  instantiate(
    module: { readonly module: never },
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
};

/** The part of snarkjs 0.7 that Assay uses; the package carries no types of its own. */
declare module "snarkjs" {
  /** A file in memory, or its path. */
  export type BinaryFile = string | { readonly type: "mem"; data?: Uint8Array };

  export interface Groth16Proof {
    readonly pi_a: readonly string[];
    readonly pi_b: readonly (readonly string[])[];
    readonly pi_c: readonly string[];
    readonly protocol: string;
    readonly curve: string;
  }

  export interface Groth16VerifyingKey {
    readonly protocol: string;
    readonly curve: string;
    readonly nPublic: number;
    readonly vk_alpha_1: readonly string[];
    readonly vk_beta_2: readonly (readonly string[])[];
    readonly vk_gamma_2: readonly (readonly string[])[];
    readonly vk_delta_2: readonly (readonly string[])[];
    readonly IC: readonly (readonly string[])[];
  }

  interface Group {
    readonly F: { readonly n8: number };
    /** The generator, Jacobian, in Montgomery form. */
    readonly g: Uint8Array;
    /** Coordinates of an affine or Jacobian point in Montgomery form; a projective triple. */
    toObject(point: Uint8Array): readonly bigint[] & readonly (readonly bigint[])[];
    fromObject(point: readonly unknown[]): Uint8Array;
    isValid(point: Uint8Array): boolean;
  }

  export interface Curve {
    readonly name: string;
    readonly Fr: { readonly w: readonly Uint8Array[]; toObject(element: Uint8Array): bigint };
    readonly G1: Group;
    readonly G2: Group;
    /** Both are there on a single-threaded curve only. */
    readonly tm: { readonly code?: Uint8Array; taskManager?: unknown };
    terminate(): Promise<void>;
  }

  export const curves: {
    getCurveFromName(name: "bn128", options?: { readonly singleThread?: boolean }): Promise<Curve>;
  };

  export const groth16: {
    prove(zkey: BinaryFile, witness: BinaryFile): Promise<{ proof: Groth16Proof; publicSignals: string[] }>;
    verify(key: Groth16VerifyingKey, publics: readonly string[], proof: Groth16Proof): Promise<boolean>;
  };

  export const zKey: {
    newZKey(r1cs: BinaryFile, ptau: BinaryFile, zkey: BinaryFile): Promise<Uint8Array>;
    exportVerificationKey(zkey: BinaryFile): Promise<Groth16VerifyingKey>;
  };

  export const wtns: {
    check(r1cs: BinaryFile, witness: BinaryFile): Promise<boolean>;
  };
}

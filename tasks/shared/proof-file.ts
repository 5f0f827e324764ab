import { z } from "zod";

const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes of lower-case hex`);
const payload = z
  .string()
  .max(2 + 2 * 65_536)
  .regex(/^0x(?:[0-9a-f]{2})+$/, "lower-case hex");

/** What `zkml prove` writes: a proof, and everything needed to check it but the model. */
export const proofFile = z
  .object({
    format: z.literal("assay.proof/1"),
    /** Files from before there was a choice say nothing. */
    system: z.enum(["groth16", "fflonk", "plonk"]).default("groth16"),
    graphDigest: hex(32),
    verifyingKeyHash: hex(32),
    /** 31 bytes that the proof is bound to. */
    context: hex(31),
    /** Canonical encodings. */
    input: payload,
    output: payload,
    /** For Groth16 a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y, the order of the precompiles; else points, then scalars. */
    proof: z.array(hex(32)).min(8).max(24),
  })
  .strict()
  .refine(({ system, proof }) => proof.length === { groth16: 8, fflonk: 23, plonk: 24 }[system], {
    message: "another number of words than a proof of its system has",
    path: ["proof"],
  });
export type ProofFile = z.infer<typeof proofFile>;

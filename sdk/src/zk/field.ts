/** Order of BN254's groups, and so the modulus of the field of circuits. */
export const SCALAR_FIELD: bigint = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

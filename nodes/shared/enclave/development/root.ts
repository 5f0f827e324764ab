import { AbiCoder, id, keccak256 } from "ethers";

import { bytes32 } from "../bytes.ts";
import { developmentKey } from "./keys.ts";

/** keccak256 of the format's name; what `DevelopmentVerifier.format` answers. */
export const DEVELOPMENT_FORMAT = id("assay.dev/1");

/** Common name of the root. */
export const ROOT_NAME = "Assay Development Root";

/** The root's key pair. Its private half is as public as this line: it shows nothing, and no live chain takes it. */
export const DEVELOPMENT_ROOT = developmentKey("root");

/**
 * The measurement under which the registry knows an enclave of the development format: what a policy's owner adds.
 *
 * @param measurement The 32 bytes in the evidence.
 * @throws {EnclaveInputError} when it is not 32 bytes.
 */
export function developmentMeasurement(measurement: string): string {
  const words = [DEVELOPMENT_FORMAT, bytes32("measurement", measurement)];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], words));
}

import { DCAP_CERTIFICATES_ABI, DCAP_COLLATERAL_ABI, NITRO_CERTIFICATES_ABI } from "@assay/sdk";
import { Contract, type ContractRunner, getAddress, type InterfaceAbi } from "ethers";

import { read } from "./call.ts";

// Getters that interfaces of verifiers have beside those of `IAttestationVerifier`.
const CERTIFICATES_GETTER = ["function certificates() view returns (address)"];
const COLLATERAL_GETTER = ["function collateral() view returns (address)"];

/** `IDcapCollateral` at `address`. */
export function dcapCollateralAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...DCAP_COLLATERAL_ABI] as InterfaceAbi, runner);
}

/** `IDcapCertificates` at `address`. */
export function dcapCertificatesAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...DCAP_CERTIFICATES_ABI] as InterfaceAbi, runner);
}

/** `INitroCertificates` at `address`. */
export function nitroCertificatesAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...NITRO_CERTIFICATES_ABI] as InterfaceAbi, runner);
}

/** The certificates that a collateral store judges by. */
export async function certificatesOfCollateral(collateral: string, runner: ContractRunner): Promise<Contract> {
  const store = new Contract(collateral, CERTIFICATES_GETTER, runner);
  return dcapCertificatesAt(getAddress(await read<string>(store, "certificates")), runner);
}

/** The certificates that an SGX or TDX verifier judges by. */
export async function certificatesOfIntel(verifier: string, runner: ContractRunner): Promise<Contract> {
  const contract = new Contract(verifier, COLLATERAL_GETTER, runner);
  return await certificatesOfCollateral(getAddress(await read<string>(contract, "collateral")), runner);
}

/** The certificates that a Nitro verifier remembers. */
export async function certificatesOfNitro(verifier: string, runner: ContractRunner): Promise<Contract> {
  const contract = new Contract(verifier, CERTIFICATES_GETTER, runner);
  return nitroCertificatesAt(getAddress(await read<string>(contract, "certificates")), runner);
}

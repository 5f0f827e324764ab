import { dirname, isAbsolute, join } from "node:path";

import type { GpuNodeConfigInput } from "@assay/nodes/gpu";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { isFile, readJson } from "../shared/files.ts";
import { keyPath, readKey } from "../shared/keys.ts";
import { blobFolder, type Session } from "../shared/session.ts";

type Fields = Record<string, unknown>;

const KINDS: ReadonlySet<unknown> = new Set(["SIGNATURE", "TEE", "ZKML"]);

/**
 * The node's configuration: the file's fields, and for what it leaves out, the network's endpoint, chain and hub, the
 * toolkit's folders, and every model at hand. A key may be given as `keyFile`, relative to the file, in place of
 * `privateKey`. The node itself checks the result.
 */
export async function readNodeConfig(
  hre: HardhatRuntimeEnvironment,
  { chain, addresses }: Session,
  path: string,
  blobs: string | undefined,
): Promise<GpuNodeConfigInput> {
  const given = await readJson(path, "JSON of a node's configuration", objectOf);
  const folder = dirname(path);
  const config: Fields = {
    rpcUrl: await endpointOf(hre, chain.networkName),
    chainId: Number(chain.chainId),
    hub: addresses.hub,
    models: "all",
    blobs: [blobFolder(hre, blobs)],
    journal: join(hre.config.paths.root, ".assay", `journal-${chain.chainId}.sqlite`),
    ...(signs(given) ? { signer: { keyFile: keyPath(hre, "node", chain.chainId) } } : {}),
    ...given,
  };
  for (const name of ["wallet", "signer", "enclave"]) {
    const value = config[name];
    if (typeof value !== "object" || value === null) continue;
    const { keyFile, ...rest } = value as Fields;
    if (keyFile === undefined) continue;
    if (typeof keyFile !== "string") throw wrong(path, `${name}.keyFile is not a path`);
    const place = isAbsolute(keyFile) ? keyFile : join(folder, keyFile);
    if (!(await isFile(place)) && Object.hasOwn(MAKERS, name)) throw keyMissing(path, name, place);
    config[name] = { ...rest, privateKey: (await readKey(place)).privateKey };
  }
  return config as unknown as GpuNodeConfigInput;
}

/** Whether the node's signing key is needed; where the kinds are wrong, the node says so first. */
function signs({ kinds }: Fields): boolean {
  return Array.isArray(kinds) && kinds.includes("SIGNATURE") && kinds.every((kind) => KINDS.has(kind));
}

async function endpointOf(hre: HardhatRuntimeEnvironment, networkName: string): Promise<string | undefined> {
  const network = hre.config.networks[networkName];
  return network?.type === "http" ? await network.url.getUrl() : undefined;
}

function objectOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error("not an object");
}

/** What makes a key that is not there, or makes it unneeded. */
const MAKERS: Readonly<Record<string, string>> = {
  signer: "make and register one with `npx hardhat node register`, or take SIGNATURE out of kinds and leave signer out",
  enclave: "make and register one with `npx hardhat enclave register`, or take TEE out of kinds and leave enclave out",
};

function keyMissing(path: string, name: string, place: string): TaskError {
  return new TaskError(
    TaskErrorCode.File,
    `${path}: there is no key of ${name} at ${place} (paths are relative to the configuration); ${MAKERS[name] ?? ""}.`,
  );
}

function wrong(path: string, what: string): TaskError {
  return new TaskError(TaskErrorCode.FileContent, `${path}: ${what}; see docs/tasks.md, runner start.`);
}

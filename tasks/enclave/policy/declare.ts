import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, CONTRACTS, described, flags, reporting, SEARCH, texts } from "../../shared/declare.ts";

const POLICY = { policy: "Id of the policy" } as const;

const CHANGE = {
  kind:
    "What changes: verifier, scheme, measurement, statuses, flags, advisories, platform-allowed, platform-denied, " +
    "platform-list, min-tcb-eval, max-key-age, max-evidence-age, heartbeat, keys-per-platform, paused, guardian",
  value:
    "Of what or to what, by the kind: nitro, tdx, sgx, canonical and so on, or an address; a measurement, platform or hash " +
    "of 32 bytes; statuses or flags with commas between; a number; a time such as 12h; nothing for platform-list and paused",
  until: "Measurement: when it ends, Unix seconds or a date such as 2027-01-31; restrict: default now, for ever",
} as const;

const ADDITION = {
  from: "Measurement: from when on, Unix seconds or a date; default: from when it is put into effect",
  commit: "Measurement: commit of the source that was measured, as git prints it; told and not checked",
  recipe: "Measurement: digest of the recipe that rebuilds it, 32 bytes, told and not checked",
} as const;

function changing(name: string, sentence: string, ...examples: string[]) {
  const builder = reporting(["enclave", "policy", name], described(sentence, ...examples));
  return texts(builder, { ...POLICY, ...CHANGE, ...ADDITION, ...ACCOUNT, ...CONTRACTS });
}

/** What a policy's owner and guardian do. */
export const policy: TaskDefinition[] = [
  emptyTask(["enclave", "policy"], "Make, change and show the policies that enclave keys are registered under").build(),
  texts(
    flags(
      reporting(
        ["enclave", "policy", "create"],
        described(
          "Make a policy of yours; what it lists at first needs no delay.",
          "enclave policy create --verifiers tdx --measurements 0x77... --until 2027-01-31 --min-tcb-eval 17 --network sepolia",
          "enclave policy create --verifiers nitro --schemes canonical,nitriding --max-evidence-age 1h --guardian 0x70... --network sepolia",
        ),
      ),
      {
        test: "Debug enclaves may be listed and no delay is needed, but keys count on local chains only; for ever",
        platformList: "Only platforms allowed by name pass",
      },
    ),
    {
      guardian: "Account that may restrict, cancel and revoke, but add nothing; default: none",
      delay: "Time from a proposal to its effect, 1d to 60d; never changes; default: 2d, with --test 0",
      maxKeyAge: "Longest life of a key from its evidence; default: 7d",
      maxEvidenceAge: "Greatest age of evidence that carries a time (AWS); default: no limit",
      heartbeat: "Longest time between heartbeats of a key; default: none asked for",
      keysPerPlatform: "Most keys of one machine, up to 16; default: no limit",
      minTcbEval: "Intel: least TCB evaluation number; default: 0",
      statuses: "TCB statuses that are taken, with commas between; default: UpToDate",
      flags: "Claims that are tolerated: service-td, migratable, config; with --test also debug; default: none",
      verifiers: "Verifiers that are taken: nitro, tdx, sgx, development, or addresses",
      schemes:
        "Binding schemes: canonical, address-nonce, nitro-public-key, nitriding, or addresses; default: canonical",
      measurements: "Measurements that are accepted, with commas between",
      until: "When those measurements end, Unix seconds or a date such as 2027-01-31",
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./create.ts"))
    .build(),
  changing(
    "propose",
    "Announce a change that makes a policy looser; it waits for the policy's delay.",
    "enclave policy propose --policy 0x1c... --kind measurement --value 0x77... --until 2027-01-31 --network sepolia",
    "enclave policy propose --policy 0x1c... --kind statuses --value SWHardeningNeeded --network sepolia",
  )
    .setAction(() => import("./propose.ts"))
    .build(),
  texts(
    changing(
      "activate",
      "Put proposals whose delay has passed into effect: the one that the options say, or without --kind every one.",
      "enclave policy activate --policy 0x1c... --network sepolia",
    ),
    SEARCH,
  )
    .setAction(() => import("./activate.ts"))
    .build(),
  changing(
    "cancel",
    "Drop a proposal, said in the words in which it was proposed.",
    "enclave policy cancel --policy 0x1c... --kind statuses --value SWHardeningNeeded --network sepolia",
  )
    .setAction(() => import("./cancel.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "policy", "restrict"],
      described(
        "Make a policy tighter at once; every key must then be refreshed. A measurement ends now, or at --until.",
        "enclave policy restrict --policy 0x1c... --kind min-tcb-eval --value 18 --network sepolia",
        "enclave policy restrict --policy 0x1c... --kind paused --network sepolia",
      ),
    ),
    { ...POLICY, ...CHANGE, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./restrict.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "policy", "revoke"],
      described(
        "Take a measurement off a policy now, for ever, by owner or guardian; with --kind whatever else `restrict` takes.",
        "enclave policy revoke --policy 0x1c... --value 0x77... --network sepolia",
        "enclave policy revoke --policy 0x1c... --kind verifier --value sgx --network sepolia",
      ),
    ),
    { ...POLICY, kind: `${CHANGE.kind}; default: measurement`, value: CHANGE.value, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./revoke.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "policy", "show"],
      described(
        "Show what a policy asks, what it lists, and what is proposed.",
        "enclave policy show --policy 0x1c... --network sepolia",
      ),
    ),
    { ...POLICY, ...SEARCH, ...CONTRACTS },
  )
    .setAction(() => import("./show.ts"))
    .build(),
];

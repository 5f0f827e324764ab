import { definePlugin } from "hardhat/plugins";
import type { HardhatConfig } from "hardhat/types/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

type Profiles = HardhatConfig["solidity"]["profiles"];

/** Hardhat compiles together the files whose settings are one object, and makes an object for each override. */
const oneJob: HardhatPlugin = definePlugin({
  id: "assay-one-job",
  hookHandlers: {
    config: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            resolveUserConfig: async (userConfig, resolveVariable, next) => {
              const resolved = await next(userConfig, resolveVariable);
              const profiles = sharing(resolved.solidity.profiles);
              return { ...resolved, solidity: { ...resolved.solidity, profiles } };
            },
          }),
      }),
  },
});

export default oneJob;

/** The same profiles; of overrides that say the same, one object is left. */
function sharing(profiles: Profiles): Profiles {
  const known = new Map<string, Profiles[string]["overrides"][string]>();
  const shared = (profile: Profiles[string]): Profiles[string] => ({
    ...profile,
    overrides: Object.fromEntries(
      Object.entries(profile.overrides).map(([file, settings]) => {
        const says = JSON.stringify(settings);
        if (!known.has(says)) known.set(says, settings);
        return [file, known.get(says) ?? settings];
      }),
    ),
  });
  return Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [name, shared(profile)]));
}

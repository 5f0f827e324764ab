import type { ESLint } from "eslint";

import { arrows } from "./arrows.ts";

/** Assay's own ESLint rules. */
export const assayPlugin: ESLint.Plugin = {
  meta: { name: "assay" },
  rules: { arrows },
};

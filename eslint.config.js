import { join } from "node:path";

import js from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

import { assayPlugin } from "./scripts/eslint/plugin.ts";

const ROOT = import.meta.dirname;
const PACKAGES = ["sdk", "compiler", "nodes"];
/** Where `export *` and a file named index.ts belong: the face of a package. */
const PACKAGE_INDEX = ["sdk/src/index.ts", "compiler/src/index.ts", "nodes/*/index.ts"];

const SYNTAX = [
  { selector: "TSEnumDeclaration", message: "Use a union of string literals; Node cannot strip an enum's types." },
  { selector: "TSModuleDeclaration[kind='namespace']", message: "Use a module; Node cannot strip a namespace." },
];
const PACKAGE_SYNTAX = [
  ...SYNTAX,
  { selector: "ExportDefaultDeclaration", message: "Export by name, so that a thing has one name everywhere." },
];
const NO_BARREL = { selector: "ExportAllDeclaration", message: "No barrels: import from the file that defines it." };

export default tseslint.config(
  {
    ignores: [
      ...["node_modules/", ".node/", "artifacts/", "cache/", "types/", "build/", "coverage/", ".assay/"],
      ...["deploy/deployments/", "vectors/", "**/generated/", "contracts/"],
    ],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
    plugins: { assay: assayPlugin, "import-x": importX },
    settings: {
      // Ours are found by the arrows, not by the dependency lists.
      "import-x/internal-regex": "^@assay/",
      "import-x/extensions": [".ts", ".mts", ".js", ".mjs"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".mts"] },
      "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".mts", ".js", ".mjs", ".json"] })],
    },
    rules: {
      "assay/arrows": "error",
      "import-x/order": [
        "error",
        {
          groups: ["builtin", ["external", "internal"], ["parent", "sibling", "index"]],
          "newlines-between": "always",
          alphabetize: { order: "asc" },
        },
      ],
      "import-x/no-duplicates": "error",
      "import-x/first": "error",
    },
  },
  js.configs.recommended,
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: {
      globals: { process: "readonly", URL: "readonly", setTimeout: "readonly", setInterval: "readonly" },
    },
    rules: { "no-undef": ["error", { typeof: true }] },
  },
  {
    files: ["scripts/**/*.mjs"],
    languageOptions: { globals: { clearInterval: "readonly", clearTimeout: "readonly", console: "readonly" } },
  },
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: ROOT } },
    rules: {
      "no-restricted-syntax": ["error", ...SYNTAX],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // A wrapper may be async to keep one signature, and `() => void` may be given something that returns.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      // Of 8.73 it removes assertions that tsc then misses (`values[2]` under noUncheckedIndexedAccess).
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      // Flow typing does not see what a callback, a signal or another process changed meanwhile.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // zod declares its bound `parse` as a method; our own `#private` methods throw at once when they lose `this`.
      "@typescript-eslint/unbound-method": "off",
      // ethers' contracts and signers are proxies and interfaces over one class.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // `void` marks an expression whose value is not meant, called or not.
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // noUncheckedIndexedAccess asks for it wherever an index was bounded just before.
      "@typescript-eslint/no-non-null-assertion": "off",
      // What a tool writes to a terminal holds escape sequences.
      "no-control-regex": "off",
      // tsc's noPropertyAccessFromIndexSignature is not on; both spellings read well.
      "@typescript-eslint/dot-notation": "off",
      // `_name` marks what a signature demands and a body does not need.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" },
      ],
    },
  },
  {
    files: PACKAGES.map((name) => `${name}/**/*.ts`),
    rules: {
      "no-console": "error",
      "no-restricted-syntax": ["error", ...PACKAGE_SYNTAX, NO_BARREL],
      "import-x/no-cycle": ["error", { ignoreExternal: true }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true } }],
    },
  },
  { files: PACKAGE_INDEX, rules: { "no-restricted-syntax": ["error", ...PACKAGE_SYNTAX] } },
  ...PACKAGES.map((name) => ({
    files: [`${name}/**/*.ts`],
    rules: {
      "import-x/no-extraneous-dependencies": ["error", { packageDir: join(ROOT, name), devDependencies: false }],
    },
  })),
  {
    files: ["sdk/**/*.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["process", "Buffer", "__dirname", "__filename", "require", "global", "setImmediate"].map((name) => ({
          name,
          message: "sdk/ also runs in a browser, which has no such thing.",
        })),
      ],
    },
  },
  {
    // What a contract returns, ethers types as any; programs and tasks read it at the edge.
    files: ["scripts/**/*.ts", "tasks/**/*.ts", "bench/**/*.ts", "deploy/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // chai's `expect(x).to.be.true` is a getter.
      "@typescript-eslint/no-unused-expressions": "off",
      // Tests feed wrong types on purpose, and read what untyped tools and RPC answers return.
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/use-unknown-in-catch-callback-variable": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-unnecessary-type-conversion": "off",
      "@typescript-eslint/no-redundant-type-constituents": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      // Tests break documents on purpose.
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/no-array-delete": "off",
    },
  },
  // Declarations of what has no types of its own; nothing in them runs.
  { files: ["**/*.d.ts"], rules: { "no-restricted-syntax": "off" } },
);

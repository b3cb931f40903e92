import eslint from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

/** A few words with an article and nothing besides, such as "The name to judge." */
const restating = String.raw`^(The|A|An|All|Its|Their|Where|What|Who|Name of|Options of|Options with|Text of|Type of)( [^\s.;:,]+){0,4}\.$`;

export default tseslint.config(
  { ignores: ["node_modules/", ".vault/"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["*.mjs"] }, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "error" },
    plugins: { jsdoc },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-ignore": true, "ts-expect-error": true, "ts-nocheck": true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // An unawaited promise in infrastructure code is a step whose failure nobody sees.
      "@typescript-eslint/no-floating-promises": "error",
      // Overflows the stack on recursive types such as a JSON value (typescript-eslint 8.73.0).
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "no-console": "error",
      // A statement stands behind its condition, or on a line of its own in braces.
      curly: ["error", "multi-line", "consistent"],
      // The formatter holds code to this width and leaves comments alone.
      "max-len": ["error", { code: 1_000, comments: 120, ignoreUrls: true }],
      "@typescript-eslint/naming-convention": [
        "error",
        {
          selector: "variable",
          modifiers: ["const", "global"],
          format: ["camelCase", "PascalCase"],
          // A word of the language that the engine has for a name.
          filter: { regex: "^delete_$", match: false },
        },
      ],
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "jsdoc/require-jsdoc": [
        "error",
        {
          publicOnly: true,
          contexts: [
            "TSInterfaceDeclaration",
            "TSTypeAliasDeclaration",
            "ExportNamedDeclaration > VariableDeclaration",
          ],
          require: { ClassDeclaration: true, FunctionDeclaration: true },
        },
      ],
      "jsdoc/no-restricted-syntax": [
        "error",
        {
          contexts: [
            {
              context: "FunctionDeclaration[id.name=/Faults$/]",
              comment: "JsdocBlock:has(JsdocTag[tag='returns'])",
              message: "What ends in Faults returns faults; leave the tag out.",
            },
            {
              context: "FunctionDeclaration",
              comment: `JsdocBlock:has(JsdocTag[tag=/^(param|returns)$/][description=/${restating}/])`,
              message: "The tag says what the name says; leave it out.",
            },
          ],
        },
      ],
    },
  },
  {
    // Programs that talk to a person on the console.
    files: ["scripts/**", "sandbox/**", "test/bench/**", "run.mjs"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**", "sandbox/test/**"],
    rules: { "jsdoc/require-jsdoc": "off", "max-lines": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // Generated from upstream's definitions, whose length is theirs.
    files: ["components/delivery/custom-resources/custom-resource-specs.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
  {
    // Runs in a page.
    files: ["graph/picture/*.mjs"],
    languageOptions: { globals: { document: "readonly", DOMPoint: "readonly" } },
  },
);

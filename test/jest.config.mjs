// TypeScript is transformed by esbuild, file by file; modules stay ES modules.
export default {
  rootDir: "..",
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/support/esbuild-transform.mjs" },
  moduleFileExtensions: ["ts", "mjs", "js", "json"],
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/.data", "<rootDir>/cdk.out"],
  testSequencer: "<rootDir>/test/support/longest-first.mjs",
  watchman: false,
};

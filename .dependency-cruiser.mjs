// Import rules over values (types are invisible to the swc parser; test/rules/import-rules.test.ts reads those too).
// The rows of the contexts are in one table, test/rules/rows.ts.
import { rows } from "./test/rules/rows.ts";

const never = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

/** A context may enter another only through the doors of a lower row. */
const contextRules = rows.flatMap((row, index) => {
  const lower = rows.slice(0, index).flat();
  const open = lower.length === 0 ? [] : [`^functions/(${lower.join("|")})/(index|contract)\\.ts$`];
  return row.map((context) =>
    never(
      `context-${context}`,
      `${context} (row ${index}) reads itself, kernel, platform and the doors of lower rows`,
      { path: `^functions/${context}/` },
      { path: "^functions/", pathNot: [`^functions/${context}/`, ...open] },
    ),
  );
});

const contracts = "^functions/[^/]+/contract\\.ts$";
const contractReading = [contracts, "^platform/contract/", "^kernel/(money|tax)(/|\\.ts$)"];
const packages = "(^|/)node_modules/";

export default {
  forbidden: [
    never("no-cycles", "a cycle has no beginning to read from", {}, { circular: true }),
    never("resolvable", "an import that leads nowhere", {}, { couldNotResolve: true }),
    never(
      "product-alone",
      "the product knows nothing of what builds, runs or tests it",
      { path: "^(platform|kernel|functions)/" },
      { path: "^(local|test|lib|bin|web|bench|docs)/" },
    ),
    never("lib-alone", "infrastructure never imports the local platform or tests", { path: "^(lib|bin)/" }, { path: "^(local|test|bench)/" }),
    never("platform-on-npm", "platform has no domain words", { path: "^platform/" }, { path: "^(kernel|functions)/" }),
    never("kernel-on-platform", "the kernel stands on platform alone", { path: "^kernel/" }, { path: "^functions/" }),
    never("kernel-computes", "the kernel needs no package but zod", { path: "^kernel/" }, { path: packages, pathNot: "node_modules/zod/" }),
    never(
      "contract-is-data",
      "a contract reads platform/contract, money and tax of the kernel, zod and lower contracts",
      { path: contracts },
      {
        pathNot: [...contractReading, "node_modules/zod/"],
      },
    ),
    never("routes-gather", "routes.ts gathers contracts", { path: "^functions/routes\\.ts$" }, { pathNot: contractReading }),
    never(
      "lib-reads-contracts",
      "infrastructure reads routes and contracts, never domain code",
      { path: "^lib/" },
      { path: "^(functions|kernel|platform|web)/", pathNot: [...contractReading, "^functions/routes\\.ts$", "^web/build\\.ts$"] },
    ),
    never("only-bundle-builds-web", "the pages are built where bundles are built", { path: "^lib/", pathNot: "^lib/bundle" }, { path: "^web/" }),
    never(
      "web-reads-contracts",
      "pages know routes, not domain code",
      { path: "^web/" },
      {
        path: "^(functions|kernel|platform)/",
        pathNot: [...contractReading, "^functions/routes\\.ts$"],
      },
    ),
    never(
      "sdks-in-adapters",
      "AWS and vendor SDKs only in platform/ and adapters",
      { path: "^(kernel|functions)/", pathNot: "^functions/([^/]+/providers/|notifications/twilio[^/]*\\.ts$)" },
      { path: "node_modules/(@aws-sdk|@smithy|stripe|twilio|@adyen)/" },
    ),
    never(
      "no-build-tools-in-product",
      "what ships depends on dependencies, not on devDependencies",
      { path: "^(platform|kernel|functions)/" },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    ),
    ...contextRules,
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(\\.build|\\.data|cdk\\.out|test-results)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};

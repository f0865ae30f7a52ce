// Who may import whom: the layers of the house as one table and one pure verdict over it.
// `.dependency-cruiser.mjs` is made from the same rows and sees values; the scanner in `import-rules.test.ts` sees types too.

/** Bounded contexts by row. A context may use the index and the contract of a lower row, never its own row or above. */
export const rows = [
  ["merchants", "people", "notifications"],
  ["catalogue"],
  ["inventory", "payments"],
  ["orders"],
  ["fulfilment", "storefront", "reports"],
] as const;

export const contexts: readonly string[] = rows.flat();

/** The row of a context; undefined for a name that is none. */
export const rowOf = (context: string): number | undefined => {
  const row = rows.findIndex((names) => (names as readonly string[]).includes(context));
  return row === -1 ? undefined : row;
};

/** Files directly under functions/ that gather what the contexts declare. */
export const gatherers = {
  /** All routes, read by lib/, docs/ and the tests. */
  "functions/routes.ts": "contract",
  /** All entities of the table, read by docs/ and the tests. */
  "functions/entities.ts": "table",
} as const;

/** Files that may call an outside party: AWS and vendor SDKs, fetch. */
export const adapters = /^(platform\/|functions\/[^/]+\/providers\/|functions\/notifications\/twilio[^/]*\.ts$)/;
const outsideSdks = /^(@aws-sdk\/|@smithy\/|stripe(\/|$)|twilio(\/|$)|@adyen\/)/;

/** Files that AWS calls: they bind real ports to verbs. Two entries with the same ports share them in a `…-ports.ts`. */
export const entries =
  /^(functions\/[^/]+\/((http|webhook|steps|events|schedule|operator)(-[a-z-]+)?|[a-z-]+-ports)\.ts|platform\/outbox\/dispatch\.ts)$/;

const product = /^(platform|kernel|functions)\//;
/** Folders that serve the product and are never part of it. */
const aroundIt = /^(local|test|lib|bin|web|bench|docs)\//;

interface Place {
  readonly context: string | undefined;
  readonly file: string;
}
const placeOf = (path: string): Place => {
  const [, context, ...rest] = path.split("/");
  return path.startsWith("functions/") && rest.length > 0 ? { context, file: rest.join("/") } : { context: undefined, file: path };
};
const isDoor = (file: string): boolean => file === "index.ts" || file === "contract.ts";

/**
 * Why `from` may not import `to`, or undefined when it may.
 * @param from path of the importing file from the root of the repository
 * @param to path of an imported file from the root, or the name of a package (`stripe`, `node:crypto`)
 * @param toIsPackage whether `to` names a package or a module of Node
 */
export function whyNot(from: string, to: string, toIsPackage: boolean): string | undefined {
  if (toIsPackage) return whyNotPackage(from, to);
  if (product.test(from) && aroundIt.test(to)) return `the product never imports ${to.split("/")[0]}/`;
  if (to === "platform/runtime.ts" && !entries.test(from)) return "real ports are bound in entries only";
  if (from.startsWith("platform/")) return to.startsWith("platform/") ? undefined : "platform knows no domain words";
  if (from.startsWith("kernel/")) return /^(kernel|platform)\//.test(to) ? undefined : "the kernel stands on platform alone";
  if (from.startsWith("functions/")) return whyNotInFunctions(from, to);
  if (from.startsWith("lib/")) return whyNotInLib(from, to);
  if (from.startsWith("web/")) return isContractReading(to) || to.startsWith("web/") ? undefined : "web reads contracts only";
  if (from.startsWith("test/simulation/checker/") && (/^(functions|kernel)\//.test(to) || to === "test/simulation/product.ts"))
    return "the checker is written apart from what it judges";
  if (!from.startsWith("test/") && to.startsWith("test/") && !from.startsWith("bench/")) return "only tests import test/";
  return undefined;
}

function whyNotPackage(from: string, to: string): string | undefined {
  const builtin = to.startsWith("node:");
  if (from.startsWith("kernel/") && to !== "zod") return "the kernel computes: no package but zod";
  if (/^functions\/[^/]+\/contract\.ts$/.test(from) && to !== "zod") return "a contract is data: no package but zod";
  if (from in gatherers && to !== "zod") return "a gatherer only gathers";
  if (product.test(from) && !builtin && outsideSdks.test(to) && !adapters.test(from)) return "AWS and vendor SDKs only in platform/ and adapters";
  if (product.test(from) && /^(aws-cdk-lib|constructs|@jest\/|jest|esbuild)/.test(to)) return "a build tool is no part of the product";
  return undefined;
}

const isContract = (path: string): boolean => /^functions\/[^/]+\/contract\.ts$/.test(path);
const isContractReading = (to: string): boolean =>
  isContract(to) || to === "functions/routes.ts" || to.startsWith("platform/contract/") || /^kernel\/(money|tax)(\/|\.ts$)/.test(to);

function whyNotInFunctions(from: string, to: string): string | undefined {
  const here = placeOf(from);
  const there = placeOf(to);
  if (from in gatherers) {
    if (isContract(to) || to.startsWith("platform/contract/")) return undefined;
    const tables = gatherers[from as keyof typeof gatherers] === "table";
    return tables && (/-table\.ts$/.test(to) || to.startsWith("platform/")) ? undefined : `${from} gathers ${tables ? "tables" : "contracts"} only`;
  }
  if (here.context === undefined) return "functions/ holds contexts and the two gatherers only";
  if (isContract(from) && !isContractReading(to)) return "a contract reads platform/contract, money and tax of the kernel, zod and lower contracts";
  if (/^(platform|kernel)\//.test(to)) return undefined;
  if (to in gatherers) return "a context does not read the gathered whole";
  if (there.context === here.context) return undefined;
  return whyNotBetween(here.context, there);
}

function whyNotBetween(here: string, there: Place): string | undefined {
  const hereRow = rowOf(here);
  const thereRow = there.context === undefined ? undefined : rowOf(there.context);
  if (hereRow === undefined) return `${here} has no row: add it to the table`;
  if (thereRow === undefined) return `${there.file} belongs to no row`;
  if (thereRow >= hereRow)
    return `${here} (row ${hereRow}) may not import ${there.context} (row ${thereRow}): sideways and upward only by event or workflow`;
  return isDoor(there.file) ? undefined : `another context is entered by its index or contract, not ${there.file}`;
}

function whyNotInLib(from: string, to: string): string | undefined {
  if (to.startsWith("lib/") || isContractReading(to)) return undefined;
  if (from.startsWith("lib/bundle") && to === "web/build.ts") return undefined;
  return "lib reads routes, contracts and platform/contract, never domain code";
}

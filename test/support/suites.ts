// Which test files run when. Patterns are regular expressions over the path of the test file, from the root of this repository on.
import { join } from "node:path";

const root = join(import.meta.dirname, "../..").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Wide suites (`*.prove.test.ts`): minutes of simulation, kills, crowds, days told in disorder and screenshots. `npm run prove` runs them. */
export const wideSuites = "\\.prove\\.test\\.ts$";

/** How wide `npm run prove` goes. The suites read these and use small numbers where they are not set. */
export const wideEnvironment = {
  /** Random commands that the table's two implementations must agree on. */
  CONFORMANCE_COMMANDS: "20000",
  /** Seeds of the simulation, each a whole story with faults. */
  SIMULATION_SEEDS: "2000",
  /** Languages that a whole sale is made in, with scripts and without. */
  SALE_LANGUAGES: "3",
  /** Times the platform is killed under load and must come back whole. */
  KILLS: "50",
  /** Orders of a day that the nightly comparison is made over. */
  ORDERS_COMPARED: "10000",
};

/** Suites that `npm test` runs small and `npm run prove` runs again at the width above. */
export const widenedSuites = `^${root}/test/(platform/table|browser/sale|reports/reconcile)`;

const wide = `${wideSuites}|${widenedSuites}`;
const simulation = "/simulation\\.prove\\.test\\.ts$";
const browsers = `${root}/test/browser/`;

/**
 * What `npm run prove` runs beside each other. The simulation computes; the others mostly wait, for a shop that comes back or for a browser.
 * Each wide suite is in one of them: its path fits `paths` and not `ignored`.
 */
export const wideParts = [
  { name: "the simulation, wide", paths: simulation, ignored: "^$" },
  { name: "browsers, wide", paths: wide, ignored: `^(?!${browsers})` },
  { name: "kills and all else, wide", paths: wide, ignored: `${simulation}|^${browsers}` },
] as const;

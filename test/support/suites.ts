// Which test files run when. Patterns are regular expressions over the path of the test file, from the root of this repository on.
import { join } from "node:path";

const root = join(import.meta.dirname, "../..").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Wide suites (`*.prove.test.ts`): minutes of simulation, attacks and screenshots. `npm run prove` runs them. */
export const wideSuites = "\\.prove\\.test\\.ts$";

/** The wide suite that takes longest. */
export const longSuite = "/simulation\\.prove\\.test\\.ts$";

/** How wide `npm run prove` goes. The suites read these and use small numbers where they are not set. */
export const wideEnvironment = {
  /** Random commands that the table's two implementations must agree on. */
  CONFORMANCE_COMMANDS: "20000",
  /** Seeds of the simulation, each a whole story with faults. */
  SIMULATION_SEEDS: "3000",
  /** Colour schemes and languages that every page is looked at in by axe. */
  AXE_LOOKS: "4",
  /** Languages that a whole sale is made in, with scripts and without. */
  SALE_LANGUAGES: "3",
  /** Times the platform is killed under load and must come back whole. */
  KILLS: "50",
  /** Buyers who press Pay at once (G-18). */
  BUYERS_AT_ONCE: "500",
};

/** Suites that `npm test` runs small and `npm run prove` runs again at the width above. */
export const widenedSuites = `^${root}/test/(platform/table|browser/(pages|sale)|flows/load)`;

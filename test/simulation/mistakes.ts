// Errors that no weather explains. A function may fail because something else did; one that fails by itself has a mistake in it, and whoever retries it hides that.
import { TableFault } from "../../platform/table/engine.ts";

/** Errors that say what failed outside. */
const weatherNames = new Set(["TableBusy", "OutcomeUnknown", "ProviderUnknown", "InProgress"]);
/** Errors without a name of their own: what the ports of this simulation throw, and what passes such a failure on. */
const weather: readonly RegExp[] = [
  /^socket hang up$/,
  /^ThrottlingException: KMS is busy$/,
  /^the queue did not answer$|^the queue's answer was lost$/,
  /^the start was refused$|^the answer of the start was lost$/,
  /^the connection broke$/,
  /^\d+ looks or starts failed; what they were about stays due$/,
  /^the SMS provider took nothing: /,
];

/** What is wrong with the program, in words; undefined where something else went wrong. */
export const mistakeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return `something was thrown that is no error: ${String(error)}`;
  if (!(error instanceof TableFault) && weatherNames.has(error.name)) return undefined;
  if (error.constructor === Error && weather.some((known) => known.test(error.message))) return undefined;
  return `${error.name}: ${error.message}`;
};

// Errors that no weather explains. A function may fail because something else did; one that fails by itself has a mistake in it, and whoever retries it hides that.

/** What failed outside, in the words `Name: message`: of the platform, of the ports of this simulation, and of what passes such a failure on. */
const weather: readonly RegExp[] = [
  /^(TableBusy|OutcomeUnknown|ProviderUnknown|InProgress): /,
  /^Error: socket hang up$/,
  /^Error: ThrottlingException: KMS is busy$/,
  /^Error: the queue did not answer$|^Error: the queue's answer was lost$/,
  /^Error: the start was refused$|^Error: the answer of the start was lost$/,
  /^Error: the connection broke$/,
  /^Error: \d+ looks or starts failed; what they were about stays due$/,
  /^Error: the SMS provider took nothing: /,
  // A read that is a moment old; the stream brings the operation again.
  /^Error: an operation that is not there yet$/,
];
/** Is it no weather? @param said the error as `Name: message` */
export const isMistake = (said: string): boolean => !weather.some((known) => known.test(said));

/** What is wrong with the program, in words; undefined where something else went wrong. */
export const mistakeOf = (error: unknown): string | undefined => {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : `something was thrown that is no error: ${String(error)}`;
  return isMistake(said) ? said : undefined;
};

// Error names of a run and how a Retry or Catch matches them.

/** A state's failure, named as Step Functions names it. */
export class Fault extends Error {
  readonly error: string;
  override readonly cause: string;
  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.name = "Fault";
    this.error = error;
    this.cause = cause;
  }
}

/** What no wildcard and no name can catch: the run is over. */
const terminal: ReadonlySet<string> = new Set(["States.Runtime", "States.DataLimitExceeded"]);

/** Does `ErrorEquals` cover this error? `States.TaskFailed` stands for every task error but a timeout. */
export const covers = (errorEquals: readonly string[], error: string): boolean => {
  if (terminal.has(error)) return false;
  return errorEquals.some((name) => name === error || name === "States.ALL" || (name === "States.TaskFailed" && error !== "States.Timeout"));
};

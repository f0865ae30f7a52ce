// One JSON line an event, and only these fields: a name that is not listed does not compile, so no secret, phone or serial slips in.

export interface LogFields {
  readonly request_id?: string;
  readonly route?: string;
  readonly command?: string;
  readonly status?: number;
  readonly code?: string;
  readonly error?: string;
  readonly stack?: string;
  readonly merchant_id?: string;
  readonly order_id?: string;
  readonly connection_id?: string;
  readonly event_id?: string;
  readonly operation_id?: string;
  /** ISO date, the merchant's. */
  readonly date?: string;
  readonly count?: number;
  readonly milliseconds?: number;
}
export type Level = "info" | "warn" | "error";
export type Log = (level: Level, event: string, fields?: LogFields) => void;

const ranks: Record<string, number> = { info: 0, warn: 1, error: 2, silent: 3 };

/** @param level the least level that is written */
export const jsonLog =
  (level: string, write: (line: string) => void): Log =>
  (of, event, fields = {}) => {
    if ((ranks[of] ?? 0) >= (ranks[level] ?? 0)) write(JSON.stringify({ level: of, event, ...fields }));
  };

/** Errors whose words quote what they were given: a broken secret, a stranger's field. Their names say enough. */
const quoting = new Set(["SyntaxError", "ZodError", "$ZodError"]);

/** What may be said of an error without repeating data that came from outside. */
export const describeError = (error: unknown): Pick<LogFields, "error" | "stack"> => {
  if (!(error instanceof Error)) return { error: "something that is no Error was thrown" };
  const said = quoting.has(error.name) ? error.name : `${error.name}: ${error.message}`;
  return { error: said, ...(error.stack && { stack: error.stack.split("\n").slice(1, 6).join("|") }) };
};

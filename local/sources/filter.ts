// Filter patterns of event source mappings: the subset of EventBridge patterns our template uses; anything else is a start-up error.

/** True where a record passes. */
export type RecordFilter = (record: unknown) => boolean;

type Matcher = (value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function comparison(condition: unknown, at: string): Matcher {
  if (condition === null || typeof condition === "string" || typeof condition === "number" || typeof condition === "boolean")
    return (value) => value === condition;
  if (isObject(condition)) {
    const [[operator, operand] = []] = Object.entries(condition);
    if (Object.keys(condition).length === 1) {
      if (operator === "prefix" && typeof operand === "string") return (value) => typeof value === "string" && value.startsWith(operand);
      if (operator === "suffix" && typeof operand === "string") return (value) => typeof value === "string" && value.endsWith(operand);
      if (operator === "exists" && typeof operand === "boolean") return (value) => (value !== undefined) === operand;
      if (operator === "anything-but" && Array.isArray(operand)) return (value) => value !== undefined && !operand.includes(value);
    }
  }
  throw new Error(`event source filter: ${at} uses ${JSON.stringify(condition)}, which the local host does not know`);
}

/** A leaf is a list of alternatives; a branch needs every one of its keys. */
function matcher(pattern: unknown, at: string): Matcher {
  if (Array.isArray(pattern)) {
    const alternatives = pattern.map((condition) => comparison(condition, at));
    return (value) => alternatives.some((fits) => (Array.isArray(value) ? value.some(fits) : fits(value)));
  }
  if (!isObject(pattern)) throw new Error(`event source filter: ${at || "the pattern"} must be an object or a list`);
  const keys = Object.entries(pattern).map(([key, inner]) => [key, matcher(inner, at === "" ? key : `${at}.${key}`)] as const);
  return (value) => keys.every(([key, fits]) => fits(isObject(value) ? value[key] : undefined));
}

/** No pattern passes everything; several are alternatives. Throws on an operator that is not in the subset. */
export function recordFilter(patterns: readonly Readonly<Record<string, unknown>>[]): RecordFilter {
  const matchers = patterns.map((pattern) => matcher(pattern, ""));
  return (record) => matchers.length === 0 || matchers.some((fits) => fits(record));
}

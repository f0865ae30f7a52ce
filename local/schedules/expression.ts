// When a schedule runs next: rate(…) and cron(…) of EventBridge Scheduler, in UTC. What is not understood is a start-up error.

/** Epoch milliseconds of the next run after `afterMs`. */
export type NextRun = (afterMs: number) => number;

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** A date that never comes (30 February) is refused rather than searched for ever. */
const searchDaysMax = 8 * 366;

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}
const fields = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: monthNames },
  // 1 is Sunday, unlike Unix.
  dayOfWeek: { min: 1, max: 7, names: dayNames },
  year: { min: 1970, max: 2199 },
} as const satisfies Record<string, Field>;

const refuse = (expression: string, why: string): never => {
  throw new Error(`schedule expression ${expression}: ${why}`);
};

function parseField(text: string, { min, max, names }: Field, expression: string): (value: number) => boolean {
  if (text === "*" || text === "?") return () => true;
  const numberOf = (word: string): number => {
    const named = names?.indexOf(word.toUpperCase()) ?? -1;
    const value = named >= 0 ? named + min : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    return value >= min && value <= max ? value : refuse(expression, `${word} is not understood here`);
  };
  const allowed = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step] = part.split("/");
    const [low, high] = range.split("-");
    const from = range === "*" ? min : numberOf(low ?? "");
    const to = high !== undefined ? numberOf(high) : range === "*" || step !== undefined ? max : from;
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1) refuse(expression, `step ${step} is not understood`);
    for (let value = from; value <= to; value += by) allowed.add(value);
  }
  return (value) => allowed.has(value);
}

function cron(body: string, expression: string): NextRun {
  const parts = body.trim().split(/\s+/);
  if (parts.length !== 6) refuse(expression, "cron takes six fields");
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = Object.values(fields).map((field, at) => parseField(parts[at] ?? "", field, expression));
  const dayFits = (at: Date): boolean =>
    year?.(at.getUTCFullYear()) === true &&
    month?.(at.getUTCMonth() + 1) === true &&
    dayOfMonth?.(at.getUTCDate()) === true &&
    dayOfWeek?.(at.getUTCDay() + 1) === true;
  return (afterMs) => {
    const at = new Date((Math.floor(afterMs / 60_000) + 1) * 60_000);
    for (let days = 0; days < searchDaysMax; days += 1) {
      const day = at.getUTCDate();
      for (; dayFits(at) && at.getUTCDate() === day; at.setUTCMinutes(at.getUTCMinutes() + 1)) {
        if (hour?.(at.getUTCHours()) === true && minute?.(at.getUTCMinutes()) === true) return at.getTime();
      }
      if (at.getUTCDate() === day) at.setUTCHours(24, 0, 0, 0);
    }
    return refuse(expression, "it never comes due");
  };
}

/** Throws on an expression that is neither `rate(n unit)` nor a `cron(…)` of numbers, names, lists, ranges and steps. */
export function nextRun(expression: string): NextRun {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate?.[1] !== undefined && rate[2] !== undefined) {
    const periodMs = Number(rate[1]) * (unitMs[rate[2]] ?? 0);
    if (periodMs === 0) refuse(expression, "the rate must be positive");
    return (afterMs) => afterMs + periodMs;
  }
  const body = /^cron\((.+)\)$/.exec(expression)?.[1];
  return body === undefined ? refuse(expression, "only rate(…) and cron(…) are known") : cron(body, expression);
}

// Reads the parameters of a call and refuses as Stripe does: code, `param` in bracket form, a sentence.
// A parameter that changes money and is not simulated is refused by name; accepting it quietly would be a lie.
import * as z from "zod";
import { invalid, type Refusal } from "./errors.ts";

/** `["line_items", 0, "price_data"]` is `line_items[0][price_data]`. */
const bracketed = (path: readonly PropertyKey[]): string => path.map((part, depth) => (depth === 0 ? String(part) : `[${String(part)}]`)).join("");

interface Detail {
  readonly code?: string;
  readonly message: string;
}
/** A refusal of one value, carried through zod to the answer. */
export const refuse = (context: z.RefinementCtx, { code, message }: Detail): z.core.$ZodNever["_zod"]["output"] => {
  context.addIssue({ code: "custom", message, params: { stripe: code } });
  return z.NEVER;
};

const refusalOf = (issue: z.core.$ZodIssue): Refusal => {
  if (issue.code === "unrecognized_keys") {
    const param = bracketed([...issue.path, issue.keys[0] ?? ""]);
    return invalid(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
  }
  const param = bracketed(issue.path);
  if (issue.code === "custom") {
    const code = issue.params?.stripe as string | undefined;
    return invalid(issue.message, { ...(code === undefined ? {} : { code }), param });
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  if (issue.code === "invalid_type")
    return invalid(`Invalid ${issue.expected}: ${param} has another form`, { code: `parameter_invalid_${issue.expected}`, param });
  return invalid(`Invalid ${param}: ${issue.message}`, { param });
};

/** @throws Refusal for the first thing that is wrong */
export const readParams = <S extends z.ZodType>(schema: S, form: unknown): z.infer<S> => {
  const read = schema.safeParse(form, { reportInput: true });
  if (read.success) return read.data;
  const first = read.error.issues[0];
  throw first ? refusalOf(first) : invalid("Invalid request");
};

// ---- values ----

export const text = (max = 5000): z.ZodType<string> =>
  z.string().superRefine((value, context) => {
    if (value.length > max) refuse(context, { message: `Invalid string: ${value.slice(0, 20)}…; must be at most ${max} characters` });
  });

/** Form values are text: "6000". */
export const integer = (min = 0, max = Number.MAX_SAFE_INTEGER): z.ZodType<number, string> =>
  z.string().transform((value, context) => {
    if (!/^-?\d{1,15}$/.test(value)) return refuse(context, { code: "parameter_invalid_integer", message: `Invalid integer: ${value}` });
    const number = Number(value);
    if (number < min) return refuse(context, { code: "parameter_invalid_integer", message: `This value must be greater than or equal to ${min}.` });
    if (number > max) return refuse(context, { code: "parameter_invalid_integer", message: `This value must be less than or equal to ${max}.` });
    return number;
  });

export const boolean: z.ZodType<boolean, string> = z.string().transform((value, context) => {
  if (value === "true" || value === "false") return value === "true";
  return refuse(context, { message: `Invalid boolean: ${value}` });
});

export const webAddress: z.ZodType<string, string> = z.string().transform((value, context) => {
  // The template stands in a place where it would not be a URL; Stripe checks the rest.
  const plain = value.replace("{CHECKOUT_SESSION_ID}", "cs");
  if (/^https?:\/\/\S+$/i.test(plain) && URL.canParse(plain)) return value;
  return refuse(context, { code: "url_invalid", message: "Not a valid URL" });
});

/** Up to 50 keys of 40 characters, values of 500. Numeric keys arrive as a list. An empty value removes the key. */
export const metadata: z.ZodType<Record<string, string>> = z.preprocess(
  (value) => (Array.isArray(value) ? { ...value } : value === "" ? {} : value),
  z.record(z.string(), z.string()).superRefine((pairs, context) => {
    const entries = Object.entries(pairs);
    if (entries.length > 50) refuse(context, { message: "You can specify up to 50 metadata keys." });
    for (const [key, value] of entries) {
      if (key.length > 40) refuse(context, { message: `Metadata keys may have up to 40 characters: ${key.slice(0, 40)}…` });
      if (value.length > 500)
        refuse(context, { message: `Metadata values can have up to 500 characters, but you passed in a value that is ${value.length} characters.` });
    }
  }),
);

/** Currencies of the countries Stripe serves that this product may meet; the sentence is Stripe's. */
const currencies =
  "usd aed aud bgn brl cad chf cny czk dkk eur gbp hkd huf idr ils inr jpy krw mxn myr nok nzd pen php pln ron sar sek sgd thb try twd vnd zar".split(
    " ",
  );
export const currency: z.ZodType<string, string> = z.string().transform((value, context) => {
  const lower = value.toLowerCase();
  if (currencies.includes(lower)) return lower;
  return refuse(context, { message: `Invalid currency: ${lower}. Stripe currently supports these currencies: ${currencies.join(", ")}` });
});

export const expand: z.ZodOptional<z.ZodType<string[]>> = z.array(z.string().max(100)).max(20).optional();

/** Accepted and without effect on what is simulated. */
export const ignored = z.unknown().optional();

/** Real at Stripe, not simulated here, and not without effect. */
export const notSimulated = (harmless: (value: unknown) => boolean = () => false): z.ZodOptional<z.ZodType<unknown>> =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (value !== undefined && value !== "" && !harmless(value))
        refuse(context, { message: "The simulated Stripe does not carry out this parameter. Nothing was done." });
    })
    .optional();

/** Range filters of lists: `created=…` or `created[gte]=…`. */
export const range = z
  .union([integer(), z.strictObject({ gt: integer().optional(), gte: integer().optional(), lt: integer().optional(), lte: integer().optional() })])
  .optional();
export type Range = z.infer<typeof range>;

export const inRange = (value: number, wanted: Range): boolean => {
  if (wanted === undefined) return true;
  if (typeof wanted === "number") return value === wanted;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = wanted;
  return value > gt && value >= gte && value < lt && value <= lte;
};

/** What every list takes. */
export const page = {
  limit: integer(1, 100).optional(),
  starting_after: z.string().optional(),
  ending_before: notSimulated(),
  created: range,
  expand,
};

// Form bodies with brackets, as Stripe reads them: `line_items[0][price_data][currency]=cad`, `expand[]=payment_intent`.

export type FormValue = string | FormObject | FormValue[];
export interface FormObject {
  [field: string]: FormValue;
}

/** Bounds what a hostile body can make: nesting depth of one key. */
const depthMax = 8;

const pathOf = (key: string): string[] => {
  const head = /^[^[\]]+/.exec(key)?.[0];
  if (head === undefined) return [key];
  return [head, ...Array.from(key.slice(head.length).matchAll(/\[([^[\]]*)\]/g), (match) => match[1] ?? "")];
};

/** Turns objects whose keys are 0,1,2… into arrays, all the way down. */
const settled = (value: FormValue): FormValue => {
  if (typeof value === "string" || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([key]) => /^\d{1,4}$/.test(key))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => settled(inner));
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, settled(inner)]));
};

/** @throws RangeError when a key is nested too deep or used both as a value and as an object */
export const readForm = (text: string): FormObject => {
  const root: FormObject = Object.create(null) as FormObject;
  for (const [key, value] of new URLSearchParams(text)) {
    const path = pathOf(key);
    if (path.length > depthMax) throw new RangeError(key);
    let at = root;
    path.forEach((part, depth) => {
      // `a[]=x&a[]=y` counts up; every other bracket names its place.
      const name = part === "" ? String(Object.keys(at).length) : part;
      if (depth === path.length - 1) {
        at[name] = value;
        return;
      }
      const next = at[name] ?? (Object.create(null) as FormObject);
      at[name] = next;
      if (typeof next === "string" || Array.isArray(next)) throw new RangeError(key);
      at = next;
    });
  }
  return Object.fromEntries(Object.entries(root).map(([key, value]) => [key, settled(value)]));
};

/** One text for equal parameters, whatever their order: what an idempotency key is compared by. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
};

// HTML as a value. Everything put into a page is escaped unless it is already HTML made here, so a merchant's text can never become markup.

/** Markup that is safe to place into a page as it is. Only `html` and `join` make it. */
export class Html {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

export type Part = Html | string | number | undefined | false | readonly Part[];

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;" };

// Characters that change the direction or the look of what follows them: a name could otherwise rewrite the price beside it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text for element content and for quoted attribute values. */
export const escapeText = (text: string): string => text.replace(invisible, "").replace(/[&<>"'`]/g, (char) => entities[char] ?? "");

const render = (part: Part): string => {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.toString();
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return part.map(render).join("");
};

/** Template tag: literal text is markup, every `${…}` is escaped; lists are joined, `undefined` and `false` vanish. Quote every attribute. */
export const html = (literals: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(literals.reduce((text, literal, i) => text + render(parts[i - 1]) + literal));

// The words of texts: what was bought, the number, where to look. Short enough for one segment where the link allows.
import type { Language } from "../../platform/contract/problem.ts";
import type { Order } from "../orders/index.ts";

const texts: Readonly<Record<Language, (title: string, serials: string, link: string) => string>> = {
  en: (title, serials, link) => `${title}: your number is ${serials}. How to collect it: ${link}`,
  fr: (title, serials, link) => `${title}: votre numéro est ${serials}. Pour le récupérer: ${link}`,
  zh: (title, serials, link) => `${title}：您的编号是 ${serials}。领取方式：${link}`,
};

const replacements: Readonly<Record<Language, (title: string, serial: string, link: string) => string>> = {
  en: (title, serial, link) => `${title}: you have a new number, ${serial}. The old one no longer works. How to collect it: ${link}`,
  fr: (title, serial, link) => `${title}: vous avez un nouveau numéro, ${serial}. L’ancien ne vaut plus. Pour le récupérer: ${link}`,
  zh: (title, serial, link) => `${title}：您的新编号是 ${serial}，旧编号已失效。领取方式：${link}`,
};

export const replacedText = (order: Order, serials: readonly string[], link: string): string =>
  replacements[order.language](order.snapshot.title, serials.join(", "), link);

export const paidText = (order: Order, serials: readonly string[], link: string): string =>
  texts[order.language](order.snapshot.title, serials.join(", "), link);

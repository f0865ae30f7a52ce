// What each language is called: to the browser, and by itself.
import type { Language } from "../../platform/contract/problem.ts";

/** The value of `<html lang>`. */
export const htmlLang: Readonly<Record<Language, string>> = { en: "en-CA", fr: "fr-CA", zh: "zh-Hans" };

/** How each language calls itself, for the switch. */
export const ownName: Readonly<Record<Language, string>> = { en: "English", fr: "Français", zh: "简体中文" };

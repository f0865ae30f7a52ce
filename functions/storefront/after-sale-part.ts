// The part of an order's page that tells what happened after the sale: sentences with an icon beside the numbers, and rows of the receipt.
import { formatMoney, type Money } from "../../kernel/money.ts";
import type { Language } from "../../platform/contract/problem.ts";
import { type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import type { MoneyView, NumbersView, Sum } from "./money-view.ts";
import type { Words } from "./words.ts";

/** What the sentences need of the page. */
export interface AfterSaleView {
  readonly language: Language;
  readonly total: Money;
  readonly quantity: number;
  readonly units: readonly unknown[];
  readonly money: MoneyView;
  readonly numbers: NumbersView;
}

/** Of money that is not the order's own, also which: two dollars are not the same. */
const spoken = (sum: Sum, { language, total }: AfterSaleView, say: Words): string => {
  if (sum.amount === undefined) return say.after.inCurrency(sum.currency);
  return sum.currency === total.currency ? formatMoney(sum, language) : withCode(sum, language);
};
const withCode = (sum: Money, language: Language): string => `${formatMoney(sum, language)} ${sum.currency}`;

export interface Told {
  readonly tone: "told" | "wait" | "wrong";
  readonly icon: Html;
  readonly sentence: string;
}

const joined = (language: Language, ...sentences: readonly (string | false | undefined)[]): string =>
  sentences.filter(Boolean).join(language === "zh" ? "" : " ");

/** Where money goes back: how much is there, how much is on its way, how long banks take. Empty where none does. */
export const givenBack = (view: AfterSaleView, say: Words): string => {
  const { back, coming, waiting } = view.money;
  return joined(
    view.language,
    back && say.after.back(spoken(back, view, say)),
    coming && say.after.coming(spoken(coming, view, say)),
    waiting && say.after.waiting(spoken(waiting, view, say)),
    (back ?? coming) && say.after.days,
  );
};

/** What the bank has decided, or has not, and what that means for the numbers that are shown. */
const disputeTold = (view: AfterSaleView, say: Words): Told | undefined => {
  const { dispute } = view.money;
  if (dispute?.status === "won")
    return { tone: "told", icon: icons.check, sentence: dispute.inquiry ? say.after.inquiryClosed : say.after.disputeWon };
  if (dispute?.status !== "open") return undefined;
  const shown = view.units.length;
  const open = dispute.inquiry ? say.after.inquiryOpen : say.after.disputeOpen;
  return {
    tone: "wait",
    icon: icons.warning,
    sentence: joined(view.language, open(dispute.sum && spoken(dispute.sum, view, say)), shown > 0 && say.after.paused(shown)),
  };
};

const failedTold = (view: AfterSaleView, say: Words): Told | undefined => {
  const { failed, failedAtProvider, settled } = view.money;
  const { missing, owed } = view.numbers;
  if (settled) return { tone: "told", icon: icons.check, sentence: joined(view.language, say.after.settled[settled], say.after.settledNext) };
  if (failed) {
    const gone = owed && missing > 0 && say.after.takenForNothing(missing);
    const why = failedAtProvider ? say.after.failedAtProvider : say.after.failed;
    return { tone: "wrong", icon: icons.warning, sentence: joined(view.language, why(spoken(failed, view, say)), gone) };
  }
  return missing > 0 ? { tone: "wrong", icon: icons.warning, sentence: say.after.withdrawn(missing) } : undefined;
};

/** What stands beside the numbers of a paid order, the gravest first. */
export const toldBesideNumbers = (view: AfterSaleView, say: Words): readonly Told[] => {
  const { accepted, received, late } = view.money;
  const { takenBack, replaced } = view.numbers;
  const told: readonly (Told | false | undefined)[] = [
    failedTold(view, say),
    disputeTold(view, say),
    returnedTold(view, say),
    takenBack > 0 && { tone: "told", icon: icons.ticket, sentence: say.after.takenBack(takenBack, view.quantity) },
    replaced && { tone: "told", icon: icons.ticket, sentence: say.after.replaced },
    accepted &&
      received !== undefined &&
      received !== "other" && {
        tone: "told",
        icon: icons.check,
        sentence: say.after.accepted(spoken(received, view, say), formatMoney(view.total, view.language)),
      },
    late && { tone: "told", icon: icons.clock, sentence: say.after.lateDelivered },
  ];
  return told.filter(isTold);
};

const returnedTold = (view: AfterSaleView, say: Words): Told | undefined => {
  const { back, coming, waiting } = view.money;
  const running = coming ?? waiting;
  if (!(back ?? running)) return undefined;
  return {
    tone: running ? "wait" : "told",
    icon: running ? icons.clock : icons.check,
    sentence: givenBack(view, say),
  };
};

/** What an order without numbers says besides its headline, which speaks of money that went back only once the order is over. */
export const toldWithoutNumbers = (view: AfterSaleView, say: Words, over: boolean): readonly Told[] =>
  [view.money.dispute?.status === "open" && disputeTold(view, say), !over && returnedTold(view, say)].filter(isTold);

const isTold = (each: Told | false | undefined): each is Told => each !== false && each !== undefined;

export const notices = (told: readonly Told[]): Html | false =>
  told.length > 0 && html`${told.map(({ tone, icon, sentence }) => html`<div class="notice ${tone}">${icon}<p>${sentence}</p></div>`)}`;

/** Why an order that a person looks at is there. Undefined: more than that is not known. */
export const attentionSentence = (view: AfterSaleView, say: Words, reason: "payment_mismatch" | "stock_lost" | undefined): string | undefined => {
  const { received, ungiven } = view.money;
  const failed = failedTold(view, say);
  if (failed) return joined(view.language, ungiven && say.after.ungiven[ungiven], failed.sentence);
  if (reason === "stock_lost") return say.after.stockLost(formatMoney(view.total, view.language));
  if (reason !== "payment_mismatch" || received === undefined) return undefined;
  if (received === "other") return say.after.mismatchOther;
  const sum = received.amount === undefined ? spoken(received, view, say) : withCode(received, view.language);
  return say.after.mismatch(sum, withCode(view.total, view.language));
};

/** What an order that is over says of its money, title first. Undefined: nothing came in, or nothing more is known. */
export const closedHeadline = (view: AfterSaleView, say: Words): { readonly title: string; readonly sentence: string } | undefined => {
  const { back, coming, waiting, dispute, ungiven, settled } = view.money;
  const gone = ungiven === undefined && view.numbers.takenBack > 0 && say.after.noLongerValid(view.quantity);
  const returned = givenBack(view, say);
  if (dispute?.status === "lost") {
    const lost = say.after.disputeLost(dispute.sum && spoken(dispute.sum, view, say));
    const worthless = view.numbers.forfeited && say.after.noLongerValid(view.quantity);
    return { title: say.after.lostTitle, sentence: joined(view.language, lost, returned, worthless) };
  }
  if (settled) return { title: say.after.settledTitle, sentence: joined(view.language, say.after.settled[settled], say.after.settledNext) };
  if (returned === "") return undefined;
  const title = (coming ?? waiting) ? say.after.comingTitle : back ? say.after.backTitle : say.closedTitle;
  return { title, sentence: joined(view.language, ungiven && say.after.ungiven[ungiven], returned, gone) };
};

/** Rows of the receipt below its total: what came, what went, what stays. */
export const moneyRows = (view: AfterSaleView, say: Words): readonly Html[] => {
  const { received, back, coming, waiting, dispute, left } = view.money;
  const rows: readonly (readonly [string, Sum | undefined, string])[] = [
    [say.after.row.received, received === "other" ? undefined : received, ""],
    [say.after.row.back, back, "−"],
    [say.after.row.coming, coming, "−"],
    [say.after.row.waiting, waiting, ""],
    [say.after.row.lost, dispute?.status === "lost" ? dispute.sum : undefined, "−"],
    [say.after.row.left, left, ""],
  ];
  return rows.flatMap(([label, sum, sign]) =>
    sum === undefined || sum.amount === undefined ? [] : [html`<div><dt>${label}</dt><dd>${sign}${spoken(sum, view, say)}</dd></div>`],
  );
};

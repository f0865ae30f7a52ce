// What the buyer's page says in every state that an order can be in, made with the product's own verbs, in each language.
import { expect, it } from "@jest/globals";
import { orderPage } from "../../functions/storefront/order-page.ts";
import { orderStatus } from "../../functions/storefront/order-view.ts";
import { type Language, languages } from "../../platform/contract/problem.ts";
import { checkoutOrigin } from "./fixtures.ts";
import { orderOf, pageOf, type StoryName, serialsOf, stories, storyNames, viewOf } from "./stories.ts";

const said = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

interface Guarantee {
  /** The guarantee, as the test's name says it. */
  readonly says: string;
  readonly numbers: number;
  readonly text: Readonly<Record<Language, readonly RegExp[]>>;
}

const guarantees: Readonly<Record<StoryName, Guarantee>> = {
  held: {
    says: "how long the units are held, by the server's clock",
    numbers: 0,
    text: { en: [/27:41/, /seen no payment/], fr: [/27:41/, /pas encore vu de paiement/], zh: [/27:41/, /尚未收到/] },
  },
  "hold over, the bank not asked yet": {
    says: "that the time is over and the bank is being asked, not that nothing was charged",
    numbers: 0,
    text: {
      en: [/time to pay is over/, /asking the bank/],
      fr: [/délai de paiement est écoulé/, /demandons à la banque/],
      zh: [/付款时间已过/, /向银行确认/],
    },
  },
  "hold over, unpaid": {
    says: "that nothing was charged, once the provider has said so",
    numbers: 0,
    text: { en: [/Nothing was charged/], fr: [/Rien n’a été débité/], zh: [/未扣款/] },
  },
  "late money, other units": {
    says: "that late money counts, with the number it bought (G-50)",
    numbers: 1,
    text: { en: [/after the time to pay was over. It counts/], fr: [/après la fin du délai. Il compte/], zh: [/付款时间已过。这笔付款有效/] },
  },
  "late money on its way back": {
    says: "that late money found nothing left and is on its way back, not confirmed (G-50)",
    numbers: 0,
    text: {
      en: [/nothing was left/, /\$60\.00 is on its way back .* not confirmed yet/, /5 to 10 business days/],
      fr: [/ne restait rien/, /60,00.\$ sont en route .* sans confirmation/, /5 à 10 jours ouvrables/],
      zh: [/已售完/, /\$60\.00 正在退回.*尚未确认/, /5 至 10 个工作日/],
    },
  },
  "late money back": {
    says: "that late money went back",
    numbers: 0,
    text: {
      en: [/nothing was left/, /\$60\.00 went back/],
      fr: [/ne restait rien/, /60,00.\$ ont été remboursés/],
      zh: [/已售完/, /\$60\.00 已退回/],
    },
  },
  "called back before the money came, money back": {
    says: "that what was kept for them was called back, not that their money was late",
    numbers: 0,
    text: {
      en: [/What was kept for you had to be taken out of use/, /\$60\.00 went back/],
      fr: [/Ce qui était réservé pour vous a dû être retiré/, /60,00.\$ ont été remboursés/],
      zh: [/为您保留的商品已停用/, /\$60\.00 已退回/],
    },
  },
  "late money that did not come back": {
    says: "that the refund of late money did not go through and who has the money",
    numbers: 0,
    text: {
      en: [/nothing was left/, /refund of \$60\.00 did not go through. The money is still with the shop/],
      fr: [/remboursement de 60,00.\$ n’a pas abouti. L’argent est encore chez le commerce/],
      zh: [/\$60\.00 的退款没有成功。钱仍在店家处/],
    },
  },
  "part refunded, on its way": {
    says: "how much is on its way back, that a number was taken back, and what stays paid",
    numbers: 2,
    text: {
      en: [/\$60\.00 is on its way back/, /1 of 3 numbers was taken back/, /Still paid \$120\.00/],
      fr: [/60,00.\$ sont en route/, /1 numéro sur 3 a été repris/, /Reste payé 120,00/],
      zh: [/\$60\.00 正在退回/, /3 个编号中有 1 个已收回/, /实际付款 ¥?\$?120\.00/],
    },
  },
  "part refunded, back": {
    says: "how much went back, and what stays paid",
    numbers: 2,
    text: {
      en: [/\$60\.00 went back/, /Given back −\$60\.00/, /Still paid \$120\.00/],
      fr: [/60,00.\$ ont été remboursés/, /Remboursé −60,00/, /Reste payé 120,00/],
      zh: [/\$60\.00 已退回/, /已退款 −\$60\.00/, /实际付款 \$120\.00/],
    },
  },
  "money refunded, pieces kept": {
    says: "how much went back, and takes no number away",
    numbers: 1,
    text: { en: [/\$15\.00 went back/, /Still paid \$45\.00/], fr: [/15,00.\$ ont été/, /Reste payé 45,00/], zh: [/\$15\.00 已退回/, /\$45\.00/] },
  },
  "part back, part on its way": {
    says: "what is back apart from what is only on its way",
    numbers: 2,
    text: {
      en: [/\$60\.00 went back/, /\$10\.00 is on its way back/, /Still paid \$110\.00/],
      fr: [/60,00.\$ ont été remboursés/, /10,00.\$ sont en route/, /Reste payé 110,00/],
      zh: [/\$60\.00 已退回/, /\$10\.00 正在退回/, /\$110\.00/],
    },
  },
  "part refund that failed": {
    says: "that the refund failed, and that the number taken for it is no longer valid",
    numbers: 2,
    text: {
      en: [/refund of \$60\.00 did not go through/, /taken back for it and is no longer valid/],
      fr: [/remboursement de 60,00.\$ n’a pas abouti/, /n’est plus valable/],
      zh: [/\$60\.00 的退款没有成功/, /1 个编号已为此收回/],
    },
  },
  "refunded, on its way": {
    says: "that all of the money is on its way back and the numbers are worth nothing",
    numbers: 0,
    text: {
      en: [/\$120\.00 is on its way back/, /numbers of this order are no longer valid/],
      fr: [/120,00.\$ sont en route/, /numéros de cette commande ne sont plus valables/],
      zh: [/\$120\.00 正在退回/, /编号已失效/],
    },
  },
  "refunded, back": {
    says: "that all of the money went back",
    numbers: 0,
    text: { en: [/\$60\.00 went back/, /no longer valid/], fr: [/60,00.\$ ont été remboursés/, /plus valable/], zh: [/\$60\.00 已退回/, /已失效/] },
  },
  "refund that failed": {
    says: "that the refund failed, who has the money, and that the number is no longer valid",
    numbers: 0,
    text: {
      en: [/refund of \$60\.00 did not go through. The money is still with the shop/, /no longer valid/],
      fr: [/remboursement de 60,00.\$ n’a pas abouti/, /plus valable/],
      zh: [/\$60\.00 的退款没有成功/, /不再有效/],
    },
  },
  "refund of money that had gone back": {
    says: "that the refund was refused because money had gone back before, and never that the shop still has it",
    numbers: 0,
    text: {
      en: [/tried to refund \$60\.00, but the payment company says that money of this payment has gone back before/, /no longer valid/],
      fr: [/voulu rembourser 60,00.\$, mais la société de paiement indique/, /plus valable/],
      zh: [/尝试退款 \$60\.00，但支付公司表示/, /不再有效/],
    },
  },
  "wrong sum": {
    says: "what came, what was asked for, and that somebody looks at it (I9)",
    numbers: 0,
    text: {
      en: [/received \$50\.00 CAD, but this order asks for \$60\.00 CAD/, /person is looking/, /Do not pay again/],
      fr: [/reçu 50,00.\$ CAD, mais cette commande demande 60,00.\$ CAD/, /personne s’en occupe/],
      zh: [/收到 \$50\.00 CAD，但此订单应付 \$60\.00 CAD/, /工作人员正在处理/],
    },
  },
  "wrong currency": {
    says: "in which currency it came (I9)",
    numbers: 0,
    text: { en: [/received \$60\.00 USD, .* \$60\.00 CAD/], fr: [/60,00.\$ USD, .* 60,00.\$ CAD/], zh: [/\$60\.00 USD，.*\$60\.00 CAD/] },
  },
  "unknown currency": {
    says: "only the currency, where its amounts cannot be read",
    numbers: 0,
    text: { en: [/received a payment in BRL/], fr: [/reçu un paiement en BRL/], zh: [/收到 BRL 付款/] },
  },
  "not real money": {
    says: "that a payment does not fit, and never that the order was paid",
    numbers: 0,
    text: { en: [/not the way this order asks for/], fr: [/pas de la façon prévue/], zh: [/与此订单的约定不符/] },
  },
  "wrong sum, taken": {
    says: "that the shop took what came",
    numbers: 1,
    text: { en: [/\$50\.00 instead of \$60\.00/], fr: [/50,00.\$ au lieu de 60,00/], zh: [/\$50\.00，而不是 \$60\.00/] },
  },
  "wrong sum, settled": {
    says: "how the shop says that it ended, as the shop's word",
    numbers: 0,
    text: {
      en: [/shop says that it gave your money back another way/],
      fr: [/commerce dit vous avoir remboursé/],
      zh: [/店家表示已用其他方式把钱退给您/],
    },
  },
  "dispute open": {
    says: "that the bank has not decided and the numbers are paused (trap 12)",
    numbers: 2,
    text: {
      en: [/questioned this payment \(\$120\.00\)/, /not decided yet/, /numbers are paused/],
      fr: [/contesté ce paiement \(120,00.\$\)/, /pas encore décidé/, /numéros sont suspendus/],
      zh: [/这笔付款（\$120\.00）/, /尚未作出决定/, /暂停使用/],
    },
  },
  "bank asks": {
    says: "that the bank only asks and has taken nothing, and that the numbers are paused",
    numbers: 2,
    text: {
      en: [/asks about this payment \(\$120\.00\)/, /taken nothing/, /numbers are paused/],
      fr: [/s’informe sur ce paiement \(120,00.\$\)/, /rien repris/, /numéros sont suspendus/],
      zh: [/查询这笔付款（\$120\.00）/, /没有收回任何款项/, /暂停使用/],
    },
  },
  "bank asked": {
    says: "that the question is closed, and of no decision that no bank has made",
    numbers: 1,
    text: { en: [/the bank took nothing/], fr: [/n’a rien repris/], zh: [/查询已结束/] },
  },
  "dispute won": {
    says: "that the payment stands",
    numbers: 1,
    text: { en: [/the payment stands/], fr: [/le paiement est maintenu/], zh: [/付款有效/] },
  },
  "dispute lost": {
    says: "that the bank took the money back and the number is worth nothing (trap 12)",
    numbers: 0,
    text: {
      en: [/took \$60\.00 back from the shop/, /no longer valid/],
      fr: [/a repris 60,00.\$ au commerce/, /plus valable/],
      zh: [/从店家收回 \$60\.00/, /已失效/],
    },
  },
  "dispute open, a refund waits": {
    says: "that the refund waits for the bank, not that it is on its way",
    numbers: 2,
    text: {
      en: [/refund of \$60\.00 waits until the bank has decided/],
      fr: [/remboursement de 60,00.\$ attend la décision/],
      zh: [/\$60\.00 的退款要等银行/],
    },
  },
  "unit replaced": {
    says: "that the old number no longer works, and shows the new one (trap 8)",
    numbers: 1,
    text: { en: [/old number no longer works/], fr: [/ancien numéro ne vaut plus/], zh: [/旧编号已失效/] },
  },
  "unit out of use": {
    says: "that the shop took a number out of use that is paid for",
    numbers: 1,
    text: { en: [/took a number of yours out of use/], fr: [/mis un de vos numéros hors d’usage/], zh: [/停用了您的 1 个编号/] },
  },
  "text late": {
    says: "that the text is late, beside the number (trap 17)",
    numbers: 1,
    text: { en: [/is late.*this page always shows your number/], fr: [/en retard.*affiche toujours votre numéro/], zh: [/有延迟.*随时显示您的编号/] },
  },
  "text unheard of": {
    says: "that nobody knows whether the text arrived (trap 17)",
    numbers: 1,
    text: { en: [/We do not know whether it arrived/], fr: [/ne savons pas s’il est arrivé/], zh: [/不知是否送达/] },
  },
  "text failed": {
    says: "that the text did not arrive, beside the number (trap 17)",
    numbers: 1,
    text: { en: [/could not reach/, /always shows your number/], fr: [/pas pu joindre/, /affiche toujours/], zh: [/未能送达/, /随时可以查看/] },
  },
  "text opted out": {
    says: "that the phone takes no texts, beside the number (trap 17)",
    numbers: 1,
    text: { en: [/takes no texts from us \(STOP\)/], fr: [/refuse nos textos \(STOP\)/], zh: [/拒收我们的短信/] },
  },
};

it.each(storyNames.flatMap((name) => languages.map((language) => [name, guarantees[name].says, language] as const)))(
  "%s: the page says %s, in %s",
  async (name, _says, language) => {
    const told = await stories[name](language);
    const view = await viewOf(told, language);
    const { html } = orderPage(view);
    for (const expected of guarantees[name].text[language]) expect(said(html)).toMatch(expected);
    // Shown are exactly the numbers that are the buyer's; none of the others is anywhere in the page.
    expect(view.units).toHaveLength(guarantees[name].numbers);
    const shown = view.units.map(({ serial }) => serial);
    for (const serial of serialsOf(told)) expect([serial, html.includes(serial)]).toEqual([serial, shown.includes(serial)]);
  },
);

it("calls nothing uncharged that was paid, and nothing paid that was not", async () => {
  for (const name of storyNames) {
    const told = await stories[name]("en");
    const text = said(orderPage(await viewOf(told, "en")).html);
    const unpaid = name === "hold over, unpaid";
    expect([name, text.includes("Nothing was charged")]).toEqual([name, unpaid]);
    const received = orderOf(told).paid_at !== undefined && name !== "not real money";
    expect([name, /Receipt/.test(text)]).toEqual([name, received]);
  }
});

it("names whom to call before anything else to read, where something is wrong", async () => {
  for (const name of ["wrong sum", "refund that failed", "part refund that failed", "dispute lost", "unit out of use"] as const) {
    const { html } = await pageOf(name, "en");
    expect([name, html.indexOf("tel:") < html.indexOf(`class="receipt"`)]).toEqual([name, true]);
  }
});

it("never waits for an answer that its own question does not give: a page that is true is not reloaded", async () => {
  for (const name of storyNames) {
    const { shop, token } = await stories[name]("en");
    const { html } = await pageOf(name, "en");
    const expected = /data-expected="([^"]+)"/.exec(html)?.[1];
    const status = await orderStatus(token, { ...shop.ports, checkoutOrigin });
    const answer = status?.state === "assigned" ? `${status.state} ${status.sms}` : status?.state;
    if (expected !== undefined) expect([name, answer]).toEqual([name, expected]);
  }
});

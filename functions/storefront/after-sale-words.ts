// What an order's page says after the sale: what happened to the money and to the numbers. Plain, and never more than is known.
// The days are Stripe's: support.stripe.com/questions/how-long-refunds-take-to-process.
import type { Language } from "../../platform/contract/problem.ts";

const en = {
  comingTitle: "Your money is on its way back",
  backTitle: "Your money went back",
  lostTitle: "The bank took the payment back",
  withdrawnTitle: (count: number): string => (count === 1 ? "Your number is out of use" : "Your numbers are out of use"),
  back: (sum: string) => `${sum} went back to the card you paid with.`,
  coming: (sum: string) => `${sum} is on its way back to the card you paid with, not confirmed yet.`,
  waiting: (sum: string) => `A refund of ${sum} waits until the bank has decided.`,
  days: "Banks usually take 5 to 10 business days to show it.",
  failed: (sum: string) => `A refund of ${sum} did not go through. The money is still with the shop, and a person is looking at it.`,
  failedAtProvider: (sum: string) =>
    `The shop tried to refund ${sum}, but the payment company says that money of this payment has gone back before. A person is looking at it.`,
  lateDelivered: "We saw your payment after the time to pay was over. It counts.",
  ungiven: {
    late: "We saw your payment after the time to pay was over, and nothing was left to give you.",
    called_back: "What was kept for you had to be taken out of use, and nothing else was left to give you.",
  },
  mismatch: (received: string, asked: string) =>
    `We received ${received}, but this order asks for ${asked}. So no number was given out. A person is looking at it. Do not pay again.`,
  mismatchOther: "A payment arrived, but not the way this order asks for. So no number was given out. A person is looking at it. Do not pay again.",
  stockLost: (sum: string) =>
    `Your payment of ${sum} arrived, but the number held for you could not be given out. A person is looking at it: you get a number here or your money back. Do not pay again.`,
  withdrawn: (count: number): string =>
    `The shop took ${count === 1 ? "a number" : `${count} numbers`} of yours out of use. You have paid for ${count === 1 ? "it" : "them"}: call the shop for another one or your money back.`,
  takenBack: (count: number, total: number): string =>
    `${count} of ${total} numbers ${count === 1 ? "was" : "were"} taken back. Only what is shown below is yours.`,
  takenForNothing: (count: number): string =>
    count === 1 ? "A number was taken back for it and is no longer valid." : `${count} numbers were taken back for it and are no longer valid.`,
  replaced: "A number was replaced. Only what is shown below is yours; the old number no longer works.",
  noLongerValid: (count: number): string =>
    count === 1 ? "The number of this order is no longer valid." : "The numbers of this order are no longer valid.",
  inquiryOpen: (sum?: string) =>
    `The bank of the card’s holder asks about this payment${sum ? ` (${sum})` : ""}. It has taken nothing, and waits for an answer.`,
  inquiryClosed: "The bank of the card’s holder had asked about this payment. That is closed, and the bank took nothing.",
  disputeOpen: (sum?: string) =>
    `The card’s holder has questioned this payment${sum ? ` (${sum})` : ""} at their bank. The bank has not decided yet.`,
  paused: (count: number): string =>
    count === 1 ? "Until then your number is paused and may not work." : "Until then your numbers are paused and may not work.",
  pausedMark: "paused",
  disputeWon: "The card’s holder had questioned this payment at their bank. The bank has decided: the payment stands.",
  disputeLost: (sum?: string) => `The bank decided for the card’s holder and took ${sum ?? "the money"} back from the shop.`,
  settledTitle: "The shop has closed this matter",
  settled: {
    refunded_elsewhere: "The shop says that it gave your money back another way.",
    given_elsewhere: "The shop says that it gave you what you paid for.",
    no_money: "The shop says that no money of yours came in for this order.",
    written_off: "The shop says that nothing is left to do.",
  },
  settledNext: "If that is not so, call the shop.",
  accepted: (received: string, asked: string) => `We received ${received} instead of ${asked}, and the shop took it. Nothing more is asked of you.`,
  /** Money in a currency whose amounts we cannot read. */
  inCurrency: (currency: string) => `a payment in ${currency}`,
  row: {
    received: "We received",
    back: "Given back",
    coming: "On its way back",
    waiting: "Refund that waits",
    lost: "Taken back by the bank",
    left: "Still paid",
  },
};

export type AfterSaleWords = typeof en;

const fr: AfterSaleWords = {
  comingTitle: "Votre argent est en route",
  backTitle: "Votre argent vous a été rendu",
  lostTitle: "La banque a repris le paiement",
  withdrawnTitle: (count) => (count === 1 ? "Votre numéro est hors d’usage" : "Vos numéros sont hors d’usage"),
  back: (sum) => `${sum} ont été remboursés sur la carte utilisée.`,
  coming: (sum) => `${sum} sont en route vers la carte utilisée, sans confirmation pour l’instant.`,
  waiting: (sum) => `Un remboursement de ${sum} attend la décision de la banque.`,
  days: "Les banques mettent d’habitude de 5 à 10 jours ouvrables à l’afficher.",
  failed: (sum) => `Un remboursement de ${sum} n’a pas abouti. L’argent est encore chez le commerce et une personne s’en occupe.`,
  failedAtProvider: (sum) =>
    `Le commerce a voulu rembourser ${sum}, mais la société de paiement indique que de l’argent de ce paiement a déjà été rendu. Une personne s’en occupe.`,
  lateDelivered: "Nous avons vu votre paiement après la fin du délai. Il compte.",
  ungiven: {
    late: "Nous avons vu votre paiement après la fin du délai, et il ne restait rien à vous donner.",
    called_back: "Ce qui était réservé pour vous a dû être retiré, et il ne restait rien d’autre à vous donner.",
  },
  mismatch: (received, asked) =>
    `Nous avons reçu ${received}, mais cette commande demande ${asked}. Aucun numéro n’a donc été donné. Une personne s’en occupe. Ne payez pas de nouveau.`,
  mismatchOther:
    "Un paiement est arrivé, mais pas de la façon prévue. Aucun numéro n’a donc été donné. Une personne s’en occupe. Ne payez pas de nouveau.",
  stockLost: (sum) =>
    `Votre paiement de ${sum} est arrivé, mais le numéro réservé pour vous n’a pas pu être donné. Une personne s’en occupe\u00a0: vous recevrez ici un numéro, ou un remboursement. Ne payez pas de nouveau.`,
  withdrawn: (count) =>
    count === 1
      ? "Le commerce a mis un de vos numéros hors d’usage. Vous l’avez payé\u00a0: appelez le commerce pour en avoir un autre ou être remboursé."
      : `Le commerce a mis ${count} de vos numéros hors d’usage. Vous les avez payés\u00a0: appelez le commerce pour en avoir d’autres ou être remboursé.`,
  takenBack: (count, total) =>
    `${count} numéro${count === 1 ? " sur " : "s sur "}${total} ${count === 1 ? "a été repris" : "ont été repris"}. Seul ce qui est affiché ci-dessous est à vous.`,
  takenForNothing: (count) =>
    count === 1
      ? "Un numéro avait été repris en échange et n’est plus valable."
      : `${count} numéros avaient été repris en échange et ne sont plus valables.`,
  replaced: "Un numéro a été remplacé. Seul ce qui est affiché ci-dessous est à vous; l’ancien numéro ne vaut plus.",
  noLongerValid: (count) =>
    count === 1 ? "Le numéro de cette commande n’est plus valable." : "Les numéros de cette commande ne sont plus valables.",
  inquiryOpen: (sum) =>
    `La banque du titulaire de la carte s’informe sur ce paiement${sum ? ` (${sum})` : ""}. Elle n’a rien repris et attend une réponse.`,
  inquiryClosed: "La banque du titulaire de la carte s’était informée sur ce paiement. C’est clos, et elle n’a rien repris.",
  disputeOpen: (sum) => `Le titulaire de la carte a contesté ce paiement${sum ? ` (${sum})` : ""} à sa banque. La banque n’a pas encore décidé.`,
  paused: (count) =>
    count === 1
      ? "D’ici là, votre numéro est suspendu et pourrait ne pas fonctionner."
      : "D’ici là, vos numéros sont suspendus et pourraient ne pas fonctionner.",
  pausedMark: "suspendu",
  disputeWon: "Le titulaire de la carte avait contesté ce paiement à sa banque. La banque a décidé\u00a0: le paiement est maintenu.",
  disputeLost: (sum) => `La banque a donné raison au titulaire de la carte et a repris ${sum ?? "l’argent"} au commerce.`,
  settledTitle: "Le commerce a classé cette affaire",
  settled: {
    refunded_elsewhere: "Le commerce dit vous avoir remboursé autrement.",
    given_elsewhere: "Le commerce dit vous avoir remis ce que vous avez payé.",
    no_money: "Le commerce dit qu’aucun argent de votre part n’est arrivé pour cette commande.",
    written_off: "Le commerce dit qu’il ne reste rien à faire.",
  },
  settledNext: "Si ce n’est pas le cas, appelez le commerce.",
  accepted: (received, asked) => `Nous avons reçu ${received} au lieu de ${asked}, et le commerce l’a accepté. Rien d’autre ne vous est demandé.`,
  inCurrency: (currency) => `un paiement en ${currency}`,
  row: {
    received: "Nous avons reçu",
    back: "Remboursé",
    coming: "Remboursement en route",
    waiting: "Remboursement en attente",
    lost: "Repris par la banque",
    left: "Reste payé",
  },
};

const zh: AfterSaleWords = {
  comingTitle: "您的钱正在退回",
  backTitle: "您的钱已退回",
  lostTitle: "银行已收回这笔付款",
  withdrawnTitle: () => "您的编号已停用",
  back: (sum) => `${sum} 已退回您付款的卡。`,
  coming: (sum) => `${sum} 正在退回您付款的卡，尚未确认。`,
  waiting: (sum) => `${sum} 的退款要等银行作出决定。`,
  days: "银行通常需要 5 至 10 个工作日才会显示。",
  failed: (sum) => `${sum} 的退款没有成功。钱仍在店家处，工作人员正在处理。`,
  failedAtProvider: (sum) => `店家尝试退款 ${sum}，但支付公司表示这笔付款的钱此前已有退回。工作人员正在处理。`,
  lateDelivered: "我们看到您的付款时，付款时间已过。这笔付款有效。",
  ungiven: {
    late: "我们看到您的付款时，付款时间已过，商品也已售完。",
    called_back: "为您保留的商品已停用，且没有其他商品可以给您。",
  },
  mismatch: (received, asked) => `我们收到 ${received}，但此订单应付 ${asked}，因此没有发出编号。工作人员正在处理。请不要重复付款。`,
  mismatchOther: "收到一笔付款，但与此订单的约定不符，因此没有发出编号。工作人员正在处理。请不要重复付款。",
  stockLost: (sum) => `您的付款 ${sum} 已收到，但为您保留的编号无法发出。工作人员正在处理：编号会显示在这里，否则会退款给您。请不要重复付款。`,
  withdrawn: (count) => `店家停用了您的 ${count} 个编号。您已为此付款：请致电店家，换新编号或退款。`,
  takenBack: (count, total) => `${total} 个编号中有 ${count} 个已收回。只有下面显示的归您使用。`,
  takenForNothing: (count) => `有 ${count} 个编号已为此收回，不再有效。`,
  replaced: "有一个编号已更换。只有下面显示的归您使用，旧编号已失效。",
  noLongerValid: () => "此订单的编号已失效。",
  inquiryOpen: (sum) => `持卡人的银行正在查询这笔付款${sum ? `（${sum}）` : ""}。银行没有收回任何款项，正等待答复。`,
  inquiryClosed: "持卡人的银行曾查询这笔付款。查询已结束，银行没有收回任何款项。",
  disputeOpen: (sum) => `持卡人已就这笔付款${sum ? `（${sum}）` : ""}向银行提出异议。银行尚未作出决定。`,
  paused: () => "在此期间，您的编号暂停使用，可能无法使用。",
  pausedMark: "暂停",
  disputeWon: "持卡人曾就这笔付款向银行提出异议。银行已决定：付款有效。",
  disputeLost: (sum) => `银行支持持卡人，已从店家收回${sum ? ` ${sum}` : "这笔钱"}。`,
  settledTitle: "店家已结束处理",
  settled: {
    refunded_elsewhere: "店家表示已用其他方式把钱退给您。",
    given_elsewhere: "店家表示已把您付款购买的东西交给您。",
    no_money: "店家表示没有收到您为此订单付的钱。",
    written_off: "店家表示没有其他需要处理的事。",
  },
  settledNext: "如果不是这样，请致电店家。",
  accepted: (received, asked) => `我们收到 ${received}，而不是 ${asked}；店家已接受，您无需再付。`,
  inCurrency: (currency) => `${currency} 付款`,
  row: { received: "我们收到", back: "已退款", coming: "正在退款", waiting: "等待中的退款", lost: "被银行收回", left: "实际付款" },
};

export const afterSaleWords: Readonly<Record<Language, AfterSaleWords>> = { en, fr, zh };

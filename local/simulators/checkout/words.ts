// What the hosted page says, written by meaning in each language.

export const languages = ["en", "fr", "zh"] as const;
export type Language = (typeof languages)[number];

/** Regional forms decide how money and dates look. */
export const regionOf: Readonly<Record<Language, string>> = { en: "en-CA", fr: "fr-CA", zh: "zh-CN" };

const en = {
  simulated: "Simulated Stripe — no real money",
  title: (merchant: string) => `Pay ${merchant}`,
  back: "Back to the shop",
  total: "Total",
  quantity: (count: number, each: string) => `${count} × ${each}`,
  card: "Test card",
  outcomes: {
    approved: "Pays at once",
    challenge: "The bank asks you to confirm",
    generic_decline: "The bank declines",
    insufficient_funds: "Not enough money on the card",
  },
  more: "Another card, a receipt",
  typed: "Another card number",
  email: "E-mail for the receipt",
  pay: (amount: string) => `Pay ${amount}`,
  declined: "The bank declined the card. Nothing was charged. Try another card.",
  insufficient: "There is not enough money on the card. Nothing was charged. Try another card.",
  notConfirmed: "The bank could not confirm that it was you. Nothing was charged. Try again or use another card.",
  badNumber: "That is not a card number. Nothing was charged. Check it and try again.",
  paidTitle: "Paid",
  paid: "This payment went through. It cannot be paid again.",
  toOrder: "Go to your order",
  expiredTitle: "This page has expired",
  expired: "Nothing was charged. Go back to the shop and start again.",
  unknownTitle: "No such payment page",
  unknown: "Nothing was charged. Check the link, or scan the code again.",
  challengeTitle: "Is it you?",
  challenge: (merchant: string, amount: string) => `Your bank asks you to confirm ${amount} to ${merchant}.`,
  complete: "Yes, confirm",
  fail: "No, refuse",
};
export type Words = typeof en;

const fr: Words = {
  simulated: "Stripe simulé — aucun argent réel",
  title: (merchant) => `Payer ${merchant}`,
  back: "Retour à la boutique",
  total: "Total",
  quantity: (count, each) => `${count} × ${each}`,
  card: "Carte d’essai",
  outcomes: {
    approved: "Paie tout de suite",
    challenge: "La banque demande de confirmer",
    generic_decline: "La banque refuse",
    insufficient_funds: "Solde insuffisant",
  },
  more: "Une autre carte, un reçu",
  typed: "Un autre numéro de carte",
  email: "Courriel pour le reçu",
  pay: (amount) => `Payer ${amount}`,
  declined: "La banque a refusé la carte. Rien n’a été débité. Essayez une autre carte.",
  insufficient: "Le solde de la carte est insuffisant. Rien n’a été débité. Essayez une autre carte.",
  notConfirmed: "La banque n’a pas pu confirmer que c’était vous. Rien n’a été débité. Réessayez ou prenez une autre carte.",
  badNumber: "Ce n’est pas un numéro de carte. Rien n’a été débité. Vérifiez-le et réessayez.",
  paidTitle: "Payé",
  paid: "Ce paiement est fait. Il ne peut pas être payé une deuxième fois.",
  toOrder: "Voir votre commande",
  expiredTitle: "Cette page a expiré",
  expired: "Rien n’a été débité. Retournez à la boutique et recommencez.",
  unknownTitle: "Page de paiement introuvable",
  unknown: "Rien n’a été débité. Vérifiez le lien ou scannez le code à nouveau.",
  challengeTitle: "Est-ce bien vous?",
  challenge: (merchant, amount) => `Votre banque vous demande de confirmer ${amount} à ${merchant}.`,
  complete: "Oui, je confirme",
  fail: "Non, je refuse",
};

const zh: Words = {
  simulated: "模拟 Stripe — 不涉及真实资金",
  title: (merchant) => `付款给 ${merchant}`,
  back: "返回商店",
  total: "合计",
  quantity: (count, each) => `${count} × ${each}`,
  card: "测试卡",
  outcomes: {
    approved: "立即付款成功",
    challenge: "银行要求您确认",
    generic_decline: "银行拒绝",
    insufficient_funds: "卡内余额不足",
  },
  more: "使用其他卡、接收收据",
  typed: "其他卡号",
  email: "接收收据的邮箱",
  pay: (amount) => `支付 ${amount}`,
  declined: "银行拒绝了这张卡，未扣款。请换一张卡。",
  insufficient: "卡内余额不足，未扣款。请换一张卡。",
  notConfirmed: "银行未能确认是您本人，未扣款。请重试或换一张卡。",
  badNumber: "卡号不正确，未扣款。请检查后重试。",
  paidTitle: "已付款",
  paid: "这笔付款已完成，不会重复扣款。",
  toOrder: "查看订单",
  expiredTitle: "付款页面已过期",
  expired: "未扣款。请返回商店重新开始。",
  unknownTitle: "没有这个付款页面",
  unknown: "未扣款。请检查链接，或重新扫码。",
  challengeTitle: "是您本人吗？",
  challenge: (merchant, amount) => `银行请您确认向 ${merchant} 支付 ${amount}。`,
  complete: "是，确认付款",
  fail: "不，拒绝付款",
};

export const words: Readonly<Record<Language, Words>> = { en, fr, zh };

/** The session's locale decides; `auto` (or none) leaves it to the browser. */
export const languageOf = (locale: string | null, acceptLanguage: string | undefined): Language => {
  const wanted = locale === null || locale === "auto" ? (acceptLanguage ?? "").split(",").map((part) => part.split(";")[0] ?? "") : [locale];
  for (const tag of wanted) {
    const found = languages.find((language) => tag.trim().toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
};

import * as z from "zod";
import { Money } from "../../kernel/money.ts";
import { Label, Slug } from "../../platform/contract/names.ts";
import { languages, problems } from "../../platform/contract/problem.ts";
import { route } from "../../platform/contract/route.ts";
import { Phone } from "../people/contract.ts";

/** Pieces of one line: with the order's other writes they stay far below the 100 of a transaction. */
export const quantityMax = 5;

export const orderProblems = problems({
  out_of_stock: {
    status: 409,
    sentence: {
      en: "This one has just sold out. Nothing was charged. Choose another size or come back later.",
      fr: "Cet article vient d’être épuisé. Rien n’a été débité. Choisissez un autre format ou revenez plus tard.",
      zh: "此规格刚刚售罄，未扣款。请选择其他规格或稍后再来。",
    },
  },
  listing_closed: {
    status: 409,
    sentence: {
      en: "The shop is not selling this right now. Nothing was charged.",
      fr: "La boutique ne vend pas cet article en ce moment. Rien n’a été débité.",
      zh: "商店目前不出售此商品，未扣款。",
    },
  },
  item_unknown: {
    status: 404,
    sentence: {
      en: "The shop does not have this item any more. Nothing was charged. Scan the code again.",
      fr: "La boutique n’a plus cet article. Rien n’a été débité. Scannez le code à nouveau.",
      zh: "商店已没有此规格，未扣款。请重新扫码。",
    },
  },
  node_unknown: {
    status: 409,
    sentence: {
      en: "This code is not one of the shop's. Nothing was charged. Do not pay here; tell the shop.",
      fr: "Ce code n’appartient pas à la boutique. Rien n’a été débité. Ne payez pas ici et prévenez la boutique.",
      zh: "此二维码不属于该商店，未扣款。请勿在此付款，并告知商店。",
    },
  },
  payment_unavailable: {
    status: 502,
    sentence: {
      en: "The payment page could not be opened. Nothing was charged. What you chose is kept for you: try again in a minute.",
      fr: "La page de paiement n’a pas pu s’ouvrir. Rien n’a été débité. Votre choix vous est réservé\u00a0: réessayez dans une minute.",
      zh: "无法打开付款页面，未扣款。您的选择已为您保留：请一分钟后重试。",
    },
  },
  checkout_closed: {
    status: 409,
    sentence: {
      en: "The time to pay is over. Nothing more will be charged. Scan the code again to start anew.",
      fr: "Le délai de paiement est écoulé. Rien d’autre ne sera débité. Scannez le code à nouveau pour recommencer.",
      zh: "付款时间已过，不会再扣款。请重新扫码重新开始。",
    },
  },
  order_unknown: {
    status: 404,
    sentence: {
      en: "There is no order at this address. Check the link in your text message.",
      fr: "Il n’y a pas de commande à cette adresse. Vérifiez le lien dans votre texto.",
      zh: "此地址没有订单。请检查短信中的链接。",
    },
  },
});

export const PlaceOrder = z.strictObject({
  listing_id: Slug,
  lines: z.array(z.strictObject({ item: Label, quantity: z.int().min(1).max(quantityMax) })).length(1),
  node: Label.optional(),
  phone: Phone,
  lang: z.enum(languages).optional(),
});
export type PlaceOrder = z.infer<typeof PlaceOrder>;

/** The order page's secret: `merchant.order.signature`. */
export const OrderToken = z
  .string()
  .regex(/^[a-z0-9-]{1,40}\.[0-9a-z]{16}\.[0-9a-z]{26}$/)
  .meta({ id: "OrderToken" });

export const OrderPlaced = z.object({
  token: OrderToken,
  order_url: z.string(),
  /** Where to pay; null when nothing is to be paid any more, or the provider could not be reached: the order's page says which, and what can be done. */
  checkout_url: z.string().nullable(),
  total: Money,
  hold_until: z.string(),
});

export const placeOrder = route({
  id: "placeOrder",
  method: "POST",
  path: "/api/orders",
  auth: "public",
  idempotency: "required",
  summary: "Hold the units and open the checkout",
  body: PlaceOrder,
  form: true,
  ok: { status: 201, body: OrderPlaced },
  errors: {
    out_of_stock: orderProblems.out_of_stock,
    listing_closed: orderProblems.listing_closed,
    item_unknown: orderProblems.item_unknown,
    node_unknown: orderProblems.node_unknown,
  },
});

export const openCheckout = route({
  id: "openCheckout",
  method: "POST",
  path: "/api/orders/{token}/checkout",
  auth: "public",
  // One live session per order whatever the repeats: the order itself is the key.
  idempotency: "none",
  summary: "Go on to pay for a held order; the live session is reused",
  params: z.object({ token: OrderToken }),
  form: true,
  ok: { status: 200, body: z.object({ checkout_url: z.string() }) },
  errors: {
    order_unknown: orderProblems.order_unknown,
    payment_unavailable: orderProblems.payment_unavailable,
    checkout_closed: orderProblems.checkout_closed,
  },
});

/** What a waiting page asks for; the page itself shows the rest. */
export const OrderStatus = z.object({
  state: z.enum(["awaiting_payment", "assigned", "attention", "closed"]),
  sms: z.enum(["none", "pending", "sent", "delivered", "failed"]),
});

export const orderStatus = route({
  id: "orderStatus",
  method: "GET",
  path: "/api/orders/{token}",
  auth: "public",
  idempotency: "none",
  summary: "Where an order stands, for its page to wait on",
  params: z.object({ token: OrderToken }),
  ok: { status: 200, body: OrderStatus },
  errors: { order_unknown: orderProblems.order_unknown },
});

/** Why the exceptions desk does not do what it is asked. */
export const deskProblems = /* @__PURE__ */ problems({
  not_on_desk: {
    status: 409,
    sentence: {
      en: "Nobody has to look at this order, or somebody has just seen to it. Nothing was changed. List the desk again.",
      fr: "Personne n’a à s’occuper de cette commande, ou quelqu’un vient de le faire. Rien n’a été modifié. Affichez la liste à nouveau.",
      zh: "此订单无需处理，或刚刚已有人处理，没有任何更改。请重新查看列表。",
    },
  },
  disputed: {
    status: 409,
    sentence: {
      en: "The buyer's bank disputes this payment, or has taken the money back. Nothing was changed. Give nothing for it; look at the dispute at the provider.",
      fr: "La banque de l’acheteur conteste ce paiement ou a repris l’argent. Rien n’a été modifié. Ne remettez rien; voyez la contestation chez le fournisseur.",
      zh: "买家的银行对此付款提出争议，或已收回款项，没有任何更改。请勿交付，并在支付服务商处查看争议。",
    },
  },
  no_money: {
    status: 409,
    sentence: {
      en: "There is no money of this order: none was captured, or it is not real money. Nothing was changed. Close the matter instead.",
      fr: "Il n’y a pas d’argent pour cette commande\u00a0: rien n’a été encaissé, ou ce n’est pas de l’argent réel. Rien n’a été modifié. Classez plutôt l’affaire.",
      zh: "此订单没有款项：未收到任何款项，或并非真实款项。没有任何更改。请直接结案。",
    },
  },
  refund_standing: {
    status: 409,
    sentence: {
      en: "Money of this order is back with the buyer or on its way. Nothing was changed. Give nothing beside a refund.",
      fr: "De l’argent de cette commande a été rendu ou est en route. Rien n’a été modifié. Ne remettez rien en plus d’un remboursement.",
      zh: "此订单的款项已退回或正在退回，没有任何更改。退款的同时请勿交付。",
    },
  },
  currency_differs: {
    status: 409,
    sentence: {
      en: "The money came in another currency than the price. Nothing was changed. Refund it.",
      fr: "L’argent est arrivé dans une autre devise que le prix. Rien n’a été modifié. Remboursez-le.",
      zh: "收到的款项与价格的货币不同，没有任何更改。请退款。",
    },
  },
  amount_not_accepted: {
    status: 409,
    sentence: {
      en: "The money that came is not as planned, and the amount you accept is not what came. Nothing was changed. Repeat with the captured amount, or refund it.",
      fr: "L’argent reçu n’est pas celui prévu, et le montant accepté n’est pas celui reçu. Rien n’a été modifié. Répétez avec le montant encaissé, ou remboursez.",
      zh: "收到的款项与计划不符，且您接受的金额与实收金额不同，没有任何更改。请以实收金额重试，或退款。",
    },
  },
  nothing_missing: {
    status: 409,
    sentence: {
      en: "The buyer has every unit that is paid for. Nothing was changed.",
      fr: "L’acheteur a toutes les unités payées. Rien n’a été modifié.",
      zh: "买家已拥有全部已付款的单位，没有任何更改。",
    },
  },
  refund_running: {
    status: 409,
    sentence: {
      en: "A refund of this order is on its way. Nothing was changed. Wait until it has ended.",
      fr: "Un remboursement de cette commande est en route. Rien n’a été modifié. Attendez qu’il soit terminé.",
      zh: "此订单的退款正在进行，没有任何更改。请等待其结束。",
    },
  },
  reason_does_not_fit: {
    status: 409,
    sentence: {
      en: "The order does not stand as this reason says. Nothing was changed. Choose another reason.",
      fr: "La commande n’est pas dans l’état que dit ce motif. Rien n’a été modifié. Choisissez un autre motif.",
      zh: "订单状态与所选原因不符，没有任何更改。请选择其他原因。",
    },
  },
  units_held: {
    status: 409,
    sentence: {
      en: "Units are still kept for this order. Nothing was changed. Give them with giveUnits, or choose another reason and they go back to stock.",
      fr: "Des unités sont encore gardées pour cette commande. Rien n’a été modifié. Remettez-les avec giveUnits, ou choisissez un autre motif et elles retournent en stock.",
      zh: "仍有单位为此订单保留，没有任何更改。请用 giveUnits 交付，或选择其他原因使其回到库存。",
    },
  },
});

/** How a person ended a matter outside of this system. */
export const SettledReason = z.enum(["refunded_elsewhere", "given_elsewhere", "dispute_answered", "no_money", "written_off"]);

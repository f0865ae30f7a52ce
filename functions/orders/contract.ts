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
      fr: "La page de paiement n’a pas pu s’ouvrir. Rien n’a été débité. Votre choix vous est réservé: réessayez dans une minute.",
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
  /** Where to pay; null when the provider could not be reached: the order page offers to try again. */
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

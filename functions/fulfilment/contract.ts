import * as z from "zod";
import { MinorUnits } from "../../kernel/money.ts";
import { command } from "../../platform/contract/command.ts";
import { Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";
import { inventoryProblems, NewUnit, Reason } from "../inventory/contract.ts";
import { deskProblems, SettledReason } from "../orders/contract.ts";
import { RefundReason } from "../payments/contract.ts";

const OrderRef = { merchant_id: Slug, order_id: z.string().regex(/^[0-9a-z]{16}$/) };

/** The operations after which a person has to look, each time: money that does not fit, a refund that failed, a bank that sets a date for an answer. */
export const personKinds = ["order_needs_attention", "refund_failed", "dispute_inquired", "dispute_opened"] as const;
/** The line that calls them; an alarm counts it. */
export const personNeeded = "person_needed";
/** The operations that somebody acts on. The others are records: they are kept, and nobody is woken for them. */
export const publishedKinds = ["order_paid", "unit_replaced", "units_given", ...personKinds] as const;

export const replacementProblems = problems({
  order_unknown: {
    status: 404,
    sentence: {
      en: "The merchant has no such order. Nothing was changed.",
      fr: "Le marchand n’a pas cette commande. Rien n’a été modifié.",
      zh: "该商户没有此订单，没有任何更改。",
    },
  },
  order_not_paid: {
    status: 409,
    sentence: {
      en: "Only units of a paid order are replaced. Nothing was changed. Look at where the order stands.",
      fr: "Seules les unités d’une commande payée se remplacent. Rien n’a été modifié. Vérifiez où en est la commande.",
      zh: "只有已付款订单的单位可以更换，没有任何更改。请查看订单状态。",
    },
  },
  unit_not_on_order: {
    status: 404,
    sentence: {
      en: "The order has no unit with this number. Nothing was changed. Compare the number on the card.",
      fr: "La commande n’a aucune unité portant ce numéro. Rien n’a été modifié. Comparez le numéro sur la carte.",
      zh: "订单中没有该编号的单位，没有任何更改。请核对卡上的编号。",
    },
  },
  unit_not_sold: {
    status: 409,
    sentence: {
      en: "The buyer does not have this unit any more, or not now. Nothing was changed. Look at its state.",
      fr: "L’acheteur n’a plus cette unité, ou pas en ce moment. Rien n’a été modifié. Vérifiez son état.",
      zh: "买家已不再或暂时不持有此单位，没有任何更改。请查看其状态。",
    },
  },
  unit_disputed: inventoryProblems.unit_disputed,
  already_replaced: {
    status: 409,
    sentence: {
      en: "This unit was replaced before. Nothing was changed. The buyer's page shows the new number.",
      fr: "Cette unité a déjà été remplacée. Rien n’a été modifié. La page de l’acheteur montre le nouveau numéro.",
      zh: "此单位已更换过，没有任何更改。买家的页面会显示新编号。",
    },
  },
  out_of_stock: {
    status: 409,
    sentence: {
      en: "No other unit is left to give. Nothing was changed. Refund the order.",
      fr: "Il ne reste aucune autre unité à remettre. Rien n’a été modifié. Remboursez la commande.",
      zh: "没有其他单位可供更换，没有任何更改。请为订单退款。",
    },
  },
});

export const replaceUnit = command({
  id: "replaceUnit",
  summary: "Give a buyer another unit for a defective one, in one step; a text tells them the new number",
  body: z.strictObject({
    ...OrderRef,
    /** Of the defective unit. */
    serial_number: NewUnit.shape.serial_number,
    reason: Reason,
  }),
  result: z.object({ order_id: z.string(), defective_unit_id: z.string(), unit_id: z.string(), serial_number: z.string() }),
  errors: replacementProblems,
});

export const refundProblems = problems({
  order_unknown: replacementProblems.order_unknown,
  not_refundable: {
    status: 409,
    sentence: {
      en: "No money of this order is there to give back. Nothing was changed. Look at where the order stands.",
      fr: "Aucun montant de cette commande ne peut être rendu. Rien n’a été modifié. Vérifiez où en est la commande.",
      zh: "此订单没有可退的款项，没有任何更改。请查看订单状态。",
    },
  },
  disputed: {
    status: 409,
    sentence: {
      en: "The buyer's bank disputes this payment, so it cannot be refunded as well. Nothing was changed. Answer the dispute at the provider.",
      fr: "La banque de l’acheteur conteste ce paiement; il ne peut pas être remboursé en plus. Rien n’a été modifié. Répondez à la contestation chez le fournisseur.",
      zh: "买家的银行对此付款提出争议，不能再同时退款，没有任何更改。请在支付服务商处回应争议。",
    },
  },
  refunded_elsewhere: {
    status: 409,
    sentence: {
      en: "Somebody recorded that this money was given back another way. Nothing was changed. Look at who settled the order and when.",
      fr: "Quelqu’un a noté que cet argent a été rendu autrement. Rien n’a été modifié. Vérifiez qui a clos la commande et quand.",
      zh: "已有人记录此款项已通过其他方式退回，没有任何更改。请查看是谁在何时处理了此订单。",
    },
  },
  nothing_to_refund: {
    status: 409,
    sentence: {
      en: "Everything is back already, or on its way. Nothing was changed.",
      fr: "Tout a déjà été remboursé ou est en route. Rien n’a été modifié.",
      zh: "款项已全部退回或正在退回，没有任何更改。",
    },
  },
  refund_too_large: {
    status: 409,
    sentence: {
      en: "That is more than is left of the payment. Nothing was changed. Ask for less.",
      fr: "C’est plus que ce qui reste du paiement. Rien n’a été modifié. Demandez un montant plus petit.",
      zh: "金额超过剩余可退款项，没有任何更改。请减少金额。",
    },
  },
  line_unknown: {
    status: 404,
    sentence: {
      en: "The order has no such line, or it is named twice. Nothing was changed.",
      fr: "La commande n’a pas cette ligne, ou elle est nommée deux fois. Rien n’a été modifié.",
      zh: "订单没有此行，或重复指定，没有任何更改。",
    },
  },
  unit_not_on_order: replacementProblems.unit_not_on_order,
  quantity_too_large: {
    status: 409,
    sentence: {
      en: "The line has fewer pieces left than that. Nothing was changed. Ask for less.",
      fr: "Il reste moins de pièces que cela sur la ligne. Rien n’a été modifié. Demandez-en moins.",
      zh: "该行剩余数量不足，没有任何更改。请减少数量。",
    },
  },
  refund_whole_only: {
    status: 409,
    sentence: {
      en: "This money bought nothing, so it goes back whole. Nothing was changed. Repeat without lines and amount.",
      fr: "Cet argent n’a rien acheté; il est rendu en entier. Rien n’a été modifié. Répétez sans lignes ni montant.",
      zh: "这笔款项没有买到任何东西，只能全额退回，没有任何更改。请去掉行和金额后重试。",
    },
  },
  too_many_refunds: {
    status: 409,
    sentence: {
      en: "This order has had as many refunds as one may have. Nothing was changed. Call the buyer.",
      fr: "Cette commande a atteint le nombre maximal de remboursements. Rien n’a été modifié. Appelez l’acheteur.",
      zh: "此订单的退款次数已达上限，没有任何更改。请联系买家。",
    },
  },
});

const RefundPieces = z
  .strictObject({
    /** Its place in the order, from 0. */
    line: z.int().min(0).max(99),
    quantity: z.int().min(1).max(100),
    /** Units that the buyer does not keep, such as one that does not work; of the others the last assigned go. */
    serial_numbers: z
      .array(NewUnit.shape.serial_number)
      .min(1)
      .refine((serials) => new Set(serials).size === serials.length, "serial numbers must differ")
      .optional(),
  })
  .refine(({ quantity, serial_numbers = [] }) => serial_numbers.length <= quantity, "no more serial numbers than pieces");

/** Pieces of lines, or an amount; neither: all that is left. */
const RefundBody = z
  .strictObject({
    ...OrderRef,
    lines: z.array(RefundPieces).min(1).max(20).optional(),
    /** Minor units of what was captured. The pieces stay with the buyer, unless nothing is left to pay for them. */
    amount: MinorUnits.min(1).optional(),
    reason: RefundReason,
  })
  .refine(({ lines, amount }) => lines === undefined || amount === undefined, "either lines or an amount");

const RefundLine = z.object({
  line: z.int(),
  quantity: z.int(),
  amount: z.int(),
  tax: z.array(z.object({ name: z.string(), amount: z.int() })),
  units: z.array(z.string()),
});
const RefundPlan = z.object({
  /** Minor units. */
  amount: z.int(),
  currency: z.string(),
  full: z.boolean(),
  lines: z.array(RefundLine),
});

export const previewRefund = command({
  id: "previewRefund",
  summary: "Show what a refund would give back, reverse and take from the buyer; changes nothing",
  body: RefundBody,
  result: z.object({
    ...RefundPlan.shape,
    /** `serial_numbers`: of the units that it would take. */
    lines: z.array(z.object({ ...RefundLine.shape, serial_numbers: z.array(z.string()) })),
    released: z.array(z.string()),
  }),
  errors: refundProblems,
});

export const refundOrder = command({
  id: "refundOrder",
  summary: "Give money back the way it came: claimed at once, numbers taken back, then the provider is asked",
  body: RefundBody,
  result: z.object({ refund_id: z.string(), status: z.enum(["requested", "pending", "succeeded", "failed"]), ...RefundPlan.shape }),
  errors: refundProblems,
});

const Amount = z.object({ amount: z.int(), currency: z.string() });

/** An order that a person must look at: what happened, in words and as evidence from our own records, and what can be done now. */
export const Exception = z.object({
  order_id: z.string(),
  status: z.string(),
  item: z.string(),
  quantity: z.int(),
  reason: z.string(),
  sentence: z.object({ en: z.string(), fr: z.string(), zh: z.string() }),
  since: z.string(),
  evidence: z.object({
    placed_at: z.string(),
    hold_until: z.string(),
    paid_at: z.string().optional(),
    planned: z.object({ ...Amount.shape, connection_id: z.string().optional(), session_id: z.string().optional() }),
    captured: z.object({ ...Amount.shape, intent_id: z.string().optional() }).optional(),
    /** Present where the money was not as planned: in what it differs, and where it was found. */
    found: z
      .object({ differs: z.array(z.string()), ...Amount.shape })
      .loose()
      .optional(),
    refunds: z.array(
      z.object({ refund_id: z.string(), ...Amount.shape, status: z.string(), failure: z.string().optional(), updated_at: z.string() }),
    ),
    dispute: z
      .object({ id: z.string(), status: z.string(), inquiry: z.boolean().optional(), amount: z.int(), since: z.string().optional() })
      .optional(),
    units: z.array(z.object({ unit_id: z.string(), serial_number: z.string(), status: z.string() })),
    units_missing: z.int(),
  }),
  /** Each is accepted as it stands, unless somebody is faster. */
  ends: z.array(z.object({ command: z.string(), body: z.record(z.string(), z.unknown()) })),
});

export const listExceptions = command({
  id: "listExceptions",
  summary: "List the orders of a merchant that a person must look at, each with its evidence and its possible ends",
  body: z.strictObject({ merchant_id: Slug, first: z.enum(["oldest", "newest"]).default("oldest"), cursor: z.string().min(1).max(60).optional() }),
  result: z.object({ exceptions: z.array(Exception), cursor: z.string().optional() }),
  errors: {},
});

/** In a person's words; no names or phone numbers. */
const Note = z.string().trim().min(3).max(300);

export const giveUnits = command({
  id: "giveUnits",
  summary: "Hand out units for money on the exceptions desk that a person accepts; the text is owed as after any sale",
  body: z.strictObject({
    ...OrderRef,
    /** Minor units: what came, where that is not the price. */
    accept_amount: MinorUnits.min(1).optional(),
    note: Note.optional(),
  }),
  result: z.object({ order_id: z.string(), units: z.array(z.object({ unit_id: z.string(), serial_number: z.string() })) }),
  errors: {
    order_unknown: replacementProblems.order_unknown,
    not_on_desk: deskProblems.not_on_desk,
    disputed: deskProblems.disputed,
    no_money: deskProblems.no_money,
    refund_standing: deskProblems.refund_standing,
    currency_differs: deskProblems.currency_differs,
    amount_not_accepted: deskProblems.amount_not_accepted,
    nothing_missing: deskProblems.nothing_missing,
    out_of_stock: replacementProblems.out_of_stock,
  },
});

export const settleException = command({
  id: "settleException",
  summary: "Record how a matter ended outside of this system and take it off the exceptions desk; no money moves",
  body: z.strictObject({ ...OrderRef, reason: SettledReason, note: Note.optional() }),
  result: z.object({ order_id: z.string(), reason: SettledReason, released: z.array(z.string()) }),
  errors: {
    order_unknown: replacementProblems.order_unknown,
    not_on_desk: deskProblems.not_on_desk,
    disputed: deskProblems.disputed,
    refund_running: deskProblems.refund_running,
    reason_does_not_fit: deskProblems.reason_does_not_fit,
    units_held: deskProblems.units_held,
  },
});

import * as z from "zod";
import { command } from "../../platform/contract/command.ts";
import { Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";
import { NewUnit, Reason } from "../inventory/contract.ts";

/** What the workflow `fulfil-order` is started with. */
export const OrderRefInput = z.object({ merchant_id: z.string(), order_id: z.string() });

/** What Confirm found out, handed to Deliver. */
export const DeliverInput = z.object({
  ...OrderRefInput.shape,
  facts: z.object({ amount: z.int(), currency: z.string(), intent_id: z.string(), session_id: z.string(), mode: z.enum(["test", "live"]) }),
});

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
    merchant_id: Slug,
    order_id: z.string().regex(/^[0-9a-z]{16}$/),
    /** Of the defective unit. */
    serial_number: NewUnit.shape.serial_number,
    reason: Reason,
  }),
  result: z.object({ order_id: z.string(), defective_unit_id: z.string(), unit_id: z.string(), serial_number: z.string() }),
  errors: replacementProblems,
});

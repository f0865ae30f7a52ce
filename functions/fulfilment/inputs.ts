// What the workflow's steps are given. Apart from the commands, so that a step carries no sentence it never says.
import * as z from "zod";

/** What the workflow `fulfil-order` is started with. */
export const OrderRefInput = z.object({ merchant_id: z.string(), order_id: z.string() });

/** What Confirm is asked: the order, and what a provider's event may be about besides a payment coming in. */
export const ConfirmInput = z.object({ ...OrderRefInput.shape, news: z.enum(["refund", "dispute"]).nullish() });

/** What Confirm found out, handed to Deliver. */
export const DeliverInput = z.object({
  ...OrderRefInput.shape,
  facts: z.object({
    amount: z.int(),
    currency: z.string(),
    intent_id: z.string(),
    session_id: z.string(),
    mode: z.enum(["test", "live"]),
    connection: z.object({ id: z.string(), account: z.string(), mode: z.enum(["test", "live"]) }).optional(),
  }),
});

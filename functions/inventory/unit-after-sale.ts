// Units after the sale: what a dispute freezes and a refund or a lost dispute takes back. Shown serials never return to stock (I1).
// Frozen is no state: the unit stays `sold`, and names the dispute that it waits for (G-16).
import type { Instant } from "../../platform/clock/clock.ts";
import { type Change, change, type Guard, guarded, type Write, when } from "../../platform/table/model.ts";
import { leaving, type Unit } from "./unit.ts";
import { unfrozen, units } from "./unit-table.ts";

type UnitId = Pick<Unit, "merchant_id" | "id">;

/** A unit that the order was sold moves on. */
const moved = (unit: UnitId, order_id: string, freeze: Guard, to: Change<Unit>): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(
      units,
      { merchant_id: unit.merchant_id, unit_id: unit.id },
      to,
      when.all(when.equals("status", "sold"), when.equals("order_id", order_id), freeze),
    ),
  );

/** While its payer quarrels at the bank. */
export const freezeUnit = (unit: UnitId, order_id: string, dispute_id: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, unfrozen, { set: { frozen_by: dispute_id, updated_at: at } });

/** The quarrel ended for the seller: the buyer has it again. */
export const thawUnit = (unit: UnitId, order_id: string, dispute_id: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, when.equals("frozen_by", dispute_id), { set: { updated_at: at }, remove: ["frozen_by"] });

/** The quarrel ended for the payer, whether or not we had heard of it before: the number is worth nothing any more. */
export const forfeitUnit = (unit: UnitId, order_id: string, dispute_id: string, operation: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, when.any(unfrozen, when.equals("frozen_by", dispute_id)), {
    set: leaving("archived", { reason: "dispute_lost", operation }, at),
    remove: ["frozen_by"],
  });

/**
 * The money is on its way back: the number is worth nothing any more. Nothing of a disputed payment is refunded as well (I8).
 * @param inquiry_id the bank's question about the payment, which a refund answers
 */
export const revokeUnit = (unit: UnitId, order_id: string, inquiry_id: string | undefined, operation: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, inquiry_id === undefined ? unfrozen : when.any(unfrozen, when.equals("frozen_by", inquiry_id)), {
    set: leaving("archived", { reason: "refunded", operation }, at),
    remove: ["frozen_by"],
  });

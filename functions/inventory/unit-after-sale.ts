// Units after the sale: what a dispute freezes and a refund or a lost dispute takes back. Shown serials never return to stock (I1).
import type { Instant } from "../../platform/clock/clock.ts";
import { change, guarded, type Write, when } from "../../platform/table/model.ts";
import type { Unit, UnitStatus } from "./unit.ts";
import { units } from "./unit-table.ts";

type UnitId = Pick<Unit, "merchant_id" | "id">;

const moved = (unit: UnitId, order_id: string, from: readonly UnitStatus[], set: Partial<Unit>): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(
      units,
      { merchant_id: unit.merchant_id, unit_id: unit.id },
      { set },
      when.all(when.oneOf("status", from), when.equals("order_id", order_id)),
    ),
  );

/** While its payer quarrels at the bank. */
export const freezeUnit = (unit: UnitId, order_id: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, ["sold"], { status: "frozen", status_reason: "disputed", updated_at: at });

/** The quarrel ended for the seller: the buyer has it again. */
export const thawUnit = (unit: UnitId, order_id: string, at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, ["frozen"], { status: "sold", status_reason: "dispute_won", updated_at: at });

/** The money is back, or on its way: the number is worth nothing any more. */
export const revokeUnit = (unit: UnitId, order_id: string, reason: "refunded" | "dispute_lost", at: Instant): Write<"order_moved"> =>
  moved(unit, order_id, ["sold", "frozen"], { status: "archived", status_reason: reason, updated_at: at });

// The noun: a unique thing with a serial number (`listing_inventory`). Its life, its names.
import * as z from "zod";
import { lifecycle } from "../../kernel/lifecycle.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { Sealed } from "../../platform/crypto/sealer.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { Retirement, UnitMetadata } from "./contract.ts";

export const unitLife = lifecycle("unit", "available", {
  // Straight to sold: money that came after its hold takes another unit in one step.
  available: ["reserved", "sold", "defective", "expired", "archived"],
  // Out while it is held: its batch was called back. The order that it waited for gets another unit, or its money back.
  reserved: ["available", "sold", "defective", "expired", "archived"],
  sold: ["defective", "archived"],
  defective: ["archived"],
  expired: ["archived"],
  archived: [],
});
export type UnitStatus = keyof typeof unitLife.next;

export const Unit = z.object({
  id: z.string(),
  merchant_id: z.string(),
  listing_item_id: z.string(),
  /** The location that keeps it. */
  provider_id: z.string(),
  serial_number: z.string(),
  /** The stock-in it came with; recalls go by it. */
  batch_id: z.string().optional(),
  secret_code: Sealed.optional(),
  status: z.enum(Object.keys(unitLife.next) as [UnitStatus, ...UnitStatus[]]),
  /** Why it left the stock or its buyer, in a person's words or by what took it back. */
  status_reason: z.string().optional(),
  /** The operation in which it left, which says who and when; that of an earlier leave is named there (G-20). */
  status_operation: z.string().optional(),
  valid_from: z.string().optional(),
  valid_until: z.string().optional(),
  metadata: UnitMetadata,
  order_id: z.string().optional(),
  /** The dispute that its payer has open: a sold unit that nothing may happen to until that ends. No state of its own (G-16). */
  frozen_by: z.string().optional(),
  buyer_id: z.string().optional(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Unit = z.infer<typeof Unit>;

/** Why a unit leaves the stock or its buyer, and the operation that is written with it. */
export interface Leave {
  readonly reason: string;
  /** Its id. */
  readonly operation: string;
}
/** What a unit keeps of its leave. */
export const leaving = (to: Retirement, { reason, operation }: Leave, at: Instant) => ({
  status: to,
  status_reason: reason,
  status_operation: operation,
  updated_at: at,
});

/** A serial is unique per merchant, SKU and location: its key derives from them (G-16). */
export const unitIdOf = (merchantId: string, itemId: string, locationId: string, serial: string): string =>
  hashId("unit", merchantId, itemId, locationId, serial);

/** States of units that are nobody's any more and not to be sold. */
const out: readonly string[] = Retirement.options;
export const isOut = (status: UnitStatus): boolean => out.includes(status);

/** What a person may do to a unit. Nobody strips a paid order: a buyer's unit is replaced in one step, or the money goes back and takes it along. */
const byHand: Readonly<Partial<Record<UnitStatus, readonly Retirement[]>>> = {
  available: ["defective", "expired", "archived"],
  defective: ["archived"],
  expired: ["archived"],
};

/** Why a person may not move a unit to a state, whatever its life allows: a held unit is its order's, a sold one its buyer's, a frozen one the bank's. */
export const whyNotRetired = (
  { status: from, frozen_by }: Pick<Unit, "status" | "frozen_by">,
  to: Retirement,
): "unit_reserved" | "unit_disputed" | "unit_sold" | "transition_refused" | undefined => {
  if (from === "reserved") return "unit_reserved";
  if (frozen_by !== undefined) return "unit_disputed";
  if (byHand[from]?.includes(to)) return undefined;
  return isOut(from) ? "transition_refused" : "unit_sold";
};

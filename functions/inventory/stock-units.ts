// Stock-in: a batch of numbered units, all or none. Secrets are sealed before they touch the table.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Sealed, Sealer } from "../../platform/crypto/sealer.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { operationId, operations } from "../../platform/operation/operation.ts";
import { check, guarded, type Table, when } from "../../platform/table/model.ts";
import { itemOf, listings } from "../catalogue/index.ts";
import { locations } from "../merchants/index.ts";
import { createBatch } from "./batch-table.ts";
import type * as contract from "./contract.ts";
import { type Unit, unitIdOf } from "./unit.ts";
import { stockUnit } from "./unit-table.ts";

export interface InventoryPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly sealer: Sealer;
}

export const stockUnits = async (
  { body, ...by }: CommandRequest<typeof contract.stockUnits>,
  { table, clock, sealer }: InventoryPorts,
): Promise<CommandAnswer<typeof contract.stockUnits>> => {
  const batch = operationId(by.principal, "units_stocked", by.key);
  const result = { stocked: body.units.length, batch_id: batch };
  // The body is fingerprinted without its secrets: a hash of a four-digit PIN would give it away.
  const content = { ...body, units: body.units.map(({ secret_code: _, ...open }) => open) };
  // What was stocked under this key stands, whatever the listing has become since.
  const before = await table.get(operations, { id: batch }, { consistent: true });
  if (before) return answered({ kind: "repeated", operation: before }, content, result);
  const listing = await table.get(listings, { listing_id: body.listing_id }, { consistent: true });
  if (!listing || !itemOf(listing, body.listing_item_id)) return { kind: "refused", refusal: "item_unknown" };

  const now = clock.now();
  const merchant_id = listing.merchant_id;
  const named = body.units.map((unit) => ({ ...unit, id: unitIdOf(merchant_id, body.listing_item_id, body.location_id, unit.serial_number) }));
  const secrets = await sealSecrets(sealer, batch, named);
  const stocked = named.map(
    (unit): Unit => ({
      id: unit.id,
      merchant_id,
      listing_item_id: body.listing_item_id,
      provider_id: body.location_id,
      serial_number: unit.serial_number,
      batch_id: batch,
      secret_code: secrets.get(unit.id),
      status: "available",
      metadata: unit.metadata ?? {},
      created_at: now,
      updated_at: now,
    }),
  );
  const details = { listing_item_id: body.listing_item_id, location_id: body.location_id, count: stocked.length };
  const outcome = await table.transact([
    ...stocked.flatMap(stockUnit),
    createBatch({
      id: batch,
      merchant_id,
      listing_item_id: body.listing_item_id,
      location_id: body.location_id,
      units: stocked.map(({ id }) => id),
      stocked_at: now,
    }),
    guarded("location_unknown", check(locations, { merchant_id, location_id: body.location_id }, when.present)),
    commanded({ kind: "units_stocked", ...by, body: content, merchant_id, subject: body.listing_id, details }, now),
  ]);
  if (outcome.kind === "refused" && outcome.refusal === "serial_exists") {
    const unit = stocked[Math.floor(outcome.at / 2)];
    return { kind: "refused", refusal: outcome.refusal, context: { serial_number: unit?.serial_number } };
  }
  return answered(outcome, content, result);
};

/** One data key for the batch; each secret is bound to its unit. */
const sealSecrets = async (
  sealer: Sealer,
  batch: string,
  named: readonly { id: string; secret_code?: string | undefined }[],
): Promise<ReadonlyMap<string, Sealed>> => {
  const withSecret = named.flatMap(({ id, secret_code }) => (secret_code === undefined ? [] : [{ name: id, text: secret_code }]));
  const sealed = await sealer.seal("unit", batch, withSecret);
  return new Map(withSecret.map(({ name }, place) => [name, sealed[place] as Sealed]));
};

// Saving a listing: the printed code stays, what it shows changes at once (G-39, G-41).
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { guarded, replace, type Table, when } from "../../platform/table/model.ts";
import { type Location, locations, type Merchant, merchants, type Node, nodes } from "../merchants/index.ts";
import type * as contract from "./contract.ts";
import { type Listing, listings, type Place } from "./listing-table.ts";

export const saveListing = async (
  { body, ...by }: CommandRequest<typeof contract.saveListing>,
  { table, clock }: { readonly table: Table; readonly clock: Clock },
): Promise<CommandAnswer<typeof contract.saveListing>> => {
  const { nodes: printed, location_id, ...facts } = body;
  const [merchant, ...stickers] = await table.getMany(
    [[merchants, { merchant_id: body.merchant_id }], ...printed.map((node_id) => [nodes, { node_id }] as const)] as const,
    { consistent: true },
  );
  if (!merchant) return { kind: "refused", refusal: "merchant_unknown" };
  const known = (stickers as readonly (Node | undefined)[]).filter((node) => node?.merchant_id === body.merchant_id);
  if (known.length < printed.length) return { kind: "refused", refusal: "node_unknown" };
  const placeOf = await placesOf(table, body.merchant_id, [location_id, ...known.flatMap((node) => (node ? [node.location_id] : []))]);
  const place = placeOf(location_id);
  if (!place) return { kind: "refused", refusal: "location_unknown" };

  const places = Object.fromEntries(known.flatMap((node) => (node ? [[node.id, placeOf(node.location_id) ?? place]] : [])));
  const listing: Listing = { ...facts, place, nodes: places, seller: sellerOf(merchant) };
  const own = when.any(when.absent, when.equals("merchant_id", body.merchant_id));
  const outcome = await table.transact([
    guarded("listing_taken", { ...replace(listings, { listing_id: body.id }, listing), guard: own }),
    commanded({ kind: "listing_saved", ...by, body, merchant_id: body.merchant_id, subject: body.id }, clock.now()),
  ]);
  return answered(outcome, body, { listing_id: body.id });
};

/** The facts of some locations of a merchant, each read once. */
const placesOf = async (table: Table, merchant_id: string, locationIds: readonly string[]): Promise<(id: string) => Place | undefined> => {
  const ids = [...new Set(locationIds)];
  const found = await table.getMany(
    ids.map((location_id) => [locations, { merchant_id, location_id }] as const),
    { consistent: true },
  );
  const places = new Map(found.flatMap((location) => (location ? [[location.id, placeFrom(location)] as const] : [])));
  return (id) => places.get(id);
};

const placeFrom = (location: Location): Place => ({
  location_id: location.id,
  name: location.business_name,
  address: location.location,
  province: location.province,
  zone: location.zone,
});

const sellerOf = (merchant: Merchant): Listing["seller"] => ({
  business_name: merchant.business_name,
  currency: merchant.currency,
  language: merchant.language,
  tax_registrations: merchant.tax_registrations,
  support_phone: merchant.support_phone,
});

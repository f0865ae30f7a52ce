// Saving a listing: the printed code stays, what it shows changes at once (G-39, G-41).
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { guarded, replace, type Table, when } from "../../platform/table/model.ts";
import { type Location, locations, type Merchant, merchants, nodes } from "../merchants/index.ts";
import type * as contract from "./contract.ts";
import { type Listing, listings } from "./listing-table.ts";

export const saveListing = async (
  { body, ...by }: CommandRequest<typeof contract.saveListing>,
  { table, clock }: { readonly table: Table; readonly clock: Clock },
): Promise<CommandAnswer<typeof contract.saveListing>> => {
  const [merchant, location] = await table.getMany(
    [
      [merchants, { merchant_id: body.merchant_id }],
      [locations, { merchant_id: body.merchant_id, location_id: body.location_id }],
    ],
    { consistent: true },
  );
  if (!merchant) return { kind: "refused", refusal: "merchant_unknown" };
  if (!location) return { kind: "refused", refusal: "location_unknown" };
  const known = await Promise.all(body.nodes.map((node_id) => table.get(nodes, { node_id }, { consistent: true })));
  if (known.some((node) => node?.merchant_id !== body.merchant_id)) return { kind: "refused", refusal: "node_unknown" };

  const places = Object.fromEntries(known.flatMap((node) => (node ? [[node.id, node.location_id]] : [])));
  const listing: Listing = { ...body, nodes: places, seller: sellerOf(merchant, location) };
  const own = when.any(when.absent, when.equals("merchant_id", body.merchant_id));
  const outcome = await table.transact([
    guarded("listing_taken", { ...replace(listings, { listing_id: body.id }, listing), guard: own }),
    commanded({ kind: "listing_saved", ...by, body, merchant_id: body.merchant_id, subject: body.id }, clock.now()),
  ]);
  return answered(outcome, body, { listing_id: body.id });
};

const sellerOf = (merchant: Merchant, location: Location): Listing["seller"] => ({
  business_name: merchant.business_name,
  place: location.business_name,
  address: location.location,
  province: location.province,
  zone: location.zone,
  currency: merchant.currency,
  language: merchant.language,
  tax_registrations: merchant.tax_registrations,
  support_phone: merchant.support_phone,
});

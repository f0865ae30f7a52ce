import type { Table } from "../../platform/table/model.ts";
import { type Location, locations } from "../merchants/index.ts";

/** Where a merchant has no location yet. */
const zoneOfNobody = "UTC";

/** The zone of a merchant's days: that of its first location by id. */
export const zoneOf = async (table: Table, merchant_id: string): Promise<string> => {
  const { items } = await table.query<Location>(locations, locations.key({ merchant_id, location_id: "-" }).pk, { limit: 1 });
  return items[0]?.zone ?? zoneOfNobody;
};

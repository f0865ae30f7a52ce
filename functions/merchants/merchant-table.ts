import { entity } from "../../platform/table/model.ts";
import { Location, Merchant, Node } from "./contract.ts";

export const merchants = entity({
  name: "merchant",
  prefix: "MERCHANT",
  about: "Who sells: business or person, currency, tax registrations.",
  schema: Merchant,
  key: (id: { merchant_id: string }) => ({ pk: `MERCHANT#${id.merchant_id}`, sk: "MERCHANT" }),
});

export const locations = entity({
  name: "provider_profiles",
  prefix: "LOCATION",
  about: "A merchant's place of business: name, address, province, zone. Stock is kept per location.",
  schema: Location,
  key: (id: { merchant_id: string; location_id: string }) => ({ pk: `LOCATION#${id.merchant_id}`, sk: id.location_id }),
});

export const nodes = entity({
  name: "node",
  prefix: "NODE",
  about: "A surface that sells: the `node` of a printed code, its merchant and location.",
  schema: Node,
  key: (id: { node_id: string }) => ({ pk: `NODE#${id.node_id}`, sk: "NODE" }),
});

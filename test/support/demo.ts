// The facts of a small shop, as an operator would save them.
import type { ListingFacts } from "../../functions/catalogue/contract.ts";
import type { Location, Merchant, Node } from "../../functions/merchants/contract.ts";

export const demoMerchant: Merchant = {
  id: "lees",
  kind: "business",
  business_name: "Lees Car Wash",
  currency: "CAD",
  language: "en",
  tax_registrations: ["GST", "PST"],
  support_phone: "+16045550142",
};
export const demoLocation: Location = {
  merchant_id: "lees",
  id: "lees-main",
  business_name: "Lees, Main Street",
  location: "1290 Main St, Vancouver, BC",
  province: "BC",
  zone: "America/Vancouver",
};
export const demoNode: Node = { id: "NODE_LEES", merchant_id: "lees", location_id: "lees-main", kind: "sticker" };

const item = (dollars: 60 | 120 | 240): ListingFacts["listing_items"][number] => ({
  id: `CW-${dollars}`,
  name: { en: `Wash card $${dollars}`, fr: `Carte de lavage ${dollars} $`, zh: `洗车卡 ${dollars} 元` },
  gives: { en: `$${dollars} of washes`, fr: `${dollars} $ de lavages`, zh: `${dollars} 加元洗车额度` },
  price: dollars * 100,
  pricing: "inclusive",
  tax_treatment: "taxable",
  stock: "pool",
  delivery: "assign_unit",
});

export const demoListing: ListingFacts = {
  id: "lees-car-wash",
  merchant_id: "lees",
  status: "open",
  is_serialized: true,
  title: { en: "Wash cards", fr: "Cartes de lavage", zh: "洗车卡" },
  fulfillment_config: {
    pickup_address: "1290 Main St, Vancouver, BC",
    guidance: { en: "Open the left box beside bay 1.", fr: "Ouvrez la boîte de gauche près de la baie 1.", zh: "打开 1 号洗车位旁左侧的盒子。" },
  },
  location_id: "lees-main",
  nodes: ["NODE_LEES"],
  listing_items: [item(60), item(120), item(240)],
};

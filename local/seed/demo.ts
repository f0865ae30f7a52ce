// The demo shop: what an operator would type, as commands. Written as data, so that changing it is all it takes to change the demo.
import { demoStripeKey, demoTwilio } from "../simulators/demo-keys.ts";
import type { Seed, SeedCommand } from "./run.ts";

export const demoListing = "lees-car-wash";
export const demoNode = "NODE_LEES";

const merchant = "lees";
const location = "lees-main";
const address = "1290 Main St, Vancouver, BC";
const unitsPerItem = 100;
/** Bound of `stockUnits`. */
const unitsPerCommand = 40;
const slotsPerRow = 25;

interface Card {
  readonly dollars: number;
  readonly code: string;
}
const cards: readonly Card[] = [
  { dollars: 60, code: "LW60" },
  { dollars: 120, code: "LW120" },
  { dollars: 240, code: "LW240" },
];

const item = ({ dollars }: Card) => ({
  id: `CW-${dollars}`,
  name: { en: `$${dollars} card`, fr: `Carte de ${dollars} $`, zh: `${dollars} 元卡` },
  gives: {
    en: `$${dollars} of washes, ready to use now`,
    fr: `${dollars} $ de lavages, utilisable tout de suite`,
    zh: `${dollars} 加元洗车额度，即买即用`,
  },
  price: dollars * 100,
  pricing: "inclusive",
  tax_treatment: "taxable",
  stock: "pool",
  delivery: "assign_unit",
});

const unit = ({ code }: Card, index: number) => ({
  serial_number: `${code}-${String(index + 1).padStart(4, "0")}`,
  metadata: { locker_pos: `${"ABCD"[Math.floor(index / slotsPerRow)]}-${String((index % slotsPerRow) + 1).padStart(2, "0")}` },
});

const stock = (card: Card): SeedCommand[] => {
  const units = Array.from({ length: unitsPerItem }, (_, index) => unit(card, index));
  const commands: SeedCommand[] = [];
  for (let at = 0; at < units.length; at += unitsPerCommand) {
    commands.push({
      to: "inventory-operator",
      command: "stockUnits",
      body: { listing_id: demoListing, listing_item_id: `CW-${card.dollars}`, location_id: location, units: units.slice(at, at + unitsPerCommand) },
    });
  }
  return commands;
};

export const demo: Seed = [
  [
    {
      to: "merchants-operator",
      command: "saveMerchant",
      body: {
        id: merchant,
        kind: "business",
        business_name: "Lees Car Wash",
        currency: "CAD",
        language: "en",
        tax_registrations: ["GST", "PST"],
        support_phone: "+16045550142",
      },
    },
    {
      to: "notifications-operator",
      command: "saveSmsChannel",
      body: { channel_id: "sms", account_sid: demoTwilio.accountSid, auth_token: demoTwilio.authToken, from: demoTwilio.from, endpoint: "simulated" },
    },
  ],
  [
    {
      to: "merchants-operator",
      command: "saveLocation",
      body: { merchant_id: merchant, id: location, business_name: "Lees, Main Street", location: address, province: "BC", zone: "America/Vancouver" },
    },
    {
      to: "payments-operator",
      command: "connectProvider",
      body: { merchant_id: merchant, provider: "stripe", api_key: demoStripeKey, endpoint: "simulated" },
    },
  ],
  [{ to: "merchants-operator", command: "saveNode", body: { id: demoNode, merchant_id: merchant, location_id: location, kind: "sticker" } }],
  [
    {
      to: "catalogue-operator",
      command: "saveListing",
      body: {
        id: demoListing,
        merchant_id: merchant,
        status: "open",
        is_serialized: true,
        title: { en: "Wash cards", fr: "Cartes de lavage", zh: "洗车卡" },
        photo: {
          src: "/assets/photos/lees-car-wash.svg",
          width: 1200,
          height: 640,
          alt: { en: "A car leaving a wash bay at dusk", fr: "Une voiture sort d’une baie de lavage au crépuscule", zh: "黄昏时一辆汽车驶出洗车位" },
        },
        fulfillment_config: {
          pickup_address: address,
          guidance: {
            en: "Open the left box beside bay 1 and take the card from the slot named with your number.",
            fr: "Ouvrez la boîte de gauche près de la baie 1 et prenez la carte dans la case indiquée avec votre numéro.",
            zh: "打开 1 号洗车位旁左侧的盒子，从卡号旁注明的格子中取卡。",
          },
        },
        location_id: location,
        nodes: [demoNode],
        listing_items: cards.map(item),
      },
    },
  ],
  cards.flatMap(stock),
];

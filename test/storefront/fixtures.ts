// Views of Lees Car Wash as buyers meet them, for page tests and screenshots.

import type { OrderPageView } from "../../functions/storefront/order-page.ts";
import type { ScanView } from "../../functions/storefront/scan-page.ts";
import { money } from "../../kernel/money.ts";
import type { Language } from "../../platform/contract/problem.ts";

const per = <T>(language: Language, en: T, fr: T, zh: T): T => ({ en, fr, zh })[language];

export const checkoutOrigin = "https://checkout.example";

/** The scan page of a running shop: one card scarce, one plenty, one sold out. */
export const scanView = (language: Language, changes: Partial<ScanView> = {}): ScanView => ({
  language,
  listingId: "lees-car-wash",
  node: "NODE_LEES",
  verified: true,
  merchantName: "Lees Car Wash",
  place: "Lees, Main Street",
  address: "1290 Main St, Vancouver, BC",
  support: "+16045550142",
  title: per(language, "Wash cards", "Cartes de lavage", "洗车卡"),
  photo: {
    src: "/assets/photos/lees-car-wash.svg",
    width: 1200,
    height: 640,
    alt: per(language, "The wash bay of Lees Car Wash", "La baie de lavage de Lees Car Wash", "Lees 洗车场的洗车间"),
  },
  pickup: per(
    language,
    "Pay, then take the card with your number from the box left of the entrance. The page and the text message show the slot.",
    "Payez, puis prenez la carte portant votre numéro dans la boîte à gauche de l’entrée. La page et le texto indiquent la case.",
    "付款后，到入口左侧的盒子里取出与您卡号相同的卡。页面和短信会显示格口号。",
  ),
  items: [
    {
      id: "CW-60",
      name: per(language, "$60 card", "Carte de 60 $", "60 元卡"),
      gives: per(language, "6 basic washes", "6 lavages de base", "6 次基础洗车"),
      price: money(6000, "CAD"),
      stock: "plenty",
    },
    {
      id: "CW-120",
      name: per(language, "$120 card", "Carte de 120 $", "120 元卡"),
      gives: per(language, "13 basic washes", "13 lavages de base", "13 次基础洗车"),
      price: money(12000, "CAD"),
      stock: 1,
    },
    {
      id: "CW-240",
      name: per(language, "$240 card", "Carte de 240 $", "240 元卡"),
      gives: per(language, "28 basic washes", "28 lavages de base", "28 次基础洗车"),
      price: money(24000, "CAD"),
      stock: "sold_out",
    },
  ],
  formKey: "fk_0123456789abcdef0123456789abcdef",
  taxNote: per(language, "CAD, taxes included", "CAD, taxes comprises", "加元，含税"),
  checkoutOrigin,
  ...changes,
});

/** The order page of one paid card. */
export const orderView = (language: Language, state: OrderPageView["state"], changes: Partial<OrderPageView> = {}): OrderPageView => {
  const delivered = state === "assigned" || state === "sent";
  return {
    language,
    token: "tok_7Jq2VbX0mR4cT9wZ",
    merchantName: "Lees Car Wash",
    place: "Lees, Main Street",
    address: "1290 Main St, Vancouver, BC",
    support: "+16045550142",
    state,
    itemName: per(language, "$60 card", "Carte de 60 $", "60 元卡"),
    quantity: 1,
    total: money(6000, "CAD"),
    tax: [
      { label: per(language, "GST 5%", "TPS 5 %", "GST 5%"), amount: money(268, "CAD"), included: true },
      { label: per(language, "PST 7%", "TVP 7 %", "PST 7%"), amount: money(375, "CAD"), included: true },
    ],
    heldUntil: "2026-11-21T22:33:00.000000Z",
    now: "2026-11-21T22:05:19.000000Z",
    zone: "America/Vancouver",
    units: delivered ? [{ serial: "LW60-0001", locker: "A-12" }] : [],
    guidance: per(
      language,
      "Left box at the entrance. Take the card with your number from its slot.",
      "Boîte de gauche à l’entrée. Prenez dans sa case la carte portant votre numéro.",
      "入口左侧的盒子，从对应格口取出与您卡号相同的卡。",
    ),
    phoneEnding: "99",
    sms: state === "sent" ? "delivered" : "pending",
    money: {},
    numbers: { takenBack: 0, missing: 0, owed: false, replaced: false, forfeited: false },
    receipt: { orderId: "01JD5Q8ZK3V7W2N4", ...(delivered || state === "attention" ? { paidAt: "2026-11-21T22:05:12.000000Z" } : {}) },
    checkoutOrigin,
    ...changes,
  };
};

// What a scan shows: the listing as it stands now, with live stock. One read and one eventual query per item.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Language } from "../../platform/contract/problem.ts";
import { issueFormKey } from "../../platform/edge/form-key.ts";
import type { Random } from "../../platform/random/random.ts";
import type { Table } from "../../platform/table/model.ts";
import { type Listing, listings, priceAt, standingAt } from "../catalogue/index.ts";
import { countStock, shownStockMax } from "../inventory/index.ts";
import { problemSentence } from "./problem-sentence.ts";
import type { ScanView } from "./scan-page.ts";

export interface ScanPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: Random;
  readonly linkSecret: () => Promise<string>;
  readonly checkoutOrigin: string;
}
export interface Scan {
  readonly listing_id: string;
  readonly language: Language;
  readonly node?: string | undefined;
  readonly item?: string | undefined;
  readonly problem?: string | undefined;
}

/** Undefined when there is no such listing. */
export const scanView = async (scan: Scan, ports: ScanPorts): Promise<ScanView | undefined> => {
  const listing = await ports.table.get(listings, { listing_id: scan.listing_id });
  if (!listing) return undefined;
  const { language } = scan;
  const { seller } = listing;
  const standing = standingAt(listing, scan.node);
  const place = standing.kind === "here" ? standing.place : listing.place;
  const now = ports.clock.now();
  const stocks = await Promise.all(
    listing.listing_items.map((item) =>
      countStock(ports.table, { merchant_id: listing.merchant_id, listing_item_id: item.id, location_id: place.location_id }),
    ),
  );
  return {
    language,
    listingId: listing.id,
    node: scan.node,
    verified: standing.kind === "here" && standing.verified,
    merchantName: seller.business_name,
    place: place.name,
    address: place.address,
    support: seller.support_phone,
    title: listing.title[language],
    photo: listing.photo && { ...listing.photo, alt: listing.photo.alt[language] },
    pickup: listing.fulfillment_config.guidance[language],
    items: listing.listing_items.map((item, i) => ({
      id: item.id,
      name: item.name[language],
      gives: item.gives[language],
      // What will be charged, taxes and all, however the shop counts.
      price: priceAt(listing, item, 1, place, now).gross,
      stock: shown(stocks[i] ?? 0),
    })),
    selected: scan.item,
    formKey: issueFormKey(await ports.linkSecret(), ports.random.secret(), now),
    problem: problemSentence(scan.problem, language),
    closed: listing.status !== "open",
    taxNote: taxNote(listing, language),
    checkoutOrigin: ports.checkoutOrigin,
  };
};

const shown = (stock: number): "sold_out" | number | "plenty" => (stock === 0 ? "sold_out" : stock > shownStockMax ? "plenty" : stock);

const taxNotes: Readonly<Record<Language, string>> = { en: "Taxes included", fr: "Taxes comprises", zh: "含税" };
const taxNote = (listing: Listing, language: Language): string | undefined =>
  listing.listing_items.every((item) => item.tax_treatment === "taxable") ? taxNotes[language] : undefined;

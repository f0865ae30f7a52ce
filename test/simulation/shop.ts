// The shop of a run: two merchants with a provider account each, one listing with a few numbered units. Set up by the operators' own verbs.
import { createHash } from "node:crypto";
import { saveListing } from "../../functions/catalogue/save-listing.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { saveLocation, saveMerchant, saveNode } from "../../functions/merchants/save.ts";
import { saveSmsChannel } from "../../functions/notifications/save-sms-channel.ts";
import { connectProvider } from "../../functions/payments/connect-provider.ts";
import type { Providers } from "../../functions/payments/provider.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import type { Table } from "../../platform/table/model.ts";

export interface Stock {
  readonly item: string;
  /** Minor units. */
  readonly price: number;
  readonly units: number;
  /** Units of each stock-in, together all of them. Default: they came in one. */
  readonly lots?: readonly number[];
}
export interface Shop {
  readonly merchant: string;
  readonly listing: string;
  readonly node: string;
  /** Connection of the merchant, and of a stranger who sells here too. */
  readonly connection: string;
  readonly strangersConnection: string;
  readonly stock: readonly Stock[];
}
export interface ShopPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly providers: Providers;
  readonly publicOrigin: string;
}

export const stripeKeys = [
  { key: "rk_test_simulated_lees_0001", account: "acct_lees", permissions: "all" },
  { key: "rk_test_simulated_stranger_0001", account: "acct_stranger", permissions: "all" },
] as const;
export const stripeAccounts = [
  { id: "acct_lees", name: "Lees", country: "CA", currency: "cad" },
  { id: "acct_stranger", name: "Stranger", country: "CA", currency: "cad" },
] as const;

/** Texts that must never be seen outside their sealed places. */
export const serialOf = (item: string, index: number): string => `SERIAL-${item}-${String(index + 1).padStart(4, "0")}`;
export const secretOf = (item: string, index: number): string =>
  `secret-${createHash("sha256").update(`${item}${index}`).digest("hex").slice(0, 12)}`;

const operator: Principal = { type: "operator", id: "simulation" };
const said = (text: string) => ({ en: text, fr: text, zh: text });

/** The answer of a command that cannot fail here. */
const done = async <A extends { readonly kind: string }>(answer: Promise<A>): Promise<Extract<A, { kind: "ok" }>> => {
  const known = await answer;
  if (known.kind !== "ok") throw new Error(`the shop could not be set up: ${JSON.stringify(known)}`);
  return known as Extract<A, { kind: "ok" }>;
};

export const openShop = async (ports: ShopPorts, stock: readonly Stock[]): Promise<Shop> => {
  const by = (key: string) => ({ key: `setup-${key}`, principal: operator });
  const merchantOf = (id: string) => ({
    ...by(`merchant-${id}`),
    body: {
      id,
      kind: "business" as const,
      business_name: `Shop ${id}`,
      currency: "CAD" as const,
      language: "en" as const,
      tax_registrations: ["GST" as const],
    },
  });
  await done(saveMerchant(merchantOf("lees"), ports));
  await done(saveMerchant(merchantOf("stranger"), ports));
  await done(
    saveLocation(
      {
        ...by("location"),
        body: { merchant_id: "lees", id: "main", business_name: "Main", location: "1290 Main St", province: "BC", zone: "America/Vancouver" },
      },
      ports,
    ),
  );
  await done(saveNode({ ...by("node"), body: { id: "NODE_1", merchant_id: "lees", location_id: "main", kind: "sticker" } }, ports));
  await done(
    saveSmsChannel(
      {
        ...by("channel"),
        body: { channel_id: "sms", account_sid: "ACsimulated0001", auth_token: "text-token-0001", from: "+16045550100", endpoint: "simulated" },
      },
      ports,
    ),
  );
  const connectOf = (merchant_id: string, api_key: string) =>
    done(
      connectProvider(
        { ...by(`connect-${merchant_id}`), body: { merchant_id, provider: "stripe", api_key, endpoint: "simulated" } },
        { ...ports, modes: ["test"], simulated: true },
      ),
    );
  const own = await connectOf("lees", stripeKeys[0].key);
  const strangers = await connectOf("stranger", stripeKeys[1].key);
  await done(
    saveListing(
      {
        ...by("listing"),
        body: {
          id: "wash",
          merchant_id: "lees",
          status: "open",
          is_serialized: true,
          title: said("Wash cards"),
          fulfillment_config: { pickup_address: "1290 Main St", guidance: said("Open the left box.") },
          location_id: "main",
          nodes: ["NODE_1"],
          listing_items: stock.map(({ item, price }) => ({
            id: item,
            name: said(item),
            gives: said(item),
            price,
            pricing: "inclusive" as const,
            tax_treatment: "taxable" as const,
            stock: "pool" as const,
            delivery: "assign_unit" as const,
          })),
        },
      },
      ports,
    ),
  );
  for (const { item, units, lots = [units] } of stock) {
    let first = 0;
    for (const [lot, count] of lots.entries()) {
      const from = first;
      const body = {
        listing_id: "wash",
        listing_item_id: item,
        location_id: "main",
        units: Array.from({ length: count }, (_, at) => ({ serial_number: serialOf(item, from + at), secret_code: secretOf(item, from + at) })),
      };
      await done(stockUnits({ ...by(lot === 0 ? `stock-${item}` : `stock-${item}-${lot + 1}`), body }, ports));
      first += count;
    }
  }
  return {
    merchant: "lees",
    listing: "wash",
    node: "NODE_1",
    connection: own.result.connection_id,
    strangersConnection: strangers.result.connection_id,
    stock,
  };
};

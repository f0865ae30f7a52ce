// A connection: one merchant's account at one provider, with its sealed keys. No provider key lives anywhere else.
import * as z from "zod";
import { Sealed } from "../../platform/crypto/sealer.ts";
import { change, entity, guarded, type Write, when } from "../../platform/table/model.ts";

export const Connection = z.object({
  id: z.string(),
  owner: z.string(),
  provider: z.enum(["stripe"]),
  account: z.string(),
  credential: z.enum(["restricted_key"]),
  mode: z.enum(["test", "live"]),
  endpoint: z.enum(["official", "simulated"]),
  api_version: z.string(),
  currencies: z.array(z.string()),
  /** JSON of `ProviderSecrets`. */
  secrets: Sealed,
  /** The webhook at the provider that signs with the secret that is kept here. */
  webhook_id: z.string().optional(),
  /** What may be shown of the key. */
  key_ending: z.string(),
  state: z.enum(["active", "retired"]),
  created_at: z.string(),
});
export type Connection = z.infer<typeof Connection>;

export const connections = entity({
  name: "connection",
  prefix: "CONNECTION",
  about: "A merchant's account at a payment provider, keys sealed. A retired one still refunds.",
  schema: Connection,
  key: (id: { connection_id: string }) => ({ pk: `CONNECTION#${id.connection_id}`, sk: "CONNECTION" }),
});

/** The same account by another key. Only over the key that was read: of two at once one is told. */
export const rekeyed = (connection: Connection, by: Pick<Connection, "secrets" | "key_ending" | "account" | "webhook_id">): Write<"key_moved"> =>
  guarded("key_moved", change(connections, { connection_id: connection.id }, { set: by }, when.equals("key_ending", connection.key_ending)));

export const Route = z.object({ merchant_id: z.string(), method: z.enum(["card"]), connection_id: z.string() });
export const routes = entity({
  name: "payment_route",
  prefix: "ROUTE",
  about: "Which connection takes a merchant's payments of a method.",
  schema: Route,
  key: (id: { merchant_id: string; method: "card" }) => ({ pk: `ROUTE#${id.merchant_id}`, sk: id.method }),
});

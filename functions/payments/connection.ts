// Opening a connection: its record, its secrets, its adapter. Only entries that may decrypt get here.
import type { Sealer } from "../../platform/crypto/sealer.ts";
import type { Table } from "../../platform/table/model.ts";
import { type Connection, connections, routes } from "./connection-table.ts";
import type { PaymentProvider, ProviderSecrets, Providers } from "./provider.ts";

export interface ConnectionPorts {
  readonly table: Table;
  readonly sealer: Sealer;
  readonly providers: Providers;
}
export interface OpenConnection {
  readonly connection: Connection;
  readonly provider: PaymentProvider;
}

const secretsName = "secrets";

/** Undefined when there is no such connection. Eventual read: a connection is older than what it is used for. */
export const openConnection = async ({ table, sealer, providers }: ConnectionPorts, connection_id: string): Promise<OpenConnection | undefined> => {
  const connection = await table.get(connections, { connection_id });
  if (!connection) return undefined;
  return { connection, provider: providers(connection, await openSecrets(sealer, connection)) };
};

export const openSecrets = async (sealer: Sealer, { secrets }: Connection): Promise<ProviderSecrets> =>
  JSON.parse(await sealer.open("connection", secretsName, secrets)) as ProviderSecrets;

export const sealSecrets = async (sealer: Sealer, connectionId: string, secrets: ProviderSecrets): Promise<Connection["secrets"]> => {
  const [sealed] = await sealer.seal("connection", connectionId, [{ name: secretsName, text: JSON.stringify(secrets) }]);
  if (!sealed) throw new Error("nothing was sealed");
  return sealed;
};

/** The connection that takes a merchant's card payments. */
export const connectionFor = async (table: Table, merchant_id: string): Promise<string | undefined> =>
  (await table.get(routes, { merchant_id, method: "card" }))?.connection_id;

// A merchant rolled the key of their account, or the provider revoked it: the connection gets another key, and every order, refund and event that
// goes through it lives on. The new key is probed and must be of the same account: money came in there, and can go back from nowhere else.
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { operationId, operations } from "../../platform/operation/operation.ts";
import { type ConnectPorts, modeOf, webhookUrl } from "./connect-provider.ts";
import { openSecrets, sealSecrets } from "./connection.ts";
import { type Connection, connections, rekeyed } from "./connection-table.ts";
import type * as contract from "./contract.ts";
import type { PaymentProvider } from "./provider.ts";

export type RekeyPorts = Omit<ConnectPorts, "modes" | "simulated">;

export const rekeyConnection = async (
  { body, ...by }: CommandRequest<typeof contract.rekeyConnection>,
  ports: RekeyPorts,
): Promise<CommandAnswer<typeof contract.rekeyConnection>> => {
  const { table, clock, sealer, providers } = ports;
  const { merchant_id, connection_id, api_key } = body;
  const result = { connection_id };
  // The body is fingerprinted without the key itself.
  const key_ending = api_key.slice(-4);
  const content = { ...body, api_key: key_ending };
  const before = await table.get(operations, { id: operationId(by.principal, "provider_rekeyed", by.key) }, { consistent: true });
  if (before) return answered({ kind: "repeated", operation: before }, content, result);
  const connection = await table.get(connections, { connection_id }, { consistent: true });
  if (connection?.owner !== merchant_id) return { kind: "refused", refusal: "connection_unknown" };
  if (modeOf(api_key) !== connection.mode) return { kind: "refused", refusal: "key_mode_wrong" };

  const provider = providers(connection, { api_key, signing_secret: "" });
  const probe = await provider.probe();
  if (probe.kind !== "good") return { kind: "refused", refusal: probe.kind === "invalid" ? "key_invalid" : "provider_down" };
  const known = probe.account !== "" && connection.account !== "";
  if (known && probe.account !== connection.account) return { kind: "refused", refusal: "account_differs" };
  const signing = await signingSecret(provider, connection, known, ports);
  if (signing.kind === "refused") return signing;

  const secrets = await sealSecrets(sealer, connection_id, { api_key, signing_secret: signing.secret });
  const outcome = await table.transact([
    rekeyed(connection, {
      secrets,
      key_ending,
      account: probe.account || connection.account,
      ...(signing.webhook_id !== undefined && { webhook_id: signing.webhook_id }),
    }),
    commanded(
      { kind: "provider_rekeyed", ...by, body: content, merchant_id, subject: connection_id, details: { provider: connection.provider, key_ending } },
      clock.now(),
    ),
  ]);
  return answered(outcome, content, result);
};

type Signing =
  | { readonly kind: "known"; readonly secret: string; readonly webhook_id: string | undefined }
  | { readonly kind: "refused"; readonly refusal: "account_differs" | "key_invalid" | "provider_down" };

/**
 * Our webhook stands in the account that we have, and its secret stays. Restricted keys may often not name their account: then the webhook proves it.
 * One that another try registered and did not record signs with a secret that nobody knows: it gives way to a new one.
 * @param proven the account is known to be the same
 */
const signingSecret = async (provider: PaymentProvider, connection: Connection, proven: boolean, ports: RekeyPorts): Promise<Signing> => {
  const url = webhookUrl(ports.publicOrigin, connection.id);
  const standing = await provider.hasWebhook(url, connection.webhook_id);
  if (standing === "unknown") return { kind: "refused", refusal: "provider_down" };
  if (standing === "yes") {
    const secrets = await openSecrets(ports.sealer, connection);
    return { kind: "known", secret: secrets.signing_secret, webhook_id: connection.webhook_id };
  }
  if (!proven && standing === "no") return { kind: "refused", refusal: "account_differs" };
  const webhook = await provider.registerWebhook(url);
  if (webhook.kind === "registered") return { kind: "known", secret: webhook.signing_secret, webhook_id: webhook.webhook_id };
  return { kind: "refused", refusal: webhook.kind === "forbidden" ? "key_invalid" : "provider_down" };
};

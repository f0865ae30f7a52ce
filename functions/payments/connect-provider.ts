// A merchant connects an own account: the key is probed, the webhook registered, the secrets sealed, and only then does the route move.
// Two calls go out between reading and writing; both may be repeated, and the old connection serves until the new one is stored.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { operationId, operations } from "../../platform/operation/operation.ts";
import { create, replace } from "../../platform/table/model.ts";
import { merchants } from "../merchants/index.ts";
import { type ConnectionPorts, sealSecrets } from "./connection.ts";
import { type Connection, connections, routes } from "./connection-table.ts";
import type * as contract from "./contract.ts";
import { stripeApiVersion } from "./providers/stripe/calls.ts";

export interface ConnectPorts extends ConnectionPorts {
  readonly clock: Clock;
  readonly publicOrigin: string;
  /** Modes this stage takes: production takes live keys only. */
  readonly modes: readonly ("test" | "live")[];
  /** Does the stage have simulated providers? */
  readonly simulated: boolean;
}

export const modeOf = (apiKey: string): "live" | "test" => (apiKey.startsWith("rk_live_") ? "live" : "test");

/** Where the provider reports a connection's events. */
export const webhookUrl = (publicOrigin: string, connectionId: string): string => `${publicOrigin}/api/payment/webhook/${connectionId}`;

export const connectProvider = async (
  { body, ...by }: CommandRequest<typeof contract.connectProvider>,
  ports: ConnectPorts,
): Promise<CommandAnswer<typeof contract.connectProvider>> => {
  const { table, clock, sealer, providers, publicOrigin } = ports;
  const mode = modeOf(body.api_key);
  if (!ports.modes.includes(mode) || (body.endpoint === "simulated" && !ports.simulated)) return { kind: "refused", refusal: "key_mode_wrong" };

  const id = hashId("connection", body.merchant_id, operationId(by.principal, "provider_connected", by.key));
  const result = { connection_id: id };
  // The body is fingerprinted without the key itself.
  const content = { ...body, api_key: body.api_key.slice(-4) };
  const before = await table.get(operations, { id: operationId(by.principal, "provider_connected", by.key) }, { consistent: true });
  if (before) return answered({ kind: "repeated", operation: before }, content, result);
  const merchant = await table.get(merchants, { merchant_id: body.merchant_id }, { consistent: true });
  if (!merchant) return { kind: "refused", refusal: "merchant_unknown" };

  const facts = { provider: body.provider, endpoint: body.endpoint, api_version: stripeApiVersion };
  const provider = providers(facts, { api_key: body.api_key, signing_secret: "" });
  const probe = await provider.probe();
  if (probe.kind !== "good") return { kind: "refused", refusal: probe.kind === "invalid" ? "key_invalid" : "provider_down" };
  const webhook = await provider.registerWebhook(webhookUrl(publicOrigin, id));
  if (webhook.kind !== "registered") return { kind: "refused", refusal: webhook.kind === "forbidden" ? "key_invalid" : "provider_down" };

  const connection: Connection = {
    ...facts,
    id,
    owner: body.merchant_id,
    account: probe.account,
    credential: "restricted_key",
    mode,
    currencies: [merchant.currency],
    secrets: await sealSecrets(sealer, id, { api_key: body.api_key, signing_secret: webhook.signing_secret }),
    webhook_id: webhook.webhook_id,
    key_ending: body.api_key.slice(-4),
    state: "active",
    created_at: clock.now(),
  };
  const outcome = await table.transact([
    create(connections, { connection_id: id }, connection),
    replace(routes, { merchant_id: body.merchant_id, method: "card" }, { merchant_id: body.merchant_id, method: "card", connection_id: id }),
    commanded(
      { kind: "provider_connected", ...by, body: content, merchant_id: body.merchant_id, subject: id, details: { provider: body.provider, mode } },
      clock.now(),
    ),
  ]);
  return answered(outcome, content, result);
};

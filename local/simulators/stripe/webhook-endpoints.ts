// Where the account wants to be told. The signing secret is shown once, in the answer to the create.
import type Stripe from "stripe";
import * as z from "zod";
import { hex, letters } from "../wire/wire.ts";
import type { Context } from "./context.ts";
import { missing } from "./errors.ts";
import { apiVersion, seconds } from "./events.ts";
import { boolean, expand, metadata, text, webAddress } from "./params.ts";
import { type EndpointRecord, endpointKind } from "./records.ts";

const enabledEvents = z
  .array(z.string().regex(/^(\*|[a-z_0-9]+(\.[a-z_0-9]+)+)$/, "not an event type"))
  .min(1)
  .max(300);

export const EndpointParams = z.strictObject({
  url: webAddress,
  enabled_events: enabledEvents,
  api_version: text(40).optional(),
  description: text(5000).optional(),
  metadata: metadata.optional(),
  connect: boolean.optional(),
  expand,
});
export const EndpointChange = z.strictObject({
  url: webAddress.optional(),
  enabled_events: enabledEvents.optional(),
  description: text(5000).optional(),
  metadata: metadata.optional(),
  disabled: boolean.optional(),
  expand,
});

const save = (context: Context, record: EndpointRecord): void => context.store.put(endpointKind, record.object.id, record, { by: record.account });

/** The object with its secret: the only time it is shown. */
export const createEndpoint = (context: Context, account: string, params: z.infer<typeof EndpointParams>): Stripe.WebhookEndpoint => {
  const object: Stripe.WebhookEndpoint = {
    id: `we_1${letters(context.ports, 23)}`,
    object: "webhook_endpoint",
    api_version: params.api_version ?? null,
    application: null,
    created: seconds(context),
    description: params.description ?? null,
    enabled_events: params.enabled_events,
    livemode: false,
    metadata: params.metadata ?? {},
    status: "enabled",
    url: params.url,
  };
  const secret = `whsec_${hex(context.ports, 32)}`;
  save(context, { account, object, secret });
  return { ...object, api_version: object.api_version ?? apiVersion, secret };
};

export const findEndpoint = (context: Context, account: string, id: string): EndpointRecord => {
  const record = context.store.get(endpointKind, id);
  if (!record || record.account !== account) throw missing("webhook endpoint", id, "webhook_endpoint");
  return record;
};

export const changeEndpoint = (context: Context, account: string, id: string, params: z.infer<typeof EndpointChange>): Stripe.WebhookEndpoint => {
  const record = findEndpoint(context, account, id);
  const { disabled, url, enabled_events, description, metadata: pairs } = params;
  const object: Stripe.WebhookEndpoint = {
    ...record.object,
    ...(url === undefined ? {} : { url }),
    ...(enabled_events === undefined ? {} : { enabled_events }),
    ...(description === undefined ? {} : { description }),
    ...(pairs === undefined ? {} : { metadata: { ...record.object.metadata, ...pairs } }),
    ...(disabled === undefined ? {} : { status: disabled ? "disabled" : "enabled" }),
  };
  save(context, { ...record, object });
  return object;
};

export const deleteEndpoint = (context: Context, account: string, id: string): { id: string; object: "webhook_endpoint"; deleted: true } => {
  findEndpoint(context, account, id);
  context.store.erase(endpointKind, id);
  return { id, object: "webhook_endpoint", deleted: true };
};

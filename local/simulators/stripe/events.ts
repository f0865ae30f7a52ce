// Facts that happened, and who is told: every enabled endpoint of the account whose list names the event.
import { letters } from "../wire/wire.ts";
import type { Context } from "./context.ts";
import { endpointKind, eventKind, type StripeEvent } from "./records.ts";

/** The version this simulator's objects have; the pinned SDK sends the same. */
export const apiVersion = "2026-10-28.endive";

/** The API call that made something happen; nulls when it was the buyer or time. */
export interface Cause {
  readonly id: string | null;
  readonly idempotency_key: string | null;
}
export const byItself: Cause = { id: null, idempotency_key: null };

export const seconds = (context: Context): number => Math.floor(context.ports.now() / 1000);

/** Records an event and schedules its deliveries. Call it inside the transaction of the change it tells of. */
export const emit = (context: Context, account: string, type: string, object: unknown, cause: Cause = byItself): void => {
  const { store, ports } = context;
  const wanted = ({ enabled_events }: { enabled_events: readonly string[] }): boolean =>
    enabled_events.includes("*") || enabled_events.includes(type);
  const endpoints = store.newest(endpointKind, { limit: 100, by: account }).filter(({ object }) => object.status === "enabled" && wanted(object));
  const event: StripeEvent = {
    id: `evt_1${letters(ports, 23)}`,
    object: "event",
    api_version: apiVersion,
    created: seconds(context),
    data: { object },
    livemode: false,
    pending_webhooks: endpoints.length,
    request: cause,
    type,
  };
  const save = (event: StripeEvent): void => store.put(eventKind, event.id, { account, object: event }, { by: account });
  save(event);
  for (const endpoint of endpoints.reverse()) {
    const memo = { endpoint: endpoint.object.id };
    context.deliveries.schedule({ topic: type, subject: event.id, url: endpoint.object.url, memo }, () => {
      const copy = { ...event, id: `evt_1${letters(ports, 23)}` };
      save(copy);
      return { subject: copy.id, memo };
    });
  }
};

// The payment provider's port over the simulated Stripe, in process: the product's own mapping of parameters and answers, no socket.
// A call is heard, worked on and answered in turns of its own, so that anything may come between; Stripe goes on when the caller dies.

import type { CheckoutClosed, CheckoutOpened, PaymentProvider, Providers, Settlement } from "../../../functions/payments/provider.ts";
import type { Disputes, FoundRefund, PaymentOwner, RefundAnswer, Refunded } from "../../../functions/payments/provider-after-sale.ts";
import { stripeProvider } from "../../../functions/payments/providers/stripe/calls.ts";
import {
  disputeOf,
  refundedOf,
  refundParams,
  refundRefusalOf,
  sessionParams,
  settlementOf,
  stripeEvents,
} from "../../../functions/payments/providers/stripe/mapping.ts";
import type { Stripe } from "../../../local/simulators/stripe/core.ts";
import type { WireAnswer, WireRequest } from "../../../local/simulators/wire/wire.ts";
import type { Reach } from "../reach.ts";
import type { Scheduler } from "../scheduler.ts";
import type { RefundFates } from "./refund-fates.ts";
import { simulatedBooks } from "./stripe-books.ts";

export interface StripePortOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly stripe: Stripe;
  readonly fates: RefundFates;
  /** Stripe has done something that it may tell of. */
  readonly news: () => void;
}

const version = "2026-10-28.endive";

/** Nested parameters as Stripe's form bodies spell them. */
const formOf = (value: unknown, name = ""): readonly (readonly [string, string])[] => {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([part, inner]) => formOf(inner, name === "" ? part : `${name}[${part}]`));
};
const encoded = (value: unknown): string => new URLSearchParams([...formOf(value)].map(([name, text]): [string, string] => [name, text])).toString();

const openedOf = ({ status, body }: WireAnswer): CheckoutOpened => {
  if (status === 409) return { kind: "in_progress" };
  if (status >= 500 || status === 429) return { kind: "unknown" };
  const answer = JSON.parse(body) as { id?: string; url?: string; error?: { code?: string; type?: string; param?: string } };
  if (status >= 400) return { kind: "declined", reason: answer.error?.code ?? answer.error?.param ?? answer.error?.type ?? "refused" };
  return answer.id && answer.url ? { kind: "open", session_id: answer.id, url: answer.url } : { kind: "declined", reason: "no_url" };
};

export const stripePort = ({ scheduler, reach, stripe, fates, news }: StripePortOptions): Providers => {
  const requestOf = (
    apiKey: string,
    method: "GET" | "POST",
    path: string,
    more: { readonly query?: string; readonly body?: string; readonly key?: string },
  ): WireRequest => ({
    method,
    path,
    query: more.query ?? "",
    body: more.body ?? "",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "stripe-version": version,
      "content-type": "application/x-www-form-urlencoded",
      ...(more.key !== undefined && { "idempotency-key": more.key }),
    },
  });

  /** What a call with a key may meet. */
  const keyFaults = ["crash_before", "lose_request", "slow", "abandon", "fail_inside", "fail_done"] as const;
  /** Stripe works on a call in its own time, whatever becomes of the caller. @param fault whether it breaks inside, before or after its work */
  const worked = (request: WireRequest, fault?: string): Promise<WireAnswer> =>
    new Promise((resolve) => {
      const breaks = fault === "fail_inside" || fault === "fail_done";
      if (breaks) reach.saw(`a key that fails: ${request.path.includes("refund") ? "refund" : "session"}`);
      if (breaks) stripe.setFaults({ api_break_next: 1, api_break_done: fault === "fail_done" });
      const begun = stripe.begin(request);
      if (breaks) stripe.setFaults({ api_break_next: 0 });
      if ("answer" in begun) {
        if (begun.answer.status === 409) reach.saw("provider still at work on the key");
        resolve(begun.answer);
        return;
      }
      scheduler.spawn("Stripe", async () => {
        await scheduler.turn("works on a call");
        resolve(begun.run());
        news();
      });
    });

  /** Payments whose refund was made, and nobody heard. */
  const unheard = new Set<string>();
  const adapters = new Map<string, PaymentProvider>();
  const adapterOf: Providers = (connection, secrets) => {
    const name = JSON.stringify([connection.endpoint, secrets.api_key, secrets.signing_secret]);
    const known = adapters.get(name);
    if (known) return known;
    const real = stripeProvider(secrets);
    /** What time has brought about, Stripe may notice when it is asked. */
    const read = (path: string, params: unknown = {}): WireAnswer => {
      const answer = stripe.call(requestOf(secrets.api_key, "GET", path, { query: encoded(params) }));
      news();
      return answer;
    };
    const made: PaymentProvider = {
      ...real,
      ...simulatedBooks({ scheduler, reach, read }),
      async openCheckout(request) {
        const asked = await scheduler.turn("asks Stripe for a session", keyFaults);
        if (asked === "lose_request") return { kind: "unknown" };
        const body = encoded(sessionParams(request));
        const answer = await worked(requestOf(secrets.api_key, "POST", "/v1/checkout/sessions", { body, key: request.provider_key }), asked);
        if (answer.headers["idempotent-replayed"] && answer.status === 500) reach.saw("a key repeated a failure: session");
        const heard = await scheduler.turn("hears from Stripe", ["crash_before", "lose_response", "slow", "abandon"]);
        if (heard === "lose_response") {
          reach.saw("lost response of the session's creation");
          return { kind: "unknown" };
        }
        const opened = openedOf(answer);
        scheduler.note(`Stripe: ${opened.kind}${opened.kind === "declined" ? ` ${opened.reason}` : ""}`);
        if (opened.kind === "declined") reach.saw(`session declined: ${opened.reason}`);
        return opened;
      },
      async lookUp(sessionId): Promise<Settlement> {
        const fault = await scheduler.turn("looks the session up at Stripe", ["crash_before", "break", "slow", "abandon"]);
        if (fault === "break") return { kind: "unknown" };
        const answer = read(`/v1/checkout/sessions/${sessionId}`, { expand: ["payment_intent.latest_charge"] });
        if (answer.status !== 200) return { kind: "unknown" };
        const settlement = settlementOf(JSON.parse(answer.body) as Parameters<typeof settlementOf>[0]);
        scheduler.note(`Stripe: ${settlement.kind}`);
        return settlement;
      },
      async closeCheckout(sessionId): Promise<CheckoutClosed> {
        const asked = await scheduler.turn("asks Stripe to end a session", ["crash_before", "lose_request", "slow", "abandon"]);
        if (asked === "lose_request") return { kind: "unknown" };
        const answer = await worked(requestOf(secrets.api_key, "POST", `/v1/checkout/sessions/${sessionId}/expire`, {}));
        const heard = await scheduler.turn("hears from Stripe that a session ended", ["crash_before", "lose_response", "slow", "abandon"]);
        scheduler.note(`Stripe: ${answer.status === 200 ? "ended" : "not open"}`);
        if (heard === "lose_response") {
          reach.saw("lost response of the session's end");
          return { kind: "unknown" };
        }
        if (answer.status >= 500 || answer.status === 429) return { kind: "unknown" };
        return { kind: answer.status === 200 ? "closed" : "not_open" };
      },
      async refund(request): Promise<RefundAnswer> {
        const asked = await scheduler.turn("asks Stripe for a refund", keyFaults);
        if (asked === "lose_request") return { kind: "unknown" };
        const body = encoded(refundParams(request));
        const breaks = fates.breaks(request.refund_id);
        const asking = requestOf(secrets.api_key, "POST", "/v1/refunds", { body, key: request.provider_key });
        const answer = fates.decide(await worked(asking, breaks ?? asked));
        if (answer?.headers["idempotent-replayed"] && answer.status === 500) reach.saw("a key repeated a failure: refund");
        news();
        const heard = await scheduler.turn("hears from Stripe of a refund", ["crash_before", "lose_response", "slow", "abandon"]);
        if (heard === "lose_response" || answer === undefined) {
          reach.saw(answer ? "lost response of a refund" : "provider silent about a refund");
          unheard.add(request.intent_id);
          return { kind: "unknown" };
        }
        if (answer.status >= 500) unheard.add(request.intent_id);
        if (answer.status === 409 || answer.status === 429 || answer.status >= 500) return { kind: "unknown" };
        const told = JSON.parse(answer.body) as Parameters<typeof refundedOf>[0] & { error?: { code?: string; type?: string } };
        const refunded = answer.status === 200 ? refundedOf(told) : refundRefusalOf(told.error?.code ?? told.error?.type ?? "");
        scheduler.note(`Stripe: refund ${refunded.kind}`);
        reach.saw(`refund ${refunded.kind}`);
        if (unheard.has(request.intent_id)) reach.saw("refund unknown, then found");
        return refunded;
      },
      async lookUpRefund(id): Promise<Refunded> {
        const fault = await scheduler.turn("looks a refund up at Stripe", ["crash_before", "break", "slow", "abandon"]);
        if (fault === "break") return { kind: "unknown" };
        const answer = read(`/v1/refunds/${id}`);
        if (answer.status !== 200) return { kind: "unknown" };
        const refunded = refundedOf(JSON.parse(answer.body) as Parameters<typeof refundedOf>[0]);
        scheduler.note(`Stripe: refund ${refunded.kind}`);
        reach.saw(`looked-up refund ${refunded.kind}`);
        return refunded;
      },
      async recoverRefund({ intent_id, refund_id }): Promise<FoundRefund> {
        const fault = await scheduler.turn("looks for a refund at Stripe", ["crash_before", "break", "slow", "abandon"]);
        if (fault === "break") return { kind: "unknown" };
        const answer = read("/v1/refunds", { payment_intent: intent_id, limit: 100 });
        if (answer.status !== 200) return { kind: "unknown" };
        const { data } = JSON.parse(answer.body) as { data: readonly (Parameters<typeof refundedOf>[0] & { metadata?: Record<string, string> })[] };
        const found = data.find(({ metadata }) => metadata?.refund_id === refund_id);
        reach.saw(`refund looked for by our name: ${found ? "found" : "none"}`);
        if (found && unheard.has(intent_id)) reach.saw("a refund was found by its name, after silence");
        return found ? refundedOf(found) : { kind: "none" };
      },
      async lookUpDisputes(intentId): Promise<Disputes> {
        const fault = await scheduler.turn("asks Stripe for disputes", ["crash_before", "break", "slow", "abandon"]);
        if (fault === "break") return { kind: "unknown" };
        const answer = read("/v1/disputes", { payment_intent: intentId, limit: 100 });
        if (answer.status !== 200) return { kind: "unknown" };
        const { data } = JSON.parse(answer.body) as { data: readonly Parameters<typeof disputeOf>[0][] };
        const disputes = data.map(disputeOf);
        if (disputes.length > 0) scheduler.note(`Stripe: disputes ${disputes.map(({ status }) => status).join(", ")}`);
        return { kind: "known", disputes };
      },
      async lookUpOwner(intentId): Promise<PaymentOwner> {
        const fault = await scheduler.turn("asks Stripe whose a payment is", ["crash_before", "break", "slow", "abandon"]);
        if (fault === "break") return { kind: "unknown" };
        const answer = read(`/v1/payment_intents/${intentId}`);
        if (answer.status !== 200) return answer.status === 404 ? { kind: "none" } : { kind: "unknown" };
        const { merchant_id, order_id } = (JSON.parse(answer.body) as { metadata: Record<string, string | undefined> }).metadata;
        return merchant_id !== undefined && order_id !== undefined ? { kind: "known", merchant_id, order_id } : { kind: "none" };
      },
      probe: async () => ({ kind: "good", account: connection.provider }),
      async registerWebhook(url) {
        const body = encoded({ url, enabled_events: [...stripeEvents], api_version: version });
        const answer = stripe.call(requestOf(secrets.api_key, "POST", "/v1/webhook_endpoints", { body }));
        const { id, secret } = JSON.parse(answer.body) as { id: string; secret: string };
        return { kind: "registered", webhook_id: id, signing_secret: secret };
      },
    };
    adapters.set(name, made);
    return made;
  };
  return adapterOf;
};

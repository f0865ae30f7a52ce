// Stripe's lists over the simulated Stripe, in process: the product's own reading of pages, with turns and silences between.
import Stripe from "stripe";
import type { ProviderBooks } from "../../../functions/payments/provider-books.ts";
import { stripeBooks } from "../../../functions/payments/providers/stripe/books.ts";
import type { WireAnswer } from "../../../local/simulators/wire/wire.ts";
import type { Reach } from "../reach.ts";
import type { Scheduler } from "../scheduler.ts";

export interface StripeBooksOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  /** A read of Stripe: path, and parameters as its SDK takes them. */
  readonly read: (path: string, params: unknown) => WireAnswer;
}

/** What the adapter uses of the SDK, told again without a socket. */
export const simulatedBooks = ({ scheduler, reach, read }: StripeBooksOptions): ProviderBooks => {
  const ask = async (what: string, path: string, params: unknown): Promise<unknown> => {
    const fault = await scheduler.turn(what, ["crash_before", "break", "slow", "abandon"]);
    if (fault === "break") {
      reach.saw("provider's books stayed closed");
      throw new Error("the connection broke");
    }
    const { status, body } = read(path, params);
    if (status === 200) return JSON.parse(body);
    const { error } = JSON.parse(body) as { error: { code?: string; message: string } };
    throw new Stripe.errors.StripeInvalidRequestError({ ...error, type: "invalid_request_error" });
  };
  const sdk = {
    checkout: {
      sessions: {
        list: (params: unknown) => ask("lists Stripe's sessions", "/v1/checkout/sessions", params),
        retrieve: (id: string, params: unknown) => ask("looks a session up in Stripe's books", `/v1/checkout/sessions/${id}`, params),
      },
    },
    disputes: {
      list: (params: unknown) => ask("lists Stripe's disputes", "/v1/disputes", params),
      retrieve: (id: string, params: unknown) => ask("looks a dispute up in Stripe's books", `/v1/disputes/${id}`, params),
    },
    refunds: {
      list: (params: unknown) => ask("lists Stripe's refunds", "/v1/refunds", params),
      retrieve: (id: string, params: unknown) => ask("looks a refund up in Stripe's books", `/v1/refunds/${id}`, params),
    },
  };
  return stripeBooks(sdk as unknown as Stripe);
};

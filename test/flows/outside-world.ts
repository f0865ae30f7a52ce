// The simulated Stripe and Twilio, as their control addresses show and steer them.

export interface StripeSession {
  readonly id: string;
  readonly status: "open" | "complete" | "expired";
  readonly payment_status: "paid" | "unpaid";
  readonly payment_intent: string | null;
  readonly amount_total: number;
  readonly metadata: Readonly<Record<string, string>>;
}
export interface StripeIntent {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
}
export interface StripeRefund {
  readonly id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly amount: number;
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
}
export interface StripeDispute {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly payment_intent: string;
}
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly object: { readonly id: string; readonly metadata?: Readonly<Record<string, string>>; readonly payment_intent?: string | null };
  };
}
export interface StripeTruth {
  readonly sessions: readonly StripeSession[];
  readonly payment_intents: readonly StripeIntent[];
  readonly refunds: readonly StripeRefund[];
  readonly disputes: readonly StripeDispute[];
  /** Latest first, as all of these. */
  readonly events: readonly StripeEvent[];
}
export interface Text {
  readonly sid: string;
  readonly to: string;
  readonly body: string;
  readonly status: string;
}
export interface Delivery {
  readonly id: string;
  readonly topic: string;
  readonly state: "waiting" | "delivered" | "given_up" | "forgotten";
  readonly attempts: readonly { readonly status?: number; readonly error?: string; readonly tampered?: boolean }[];
  /** What was made to go wrong with it. */
  readonly note?: string;
}
export interface FunctionReport {
  readonly name: string;
  readonly busy: number;
  readonly waiting: number;
  readonly invocations: number;
  readonly errors: number;
}
export interface ControlState {
  readonly stripe: { readonly deliveries: readonly Delivery[] };
  readonly twilio: { readonly deliveries: readonly Delivery[]; readonly messages: readonly Text[] };
  readonly host: { readonly functions: readonly FunctionReport[]; readonly schedules: readonly string[]; readonly executions: readonly object[] };
}

export type OutsideWorld = ReturnType<typeof outsideWorld>;

/** @param origin of the simulated providers */
export function outsideWorld(origin: string) {
  const read = async <T>(path: string): Promise<T> => (await fetch(origin + path)).json() as Promise<T>;
  const tell = async <T>(path: string, body: object = {}): Promise<T> => {
    const answer = await fetch(origin + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    truth: () => read<StripeTruth>("/control/stripe/truth"),
    texts: async (to?: string) => {
      const { messages } = await read<{ messages: readonly Text[] }>("/control/twilio/truth");
      return to === undefined ? messages : messages.filter((text) => text.to === to);
    },
    state: () => read<ControlState>("/control/state"),
    pay: (sessionId: string, how: { readonly card?: string; readonly authenticate?: "complete" | "fail" } = {}) =>
      tell<{ readonly kind: string }>(`/control/stripe/sessions/${sessionId}/pay`, how),
    expire: (sessionId: string) => tell<{ readonly expired: boolean }>(`/control/stripe/sessions/${sessionId}/expire`),
    dispute: (intentId: string) => tell<StripeDispute>(`/control/stripe/payments/${intentId}/dispute`),
    decide: (disputeId: string, status: "won" | "lost") => tell<StripeDispute>(`/control/stripe/disputes/${disputeId}/move`, { status }),
    endRefund: (refundId: string, outcome: "succeeds" | "fails") => tell<StripeRefund>(`/control/stripe/refunds/${refundId}/end`, { outcome }),
    faults: (provider: "stripe" | "twilio", change: object) => tell<object>(`/control/${provider}/faults`, change),
    /** Sends one delivery again, or all that have not arrived. */
    redeliver: (id?: string) => tell<{ readonly redelivered: number }>("/control/stripe/webhooks/redeliver", id === undefined ? {} : { id }),
    runSchedule: (id: string) => tell<{ readonly result: unknown }>(`/control/schedules/${encodeURIComponent(id)}/run`),
  };
}

/** The session of a hosted checkout's address. */
export const sessionOf = (checkoutUrl: string): string => new URL(checkoutUrl).pathname.split("/").at(-1) ?? "";

/** The test cards that do something later; any other is paid and stays so. */
export const cards = {
  plain: "4242424242424242",
  refundPends: "4000000000007726",
  refundBounces: "4000000000005126",
  disputed: "4000000000000259",
} as const;

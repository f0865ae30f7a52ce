// What the world remembers of payers' quarrels besides the provider's present books: refunds that were asked for beside one, and news of one
// that was taken and that nobody followed.
import type { PaymentProvider, Providers } from "../../../functions/payments/provider.ts";
import type { Snapshot } from "../../../platform/table/memory.ts";
import type { Execution, Scheduler } from "../scheduler.ts";
import type { WorkflowPort } from "./workflow.ts";

export interface Quarrels {
  /** Refunds that were asked for although the table had named an open or lost dispute since before the function looked. */
  readonly refundsBeside: readonly string[];
  /** Orders whose dispute's news was answered with 200, and no look at it was begun. */
  readonly newsDropped: readonly string[];
  /** Tells that the function at work looks at this order now. */
  looksAt(orderId: string): void;
  watched(providers: Providers): Providers;
  /** One delivery to the webhook, with what it must bring about. */
  delivered(body: string, post: () => Promise<number | undefined>): Promise<number | undefined>;
}
export interface QuarrelsOptions {
  readonly scheduler: Scheduler;
  readonly snapshot: () => Snapshot;
  readonly starts: () => WorkflowPort["starts"];
  /** Whose payment the provider says it is. */
  readonly orderOf: (intentId: string) => string | undefined;
}

export const quarrelsOf = ({ scheduler, snapshot, starts, orderOf }: QuarrelsOptions): Quarrels => {
  const refundsBeside: string[] = [];
  const newsDropped: string[] = [];
  const warned = new WeakMap<Execution, string>();

  const quarrelOn = (orderId: string): boolean => {
    for (const { item } of snapshot().records("ORDER")) {
      if (item.id !== orderId) continue;
      const { status, inquiry } = (item.dispute ?? {}) as { readonly status?: string; readonly inquiry?: boolean };
      return status === "lost" || (status === "open" && !inquiry);
    }
    return false;
  };

  return {
    refundsBeside,
    newsDropped,
    looksAt(orderId) {
      const by = scheduler.current();
      if (by && quarrelOn(orderId)) warned.set(by, orderId);
    },
    watched: (providers) => {
      const known = new WeakMap<PaymentProvider, PaymentProvider>();
      return (connection, secrets) => {
        const real = providers(connection, secrets);
        const made = known.get(real) ?? {
          ...real,
          refund: (request) => {
            const by = scheduler.current();
            if (by && warned.get(by) === request.order_id && quarrelOn(request.order_id)) refundsBeside.push(request.refund_id);
            return real.refund(request);
          },
        };
        known.set(real, made);
        return made;
      };
    },
    async delivered(body, post) {
      const intent = /"type": "charge\.dispute\./.test(body) ? /"payment_intent": "(\w+)"/.exec(body)?.[1] : undefined;
      const orderId = intent === undefined ? undefined : orderOf(intent);
      const before = starts().length;
      const status = await post();
      if (status !== 200 || orderId === undefined) return status;
      const followed = starts()
        .slice(before)
        .some(({ ref }) => ref.order_id === orderId && ref.news === "dispute");
      if (!followed) newsDropped.push(orderId);
      return status;
    },
  };
};

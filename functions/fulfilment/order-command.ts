// What every person's command on an order does alike: it is built on the order as it stands, looks again while that moves, and stands by what was
// done under its key.
import { type Operation, operations } from "../../platform/operation/operation.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { type Order, orders } from "../orders/index.ts";
import type { OrderRef } from "./confirm.ts";

/** How often an order may change under our eyes before the operator is asked to repeat. */
const looksMax = 4;

interface Answer {
  readonly kind: "ok" | "refused";
}
export interface OrderCommand<A extends Answer> {
  readonly order: OrderRef;
  /** Id of the command's operation. */
  readonly operation: string;
  /** Decides and commits. `moved`: somebody changed the order meanwhile. */
  readonly attempt: (order: Order) => Promise<A | "moved">;
  /** What is answered when the command was carried out before. */
  readonly replayed: (before: Operation) => A | Promise<A>;
}

/** Throws TableBusy when the order does not stand still. */
export const onOrder = async <A extends Answer>(
  { order: { merchant_id, order_id }, operation, attempt, replayed }: OrderCommand<A>,
  table: Table,
): Promise<A | { readonly kind: "refused"; readonly refusal: "order_unknown" }> => {
  for (let look = 0; look < looksMax; look++) {
    const [order, before] = await table.getMany(
      [
        [orders, { merchant_id, order_id }],
        [operations, { id: operation }],
      ],
      { consistent: true },
    );
    if (before) return replayed(before);
    if (!order) return { kind: "refused", refusal: "order_unknown" };
    const answer = await attempt(order);
    if (answer === "moved") continue;
    if (answer.kind === "ok") return answer;
    // What stood in the way may be what this very command did, sent twice at once: a batch of reads is no snapshot. Then the first answer stands.
    const first = await table.get(operations, { id: operation }, { consistent: true });
    return first ? replayed(first) : answer;
  }
  throw new TableBusy("the order changes faster than the command can be carried out");
};

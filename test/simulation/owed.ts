// What is still owed: money without its answer, refunds without their end.
import type { Books, Item } from "./checker/books.ts";

/** A quarrel keeps what goes back waiting for its end; a bank that only asks does not. */
const holdsBack = ({ dispute }: Item): boolean => {
  const { status, inquiry } = (dispute ?? {}) as Item;
  return status === "open" && inquiry !== true;
};

/** Captured payments whose order still waits, or has ended without them. */
export const unanswered = (books: Books, open = new Set<unknown>(["awaiting_payment", "expired", "refund_pending"])): readonly string[] => {
  // What goes back waits for the end of a quarrel: then nothing is owed yet.
  const waits = (order: Item): boolean => order.status === "refund_pending" && holdsBack(order);
  const waiting = new Set(
    [...books.snapshot.records("ORDER")].flatMap(({ item }) => (open.has(item.status) && !waits(item) ? [String(item.id)] : [])),
  );
  if (waiting.size === 0) return [];
  return books.stripe
    .truth()
    .payment_intents.flatMap((intent) =>
      intent.status === "succeeded" && waiting.has(intent.metadata.order_id ?? "") ? [intent.metadata.order_id ?? ""] : [],
    );
};

/** Refunds that wait for nothing but their own end. */
export const refundsUnderWay = (books: Pick<Books, "snapshot">): boolean => {
  for (const { item } of books.snapshot.records("ORDER")) if (Number(item.refunds_open ?? 0) > 0 && !holdsBack(item)) return true;
  return false;
};

/** What the sweep looks after. */
export const owedOn = new Set<unknown>(["awaiting_payment", "refund_pending"]);

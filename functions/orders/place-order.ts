// A buyer presses Pay: one transaction holds the units and makes the order, the guest and the operation; then the checkout is opened.
// Load, decide, commit, return. A repeat with the same key finds the first order and goes on where it stopped.
import { takeUnits } from "../../kernel/allocation.ts";
import type { Money } from "../../kernel/money.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import type { Language } from "../../platform/contract/problem.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId, operations, type Principal } from "../../platform/operation/operation.ts";
import type { Random } from "../../platform/random/random.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { listings } from "../catalogue/index.ts";
import { holdUnit, type PoolId, poolReader } from "../inventory/index.ts";
import { connectionFor } from "../payments/index.ts";
import { personId, sealPhone, seePerson } from "../people/index.ts";
import type { PlaceOrder } from "./contract.ts";
import { type CheckoutPorts, openCheckoutOf } from "./open-checkout.ts";
import { decideOrder, type Order, totalOf } from "./order.ts";
import { createOrder, orders } from "./order-table.ts";
import { orderToken, orderUrl } from "./token.ts";

export interface PlacePorts extends CheckoutPorts {
  readonly random: Random;
}
export interface Placing {
  readonly body: PlaceOrder;
  readonly principal: Principal;
  readonly key: string;
  readonly language: Language;
}
export interface Placed {
  readonly token: string;
  readonly order_url: string;
  readonly checkout_url: string | null;
  readonly total: Money;
  readonly hold_until: string;
}
export type PlaceOutcome =
  | { readonly kind: "placed"; readonly placed: Placed; readonly repeated: boolean }
  | {
      readonly kind: "refused";
      readonly refusal: "out_of_stock" | "listing_closed" | "item_unknown" | "node_unknown" | "key_reused" | "in_progress";
    };

const kind = "order_placed";

export const placeOrder = async (request: Placing, ports: PlacePorts): Promise<PlaceOutcome> => {
  const { table, clock } = ports;
  const opId = operationId(request.principal, kind, request.key);
  const buyerId = personId(await ports.linkSecret(), request.body.phone);
  const body = fingerprinted(request.body, buyerId);
  const [listing, before] = await table.getMany([
    [listings, { listing_id: request.body.listing_id }],
    [operations, { id: opId }],
  ]);
  if (before) return resume(before, body, ports);
  if (!listing) return { kind: "refused", refusal: "item_unknown" };

  const decision = decideOrder(request.body, listing, { orderId: hashId("order", opId), buyerId, language: request.language, now: clock.now() });
  if (decision.kind === "refused") return decision;
  // Nothing is held that nobody could pay for.
  const connection_id = await connectionFor(table, listing.merchant_id);
  if (connection_id === undefined) {
    ports.log("error", "merchant_takes_no_payments", { merchant_id: listing.merchant_id });
    return { kind: "refused", refusal: "listing_closed" };
  }
  const held = await hold(decision.order, decision.quantity, request, body, ports);
  if (held.kind === "refused") {
    // Sold out, perhaps to the first of two taps: then the order of this key stands, and it is the answer.
    const first = await table.get(operations, { id: opId }, { consistent: true });
    return first ? resume(first, body, ports) : held;
  }
  if (held.kind === "repeated") return resume(held.operation as Operation, body, ports);
  return checkedOut(held.order, ports, { fresh: true, connection_id });
};

type Held =
  | { readonly kind: "held"; readonly order: Order }
  | { readonly kind: "repeated"; readonly operation: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly refusal: "out_of_stock" };

/** The one transaction, with other units as long as somebody is faster. */
const hold = async (planned: Order, quantity: number, request: Placing, body: unknown, ports: PlacePorts): Promise<Held> => {
  const { table, random, sealer } = ports;
  const [line] = planned.lines;
  if (!line) throw new Error("an order without a line");
  const pool: PoolId = { merchant_id: planned.merchant_id, listing_item_id: line.listing_item_id, location_id: planned.location_id };
  const at = planned.placed_at as Instant;
  let phone: Awaited<ReturnType<typeof sealPhone>> | undefined;

  const taken = await takeUnits(poolReader(table, pool), quantity, random.number, async (tokens) => {
    phone ??= await sealPhone(sealer, planned.buyer_id, request.body.phone);
    const order: Order = { ...planned, lines: [{ ...line, units: tokens.map((token) => token.unit_id) }] };
    const outcome = await table.transact([
      ...tokens.flatMap((token) => holdUnit(pool, token.unit_id, order, at)),
      createOrder(order),
      seePerson({ id: planned.buyer_id, phone, language: planned.language, seen_at: planned.placed_at }),
      commanded(
        { principal: request.principal, key: request.key, body, kind, merchant_id: order.merchant_id, subject: order.id, details: journal(order) },
        at,
      ),
    ]);
    if (outcome.kind === "refused") return { kind: "taken" };
    const answer: Held = outcome.kind === "repeated" ? outcome : { kind: "held", order };
    return { kind: "answered", answer };
  });
  if (taken.kind === "busy") throw new TableBusy("every unit tried was taken by someone faster");
  return taken.kind === "out_of_stock" ? { kind: "refused", refusal: "out_of_stock" } : taken.answer;
};

/** The body as the operation remembers it: with the person's keyed hash in place of a phone number that a plain hash would give away. */
const fingerprinted = (body: PlaceOrder, buyerId: string): unknown => ({ ...body, phone: buyerId });

/** What the journal keeps of an order: amounts and references. */
const journal = (order: Order): Record<string, unknown> => ({
  order_id: order.id,
  lines: order.lines.map(({ listing_item_id, quantity, amount, tax, units }) => ({ listing_item_id, quantity, amount, tax, units })),
  total: order.total,
  currency: order.currency,
});

/** The same command again: its order as it stands, its checkout reopened if it was not. */
const resume = async (before: Operation, body: unknown, ports: PlacePorts): Promise<PlaceOutcome> => {
  if (before.content !== contentOf(body)) return { kind: "refused", refusal: "key_reused" };
  const order = await ports.table.get(orders, { merchant_id: before.merchant_id, order_id: before.subject }, { consistent: true });
  if (!order) throw new Error("an operation without its order");
  return checkedOut(order, ports, { fresh: false });
};

const checkedOut = async (order: Order, ports: PlacePorts, hint: Parameters<typeof openCheckoutOf>[2]): Promise<PlaceOutcome> => {
  const checkout = await openCheckoutOf(order, ports, hint);
  if (checkout.kind === "refused" && checkout.refusal === "in_progress") return { kind: "refused", refusal: "in_progress" };
  const token = orderToken(await ports.linkSecret(), { merchant_id: order.merchant_id, order_id: order.id });
  const placed: Placed = {
    token,
    order_url: orderUrl(ports.publicOrigin, token),
    checkout_url: checkout.kind === "open" ? checkout.url : null,
    total: totalOf(order),
    hold_until: order.hold_until,
  };
  return { kind: "placed", placed, repeated: !hint.fresh };
};

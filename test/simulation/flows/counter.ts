// Behind the counter of one order: refunds of it, another unit for one of its units, a unit whose books are closed, a recall of the batch. Each
// command has a key and a person of its own.

import type { History } from "../history.ts";
import { serialOf } from "../shop.ts";
import type { World } from "../world-model.ts";
import { operate } from "./operator.ts";

export interface Case {
  readonly order_id: string;
  readonly item: string;
  /** Whose order it is; part of the keys. */
  readonly name: string;
}

const counts = new WeakMap<World, number>();

export const counterOf = (world: World, history: History, { order_id, item, name }: Case) => {
  const { verbs, ports, fulfilOrder, shop } = world;
  const merchant_id = shop.merchant;
  const next = (): { readonly by: string; readonly key: string } => {
    const count = (counts.get(world) ?? 0) + 1;
    counts.set(world, count);
    return { by: `clerk-${count}`, key: `command-${name.replaceAll(" ", "-")}-${count}` };
  };
  const refund = (asked: { readonly amount?: number; readonly lines?: { readonly line: number; readonly quantity: number }[] }) =>
    operate(
      world,
      history,
      { name: "refundOrder", ...next(), body: { merchant_id, order_id, reason: "customer_request" as const, ...asked } },
      (command) => verbs.refundOrder(command, { ...ports, fulfilOrder }),
    );
  /** The first number that the buyer still has. */
  const serial = (): string | undefined => {
    for (const { item: unit } of world.twin.snapshot.records("UNIT"))
      if (unit.order_id === order_id && unit.status === "sold") return String(unit.serial_number);
    return undefined;
  };

  return {
    refund_of_a_piece: () => refund({ lines: [{ line: 0, quantity: 1 }] }),
    refund_of_money: () => refund({ amount: 1_500 }),
    refund_of_all: () => refund({}),
    /** @param waitMs before the clerk gets to it */
    async another_unit(waitMs = 0) {
      if (waitMs > 0) await world.scheduler.sleep(waitMs, "a clerk takes the card");
      const serial_number = serial();
      if (serial_number === undefined) return undefined;
      const body = { merchant_id, order_id, serial_number, reason: "the gate does not read it" };
      return operate(world, history, { name: "replaceUnit", ...next(), body }, (command) => verbs.replaceUnit(command, ports));
    },
    async unit_closed(waitMs = 0) {
      if (waitMs > 0) await world.scheduler.sleep(waitMs, "a clerk takes the card");
      const serial_number = serial();
      if (serial_number === undefined) return undefined;
      const body = { merchant_id, listing_item_id: item, location_id: "main", serial_number, to: "archived" as const, reason: "found in the bin" };
      return operate(world, history, { name: "retireUnit", ...next(), body }, (command) => verbs.retireUnit(command, ports));
    },
    async recall() {
      const id = serialOf(item, 0);
      const unit = [...world.twin.snapshot.records("UNIT")].find(({ item: each }) => each.serial_number === id)?.item;
      const body = { merchant_id, batch_id: String(unit?.batch_id), to: "defective" as const, reason: "the supplier wants them back" };
      return operate(world, history, { name: "recallBatch", ...next(), body }, (command) => verbs.recallBatch(command, ports));
    },
  };
};

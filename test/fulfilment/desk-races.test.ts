import { afterEach, describe, expect, it } from "@jest/globals";
import { giveUnits as giveContract, listExceptions as listContract, settleException as settleContract } from "../../functions/fulfilment/contract.ts";
import { markAttention, markPaid } from "../../functions/orders/order-table.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { losePayment, reserveRefund } from "../../functions/payments/payment-table.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import type { Write } from "../../platform/table/model.ts";
import { openShop } from "../support/shop.ts";
import { books, orderOf, paymentOf, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { dispute, give, indexHolds, list, mismatched, operations, settle, stripped } from "./desk.ts";

let shop: Shop;
afterEach(() => {
  books(shop);
  indexHolds(shop);
});
const open = async <M extends { readonly shop: Shop }>(made: Promise<M>): Promise<M> => {
  const opened = await made;
  shop = opened.shop;
  return opened;
};

describe("a command of the desk that comes more than once, or not alone (I6, I11)", () => {
  it("gives once for one key, whatever came after; another body under it is refused", async () => {
    const { ref } = await open(mismatched("key"));
    const first = await give(shop, ref, { accept_amount: 5000 });
    if (first.kind !== "ok") throw new Error("refused");
    await refund(shop, ref);
    const before = shop.digest();
    expect(await give(shop, ref, { accept_amount: 5000 })).toEqual({ ...first, repeated: true });
    expect(await give(shop, ref, { accept_amount: 5001 })).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("gives once when the first answer was lost on the way, and to two equal commands at the same moment", async () => {
    let losses = 1;
    const made = await openShop("lost answer", 3, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (losses > 0 && call.writes.some(({ entity, op }) => entity.name === "operation" && op === "create" && isGiven(call.writes))) {
          losses -= 1;
          throw new LostResponse();
        }
        return answer;
      },
    });
    shop = made;
    const { ref } = await made.buy(1);
    made.provider.pay(ref.order_id, { amount: 5000 });
    await made.fulfil(ref);
    const answers = await Promise.all([give(made, ref, { accept_amount: 5000 }), give(made, ref, { accept_amount: 5000 })]);
    expect([answers.map(({ kind }) => kind), losses, unitStates(made, ref), operations(shop, "units_given").length]).toEqual([
      ["ok", "ok"],
      0,
      ["sold"],
      1,
    ]);
  });
  const isGiven = (writes: readonly { op: string }[]): boolean => JSON.stringify(writes).includes("units_given");

  it.each([
    ["gives", "stripped"],
    ["settles", "disputed"],
  ] as const)("%s once for two equal commands, although the second one's reads fall around the first one's write", async (does, story) => {
    const { ref } = await open(sold(`two moments ${does}`));
    if (story === "stripped") await stripped(`two moments ${does}`, { shop, ref, token: "" });
    else await dispute(shop, ref, "open");
    const act = (made: Shop) => (does === "gives" ? give(made, ref) : settle(made, ref, "dispute_answered"));
    let sentTwice = true;
    const { table } = shop.ports;
    const getMany = (async (wanted, options) => {
      if (!sentTwice) return table.getMany(wanted, options);
      sentTwice = false;
      const before = await table.getMany(wanted.slice(1) as never, options);
      await act(shop);
      return [...(await table.getMany(wanted.slice(0, 1) as never, options)), ...before];
    }) as typeof table.getMany;
    expect(await act({ ...shop, ports: { ...shop.ports, table: { ...table, getMany } } })).toMatchObject({ kind: "ok", repeated: true });
    expect(operations(shop, does === "gives" ? "units_given" : "exception_settled")).toHaveLength(1);
  });

  it("of two operators, one refunds or one gives, never both", async () => {
    for (let round = 0; round < 8; round++) {
      const { ref } = await open(round % 2 ? mismatched(`race ${round}`) : stripped(`race ${round}`, await sold(`race ${round}`)));
      const accept = round % 2 ? { accept_amount: 5000 } : {};
      const commands = [() => refund(shop, ref, {}, "race-refund"), () => give(shop, ref, accept), () => settle(shop, ref, "refunded_elsewhere")];
      const order = round < 4 ? commands : commands.toReversed();
      const answers = await Promise.all(order.map((run) => run()));
      const won = answers.filter(({ kind }) => kind === "ok").length;
      const effects =
        operations(shop, "units_given").length +
        operations(shop, "exception_settled").length +
        refundsIn(shop).filter(({ status }) => status !== "failed").length;
      // A refund after units were given is a sale's, with its numbers taken back: the only one that may follow.
      const sale = operations(shop, "units_given").length === 1 && orderOf(shop, ref).status === "refund_pending";
      expect([won, effects]).toEqual(sale ? [2, 2] : [1, 1]);
      if (sale) expect(unitStates(shop, ref).includes("sold")).toBe(false);
      await shop.fulfil(ref);
      expect((await list(shop)).exceptions).toEqual([]);
    }
  });

  it("gives nothing when the money goes in the same moment: the payment is looked at in the transaction itself (I5)", async () => {
    for (const away of [losePayment, (payment: Payment, at: Instant) => reserveRefund(payment, 1, at)]) {
      let losses = 0;
      const made = await openShop("gone", 3, {
        around: async (call, proceed) => {
          if (losses === 0 && isGiven(call.writes)) {
            losses += 1;
            await made.table.write(away(paymentOf(made, ref), made.ports.clock.now()) as Write<"order_moved">);
          }
          return proceed();
        },
      });
      const { ref } = await made.buy(1);
      made.provider.pay(ref.order_id, { amount: 5000 });
      await made.fulfil(ref);
      const answer = await give(made, ref, { accept_amount: 5000 });
      expect([losses, answer.kind, unitStates(made, ref), orderOf(made, ref).status]).toEqual([1, "refused", ["reserved"], "attention"]);
    }
    // What was taken away past its own verbs is not judged by the books.
    await open(mismatched("untouched"));
  });

  it("never makes an order paid that the sale itself could not deliver", async () => {
    const { ref } = await open(mismatched("not by the sale"));
    const order = orderOf(shop, ref);
    const outcome = await shop.table.write(markPaid(order, "pi_1", shop.ports.clock.now()));
    expect(outcome).toMatchObject({ kind: "refused", refusal: "not_awaiting_payment" });
    const seenBefore = { ...order, status: "awaiting_payment" } as const;
    expect(await shop.table.write(markAttention(seenBefore, "stock_lost", shop.ports.clock.now()))).toMatchObject({ kind: "refused" });
  });

  it("of another merchant's order knows nothing", async () => {
    const { ref } = await open(mismatched("foreign order"));
    const theirs = { ...ref, merchant_id: "another" };
    const before = shop.digest();
    expect(await give(shop, theirs, { accept_amount: 5000 })).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(await settle(shop, theirs, "written_off")).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(await refund(shop, theirs)).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(shop.digest()).toBe(before);
  });

  it.each([
    [giveContract, { accept_amount: 0 }],
    [giveContract, { accept_amount: 1.5 }],
    [giveContract, { note: "x".repeat(301) }],
    [settleContract, {}],
    [settleContract, { reason: "because" }],
    [settleContract, { reason: "written_off", note: "" }],
    [listContract, { first: "loudest" }],
  ])("that is malformed does not pass the contract (%#)", (contract, more) => {
    const body = contract === listContract ? { merchant_id: "lees", ...more } : { merchant_id: "lees", order_id: "0123456789abcdef", ...more };
    expect(contract.body.safeParse(body).success).toBe(false);
  });
});

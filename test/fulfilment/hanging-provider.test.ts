import { afterEach, describe, expect, it } from "@jest/globals";
import { stepSecondsMax } from "../../functions/fulfilment/call-time.ts";
import { brisk } from "../../functions/payments/index.ts";
import type { Refunded } from "../../functions/payments/provider-after-sale.ts";
import { refundsPerOrderMax } from "../../functions/payments/refund-table.ts";
import { functionList } from "../../lib/function-list.ts";
import { books, orderOf, paymentOf, refund, refundsIn, type Shop, sold } from "./after-sale.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};

describe("a provider that hangs (R20)", () => {
  /** Every call takes its whole timeout, unless told otherwise; what the step had left when each began is kept. */
  const hanging = (answers: (refund_id: string) => Refunded | undefined = () => undefined) => {
    const calls: { about: string; left: number }[] = [];
    let began = shop.now();
    const begin = () => {
      began = shop.now();
      calls.length = 0;
    };
    const call = async <T>(about: string, answer: T | undefined): Promise<T | { kind: "unknown" }> => {
      calls.push({ about, left: began + stepSecondsMax * 1000 - shop.now() });
      shop.pass(answer ? 0.4 : brisk.milliseconds / 1000);
      return answer ?? { kind: "unknown" };
    };
    shop.provider.refund = ({ refund_id }) => call(refund_id, answers(refund_id));
    shop.provider.recoverRefund = ({ refund_id }) => call(refund_id, undefined as Refunded | undefined);
    shop.provider.lookUpRefund = (id) => call(id, answers(id));
    return { calls, begin, ended: () => began + stepSecondsMax * 1000 - shop.now() };
  };
  const many = async (seed: string, count: number) => {
    const { ref } = await open(seed, 4);
    for (let n = 0; n < count; n++) expect(await refund(shop, ref, { amount: 100 }, `small-key-${n}`)).toMatchObject({ kind: "ok" });
    return ref;
  };

  it("is asked only as long as a step's time allows, and no refund of the order starves", async () => {
    const ref = await many("hangs", refundsPerOrderMax);
    const { calls, begin, ended } = hanging();
    const asked = new Set<string>();
    for (let run = 0; run < refundsPerOrderMax / 2; run++) {
      begin();
      await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
      for (const { left } of calls) expect(left).toBeGreaterThanOrEqual(brisk.milliseconds + 1000);
      expect([calls.length, ended() >= 1000]).toEqual([2, true]);
      for (const { about } of calls) asked.add(about);
    }
    expect(asked.size).toBe(refundsPerOrderMax);
    expect(orderOf(shop, ref)).toMatchObject({ refunds_open: refundsPerOrderMax, due_at: expect.any(String) });
  });

  it("is asked about one refund by name and by key, but not past the step's end", async () => {
    const ref = await many("silent", 3);
    const { calls, begin } = hanging();
    for (let run = 0; run < 2; run++) await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    shop.provider.recoverRefund = async ({ refund_id }) => {
      calls.push({ about: refund_id, left: 0 });
      shop.pass(5.5);
      return { kind: "none" };
    };
    begin();
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(calls).toHaveLength(1);
  });

  it("and then only is slow ends every refund, run by run", async () => {
    const ref = await many("slow", refundsPerOrderMax);
    const { begin } = hanging((id) => ({ kind: "succeeded", provider_refund_id: id }));
    let runs = 0;
    for (; orderOf(shop, ref).refunds_open && runs < 4; runs++) {
      begin();
      await shop.fulfil(ref).catch((error: Error) => expect(error.name).toBe("ProviderUnknown"));
    }
    expect([runs, orderOf(shop, ref).refunds_open, paymentOf(shop, ref).refunded]).toEqual([2, 0, refundsPerOrderMax * 100]);
  });

  it("about one refund does not keep the others from ending", async () => {
    const ref = await many("one hangs", 8);
    const [stuck] = refundsIn(shop)
      .map(({ id }) => id)
      .sort();
    const { begin } = hanging((id) => (id === stuck ? undefined : { kind: "succeeded", provider_refund_id: id }));
    for (let run = 0; run < 3; run++) {
      begin();
      await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    }
    expect(orderOf(shop, ref).refunds_open).toBe(1);
  });

  it("holds no step longer than its function may run", () => {
    const steps = functionList.filter(({ trigger }) => trigger === "workflow");
    expect(new Set(steps.map(({ timeoutSeconds }) => timeoutSeconds))).toEqual(new Set([stepSecondsMax]));
  });
});

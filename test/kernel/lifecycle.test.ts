import { describe, expect, it } from "@jest/globals";
import { unitLife } from "../../functions/inventory/unit.ts";
import { messageLife } from "../../functions/notifications/message-table.ts";
import { orderLife } from "../../functions/orders/order.ts";
import { paymentLife } from "../../functions/payments/payment.ts";
import { type Lifecycle, lifecycle, sourcesOf, statesOf, terminal } from "../../kernel/lifecycle.ts";

describe("lives are data (I10)", () => {
  const lives: readonly Lifecycle<string>[] = [orderLife, paymentLife, unitLife, messageLife];

  it.each(lives.map((life) => [life.name, life] as const))("every state of %s can be reached and every target exists", (_name, life) => {
    expect(statesOf(life)).toContain(life.initial);
    for (const state of statesOf(life)) {
      if (state !== life.initial) expect(sourcesOf(life, state)).not.toEqual([]);
      for (const target of life.next[state] ?? []) expect(statesOf(life)).toContain(target);
    }
    // An order alone never ends for good: a bank may send a refund back years later.
    expect(terminal(life).length > 0).toBe(life !== orderLife);
  });

  it("a unit has the six states of the seed and no others (G-16)", () => {
    expect([...statesOf(unitLife)].sort()).toEqual(["archived", "available", "defective", "expired", "reserved", "sold"]);
    expect(sourcesOf(unitLife, "available")).toEqual(["reserved"]);
  });

  it("refuses a life with a state that nothing leads to, or that leads nowhere known", () => {
    expect(() => lifecycle("lost", "a", { a: [], b: [] })).toThrow(/nothing leads to b/);
    expect(() => lifecycle("stray", "a", { a: ["b"] } as never)).toThrow(/unknown state b/);
  });
});

import { describe, expect, it } from "@jest/globals";
import { refundOrder } from "../../functions/fulfilment/refund-order.ts";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { sendReplacement } from "../../functions/fulfilment/send.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import type { Order } from "../../functions/orders/order.ts";
import type { Operation } from "../../platform/operation/operation.ts";
import { InjectedConflict, LostResponse, type MemoryTableOptions } from "../../platform/table/memory.ts";
import { expectSoundBooks, statusesOf, unitsOf } from "../inventory/stock-books.ts";
import { openShop, operator } from "../support/shop.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;
type Ref = { merchant_id: string; order_id: string };

const linesOf = (shop: Shop, { order_id }: Ref) => shop.of<Order>("ORDER").find(({ id }) => id === order_id)?.lines ?? [];
const serialsOf = (shop: Shop, ref: Ref): string[] =>
  linesOf(shop, ref).flatMap(({ units }) => units.map((id) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number ?? ""));
const replacementsOf = (shop: Shop) => shop.of<Operation>("OP").filter(({ kind }) => kind === "unit_replaced");

const sold = async (seed: string, units: number, quantity = 1, options: Partial<MemoryTableOptions> = {}) => {
  const shop = await openShop(seed, units, options);
  const { ref } = await shop.buy(1, { lines: [{ item: "CW-60", quantity }] });
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  return { shop, ref, serials: serialsOf(shop, ref) };
};
const request = (ref: Ref, serial_number: string, key: string, over: object = {}) => ({
  body: { ...ref, serial_number, reason: "gate does not read it", ...over },
  key,
  principal: operator,
});
const replace = (shop: Shop, ref: Ref, serial = "", key = "replace-key-1") => replaceUnit(request(ref, serial, key), shop.ports);
/** What the outbox does with the newest operations, as often as it likes. */
const tell = async (shop: Shop, times = 1) => {
  for (let n = 0; n < times; n++) {
    for (const { id, merchant_id, subject } of replacementsOf(shop)) await sendReplacement({ id, merchant_id, order_id: subject }, shop.ports);
  }
};

describe("replacing a defective unit (traps 8, 9)", () => {
  it("takes the old one out and puts another on the same line, with the operation, in one transaction", async () => {
    const commits: string[][] = [];
    const { shop, ref, serials } = await sold("replace", 2, 1, {
      commits: ({ changes }) => void commits.push(changes.map(({ key }) => key.pk.split("#")[0] ?? "")),
    });
    const outcome = await replace(shop, ref, serials[0]);
    expect(outcome).toMatchObject({ kind: "ok", result: { order_id: ref.order_id, serial_number: serialsOf(shop, ref)[0] } });
    expect(commits.at(-1)?.sort()).toEqual(["OP", "ORDER", "POOL", "UNIT", "UNIT"]);
    expect(statusesOf(shop)).toEqual(["defective", "sold"]);
    expect(serialsOf(shop, ref)).not.toEqual(serials);
    expect(unitsOf(shop).find(({ status }) => status === "defective")).toMatchObject({
      serial_number: serials[0],
      order_id: ref.order_id,
      status_reason: "gate does not read it",
    });
    expectSoundBooks(shop, 2);
  });

  it("gives a repeat the same replacement, and another body under the same key nothing (X-3)", async () => {
    const { shop, ref, serials } = await sold("repeat", 5);
    const first = await replace(shop, ref, serials[0]);
    const before = shop.digest();
    expect(await replace(shop, ref, serials[0])).toEqual({ ...first, repeated: true });
    expect(await replaceUnit(request(ref, serials[0] ?? "", "replace-key-1", { reason: "another reason" }), shop.ports)).toEqual({
      kind: "refused",
      refusal: "key_reused",
    });
    expect(shop.digest()).toBe(before);
  });

  it("refuses to replace the same defective unit again", async () => {
    const { shop, ref, serials } = await sold("again", 5);
    await replace(shop, ref, serials[0]);
    const before = shop.digest();
    expect(await replace(shop, ref, serials[0], "replace-key-2")).toEqual({ kind: "refused", refusal: "already_replaced" });
    expect(shop.digest()).toBe(before);
    // The replacement may be defective in its turn.
    expect(await replace(shop, ref, serialsOf(shop, ref)[0], "replace-key-3")).toMatchObject({ kind: "ok" });
    expect(statusesOf(shop)).toEqual(["available", "available", "defective", "defective", "sold"]);
    expectSoundBooks(shop, 5);
  });

  it("is refused when no other unit is left, and says how that unit is refunded: the buyer keeps those that work (I6)", async () => {
    const { shop, ref, serials } = await sold("empty", 2, 2);
    const before = shop.digest();
    const lines = [{ line: 0, quantity: 1, serial_numbers: [serials[0] ?? ""] }];
    expect(await replace(shop, ref, serials[0])).toEqual({ kind: "refused", refusal: "out_of_stock", context: { next: "refundOrder", lines } });
    expect(shop.digest()).toBe(before);
    await refundOrder({ body: { ...ref, reason: "not_working", lines }, key: "refund-key-1", principal: operator }, shop.ports);
    expect(unitsOf(shop).filter(({ status }) => status === "sold")).toMatchObject([{ serial_number: serials[1] }]);
  });

  it("changes nothing for an order or a unit that is not there, not paid, or another merchant's", async () => {
    const { shop, ref, serials } = await sold("wrong", 4);
    const unpaid = await shop.buy(2);
    const other = serialsOf(shop, unpaid.ref)[0] ?? "";
    const before = shop.digest();
    const serial = serials[0] ?? "";
    const refusals = [
      [{ ...ref, merchant_id: "other" }, serial],
      [{ ...ref, order_id: "0000000000000000" }, serial],
      [unpaid.ref, other],
      [ref, other],
      [ref, "LW60-9999"],
    ] as const;
    const answers = await Promise.all(refusals.map(([where, number], n) => replace(shop, where, number, `replace-key-${n}`)));
    expect(answers.map((answer) => answer.kind === "refused" && answer.refusal)).toEqual([
      "order_unknown",
      "order_unknown",
      "order_not_paid",
      "unit_not_on_order",
      "unit_not_on_order",
    ]);
    expect(shop.digest()).toBe(before);
  });
});

describe("replacements that cross", () => {
  it("by two operators with one unit: one replaces, the other hears of it, and there is one live unit (I1, I2)", async () => {
    for (let n = 0; n < 10; n++) {
      const { shop, ref, serials } = await sold(`two operators ${n}`, 5);
      const answers = await Promise.all(["replace-key-1", "replace-key-2"].map((key) => replace(shop, ref, serials[0], key)));
      expect(answers.map((answer) => (answer.kind === "ok" ? "ok" : answer.refusal)).sort()).toEqual(["already_replaced", "ok"]);
      expect(statusesOf(shop).filter((status) => status === "sold")).toHaveLength(1);
      expectSoundBooks(shop, 5);
    }
  });

  it("with the same key: one replacement and one answer, even for the last unit (X-3)", async () => {
    for (const units of [2, 5]) {
      const { shop, ref, serials } = await sold(`same key ${units}`, units);
      const answers = await Promise.all([1, 2, 3].map(() => replace(shop, ref, serials[0])));
      expect(new Set(answers.map((answer) => (answer.kind === "ok" ? answer.result.unit_id : answer.refusal))).size).toBe(1);
      expect(replacementsOf(shop)).toHaveLength(1);
      expectSoundBooks(shop, units);
    }
  });

  it("with the same key, one ahead by a step: the other hears what the first did, not that it cannot be done (X-3)", async () => {
    let between: (() => Promise<unknown>) | undefined;
    const { shop, ref, serials } = await sold("one ahead", 4, 1, {
      around: async (call, proceed) => {
        const act = call.operation === "get" && call.keys[0]?.pk.startsWith("UNIT#") ? between : undefined;
        if (act) between = undefined;
        await act?.();
        return proceed();
      },
    });
    let first: unknown;
    between = async () => {
      first = await replace(shop, ref, serials[0]);
    };
    const second = await replace(shop, ref, serials[0]);
    expect(first).toMatchObject({ kind: "ok" });
    expect(second).toEqual({ ...(first as object), repeated: true });
    expect(replacementsOf(shop)).toHaveLength(1);
    expectSoundBooks(shop, 4);
  });

  it("of two units of one line lose neither", async () => {
    for (let n = 0; n < 10; n++) {
      const { shop, ref, serials } = await sold(`one line ${n}`, 8, 2);
      const answers = await Promise.all(serials.map((serial, place) => replace(shop, ref, serial, `replace-key-${place}`)));
      expect(answers.map(({ kind }) => kind)).toEqual(["ok", "ok"]);
      expect(statusesOf(shop).filter((status) => status !== "available")).toEqual(["defective", "defective", "sold", "sold"]);
      expectSoundBooks(shop, 8);
    }
  });

  it("of two orders over the last unit: one has it, the other is told to refund", async () => {
    const shop = await openShop("last unit", 3);
    const refs: Ref[] = [];
    for (const buyer of [1, 2]) {
      const { ref } = await shop.buy(buyer);
      shop.provider.pay(ref.order_id);
      await shop.fulfil(ref);
      refs.push(ref);
    }
    const answers = await Promise.all(refs.map((ref, n) => replace(shop, ref, serialsOf(shop, ref)[0], `replace-key-${n}`)));
    expect(answers.map((answer) => (answer.kind === "ok" ? "ok" : answer.refusal)).sort()).toEqual(["ok", "out_of_stock"]);
    expectSoundBooks(shop, 3);
  });

  it("with the closing of the same unit's books: those close after the replacement or not at all (I6, I10)", async () => {
    const answers = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const { shop, ref, serials } = await sold(`archive ${n}`, 4);
      const [old = ""] = serials;
      const outcomes: { readonly kind: string; readonly refusal?: string }[] = [];
      const runs = [() => replace(shop, ref, old), () => archive(shop, old)];
      await Promise.all((n % 2 ? runs : runs.reverse()).map(async (run) => outcomes.push(await run())));
      expect(statusesOf(shop).filter((status) => status === "sold")).toHaveLength(1);
      for (const { refusal = "ok" } of outcomes) answers.add(refusal);
      expectSoundBooks(shop, 4);
    }
    expect([...answers]).toEqual(expect.arrayContaining(["ok", "unit_sold"]));
  });

  it("leave a unit whose books close between the look and the commit to that command (I10)", async () => {
    let between: (() => Promise<unknown>) | undefined;
    const { shop, ref, serials } = await sold("between", 4, 1, {
      around: async (call, proceed) => {
        const act = call.operation === "transact" ? between : undefined;
        if (act) between = undefined;
        await act?.();
        return proceed();
      },
    });
    const [old = ""] = serials;
    await replace(shop, ref, old);
    between = () => archive(shop, old, "archive-key-1");
    expect(await archive(shop, old, "archive-key-2")).toMatchObject({ refusal: "transition_refused", context: { status: "archived" } });
    expect(statusesOf(shop)).toEqual(["archived", "available", "available", "sold"]);
    expectSoundBooks(shop, 4);
  });
  const archive = (shop: Awaited<ReturnType<typeof sold>>["shop"], serial_number: string, key = "archive-key-1") =>
    retireUnit(
      {
        body: { merchant_id: "lees", listing_item_id: "CW-60", location_id: "lees-main", serial_number, to: "archived", reason: "scrapped" },
        key,
        principal: operator,
      },
      shop.ports,
    );

  it("with buyers at the same pool give every unit to one of them (I1, I3)", async () => {
    for (let n = 0; n < 5; n++) {
      const { shop, ref, serials } = await sold(`rush ${n}`, 6);
      const [answer] = await Promise.all([
        replace(shop, ref, serials[0]),
        ...Array.from({ length: 4 }, (_, buyer) => shop.place(shop.request(10 + buyer))),
      ]);
      expect(answer.kind).toBe("ok");
      expectSoundBooks(shop, 6);
    }
  });

  it("happen once when the answer is lost or the token is contended", async () => {
    let calls = 0;
    const { shop, ref, serials } = await sold("faults", 6, 1, {
      around: async (call, proceed) => {
        const replacing = call.writes.some(({ op }) => op === "erase") && call.writes.length === 5 && call.writes[0]?.op === "change";
        if (!replacing) return proceed();
        const nth = ++calls;
        if (nth === 1) throw new InjectedConflict(call.writes.findIndex(({ op }) => op === "erase"));
        const answer = await proceed();
        if (nth === 2) throw new LostResponse();
        return answer;
      },
    });
    const first = await replace(shop, ref, serials[0]);
    expect(first).toMatchObject({ kind: "ok" });
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(replacementsOf(shop)).toHaveLength(1);
    expect(serialsOf(shop, ref)).toEqual([first.kind === "ok" ? first.result.serial_number : ""]);
    expectSoundBooks(shop, 6);
  });

  it("are finished by the same key after a crash on either side of the commit", async () => {
    for (const after of [false, true]) {
      let crashes = 0;
      const { shop, ref, serials } = await sold(`crash ${after}`, 4, 1, {
        around: async (call, proceed) => {
          const replacing = call.writes.some(({ op }) => op === "erase") && call.writes[0]?.op === "change" && crashes++ === 0;
          if (replacing && !after) throw new Error("crash");
          const answer = await proceed();
          if (replacing) throw new Error("crash");
          return answer;
        },
      });
      await expect(replace(shop, ref, serials[0])).rejects.toThrow("crash");
      expect(await replace(shop, ref, serials[0])).toMatchObject({ kind: "ok" });
      expect(replacementsOf(shop)).toHaveLength(1);
      expectSoundBooks(shop, 4);
    }
  });
});

describe("the text about a replacement (I26)", () => {
  it("goes out once, with the new number and the same link, however often the event comes", async () => {
    const { shop, ref, serials } = await sold("text", 3);
    const outcome = await replace(shop, ref, serials[0]);
    await tell(shop, 3);
    expect(shop.texting.texts).toHaveLength(2);
    const [first, second] = shop.texting.texts;
    expect(second?.to).toBe(first?.to);
    expect(second?.body).toContain(outcome.kind === "ok" ? outcome.result.serial_number : "?");
    expect(second?.body).not.toContain(serials[0]);
    expect(/https:\S+/.exec(second?.body ?? "")?.[0]).toBe(/https:\S+/.exec(first?.body ?? "")?.[0]);
    expect(second?.callback_url).toContain(`${ref.merchant_id}.${ref.order_id}.unit_replaced.${replacementsOf(shop)[0]?.id}`);
  });

  it("goes out for each replacement of an order, and not for one that was itself replaced before it was told", async () => {
    const { shop, ref, serials } = await sold("each", 6);
    await replace(shop, ref, serials[0], "replace-key-1");
    await tell(shop);
    await replace(shop, ref, serialsOf(shop, ref)[0], "replace-key-2");
    await replace(shop, ref, serialsOf(shop, ref)[0], "replace-key-3");
    await tell(shop, 2);
    expect(shop.texting.texts).toHaveLength(3);
    expect(shop.texting.texts.at(-1)?.body).toContain(serialsOf(shop, ref)[0]);
  });

  it("speaks the language of the order", async () => {
    const shop = await openShop("french", 2);
    const placed = await shop.place({ ...shop.request(1), language: "fr" });
    if (placed.kind !== "placed") throw new Error("not placed");
    const [merchant_id = "", order_id = ""] = placed.placed.token.split(".");
    shop.provider.pay(order_id);
    await shop.fulfil({ merchant_id, order_id });
    await replace(shop, { merchant_id, order_id }, serialsOf(shop, { merchant_id, order_id })[0]);
    await tell(shop);
    expect(shop.texting.texts.at(-1)?.body).toContain("nouveau numéro");
  });
});

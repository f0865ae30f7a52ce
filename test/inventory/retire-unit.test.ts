import { describe, expect, it } from "@jest/globals";
import type { Retirement } from "../../functions/inventory/contract.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import { unitLife } from "../../functions/inventory/unit.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import { openShop, operator } from "../support/shop.ts";
import { expectSoundBooks, statusesOf, unitsOf } from "./stock-books.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;

const request = (to: Retirement, key: string, serial_number = "LW60-0001", reason = "does not open the gate") => ({
  body: { merchant_id: "lees", listing_item_id: "CW-60", location_id: "lees-main", serial_number, to, reason },
  key,
  principal: operator,
});
const retire = (shop: Shop, to: Retirement, key = `retire-${to}`) => retireUnit(request(to, key), shop.ports);

const sold = async (seed: string) => {
  const shop = await openShop(seed, 1);
  const { ref } = await shop.buy(1);
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  return { shop, ref };
};

describe("retiring a unit (G-16, G-20)", () => {
  it.each(["defective", "expired", "archived"] as const)("takes a free one out of sale as %s, with its token, in one transaction", async (to) => {
    const commits: string[][] = [];
    const shop = await openShop(`free ${to}`, 2, {
      commits: ({ changes }) => void commits.push(changes.map(({ key }) => key.pk.split("#")[0] ?? "")),
    });
    expect(await retire(shop, to)).toMatchObject({ kind: "ok", result: { from: "available", to } });
    expect(commits.at(-1)?.sort()).toEqual(["OP", "POOL", "UNIT"]);
    expect(statusesOf(shop)).toEqual(["available", to].sort());
    expect(unitsOf(shop).find(({ status }) => status === to)?.status_reason).toBe("does not open the gate");
    expectSoundBooks(shop, 2);
  });

  it("closes the books on one that is out of sale, and then nothing moves it any more (I10)", async () => {
    for (const first of ["defective", "expired"] as const) {
      const shop = await openShop(`archive ${first}`, 1);
      await retire(shop, first);
      expect(await retire(shop, "archived")).toMatchObject({ kind: "ok", result: { from: first } });
      const before = shop.digest();
      for (const to of ["defective", "expired", "archived"] as const) {
        expect(await retire(shop, to, `again-${to}`)).toMatchObject({
          kind: "refused",
          refusal: "transition_refused",
          context: { status: "archived" },
        });
      }
      expect(shop.digest()).toBe(before);
    }
  });

  it("is not refused for what the same command has just done, although the two are read at two moments (X-3)", async () => {
    const shop = await openShop("two moments", 2);
    let sentTwice = true;
    const getMany = (async (wanted, options) => {
      const [unit, operation] = wanted;
      const [before] = await shop.ports.table.getMany([operation as never], options);
      if (sentTwice) {
        sentTwice = false;
        await retire(shop, "archived");
      }
      return [...(await shop.ports.table.getMany([unit as never], options)), before];
    }) as typeof shop.ports.table.getMany;
    const table = { ...shop.ports.table, getMany };
    expect(await retireUnit(request("archived", "retire-archived"), { ...shop.ports, table })).toMatchObject({ kind: "ok", repeated: true });
    expect(shop.of<{ kind: string }>("OP").filter(({ kind }) => kind === "unit_retired")).toHaveLength(1);
  });

  it("leaves a held unit to its order, and a sold one to its buyer", async () => {
    const shop = await openShop("held", 1);
    const { ref } = await shop.buy(1);
    const before = shop.digest();
    for (const to of ["defective", "expired", "archived"] as const) {
      expect(await retire(shop, to)).toEqual({ kind: "refused", refusal: "unit_reserved", context: { status: "reserved", order_id: ref.order_id } });
    }
    expect(shop.digest()).toBe(before);
  });

  it("never strips a paid order: a sold one is replaced or refunded, which the order knows of (I6)", async () => {
    const { shop, ref } = await sold("bought");
    const before = shop.digest();
    for (const to of ["defective", "expired", "archived"] as const)
      expect(await retire(shop, to)).toEqual({ kind: "refused", refusal: "unit_sold", context: { status: "sold", order_id: ref.order_id } });
    expect(shop.digest()).toBe(before);
  });

  it("changes nothing for a number that is not there, or another merchant's", async () => {
    const shop = await openShop("unknown", 1);
    const before = shop.digest();
    expect(await retireUnit(request("archived", "retire-key-1", "LW60-9999"), shop.ports)).toEqual({ kind: "refused", refusal: "unit_unknown" });
    const foreign = request("archived", "retire-key-2");
    expect(await retireUnit({ ...foreign, body: { ...foreign.body, merchant_id: "other" } }, shop.ports)).toEqual({
      kind: "refused",
      refusal: "unit_unknown",
    });
    expect(shop.digest()).toBe(before);
  });

  it("answers a repeat with the first outcome, and another body under the same key not at all (X-3)", async () => {
    const shop = await openShop("repeat", 1);
    await retire(shop, "defective", "retire-key-1");
    const before = shop.digest();
    expect(await retire(shop, "defective", "retire-key-1")).toMatchObject({
      kind: "ok",
      repeated: true,
      result: { from: "available", to: "defective" },
    });
    expect(await retire(shop, "archived", "retire-key-1")).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("happens once when its answer is lost", async () => {
    let losses = 0;
    const shop = await openShop("lost", 1, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (call.writes.some(({ op }) => op === "erase") && losses++ === 0) throw new LostResponse();
        return answer;
      },
    });
    expect(await retire(shop, "defective")).toMatchObject({ kind: "ok", result: { from: "available", to: "defective" } });
    expectSoundBooks(shop, 1);
  });

  it("and a buyer's hold: one of the two has the unit", async () => {
    for (let n = 0; n < 20; n++) {
      const shop = await openShop(`race ${n}`, 1);
      const runs = [() => retire(shop, "defective"), () => shop.place(shop.request(1))];
      const outcomes: { kind: string }[] = await Promise.all((n % 2 ? runs : runs.reverse()).map((run) => run()));
      expect(outcomes.filter(({ kind }) => kind !== "refused")).toHaveLength(1);
      expectSoundBooks(shop, 1);
    }
  });

  it("never leads out of the declared life", async () => {
    const reached = new Set<string>();
    for (const from of ["available", "defective", "expired", "archived"] as const) {
      for (const to of ["defective", "expired", "archived"] as const) {
        const shop = await openShop(`life ${from} ${to}`, 1);
        if (from !== "available") await retire(shop, from, "retire-first");
        const outcome = await retire(shop, to, "retire-second");
        expect(outcome.kind === "ok").toBe(unitLife.next[from].includes(to));
        if (outcome.kind === "ok") reached.add(`${from}>${to}`);
      }
    }
    expect(reached.size).toBe(5);
  });
});

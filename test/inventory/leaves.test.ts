// Every way in which a unit leaves the stock or its buyer, walked by the product's own commands and watched commit by commit.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { Retirement } from "../../functions/inventory/contract.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import { isOut, type Unit, type UnitStatus, unitLife } from "../../functions/inventory/unit.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import type { Operation } from "../../platform/operation/operation.ts";
import type { Commit } from "../../platform/table/memory.ts";
import { refund } from "../fulfilment/after-sale.ts";
import { openShop, operator } from "../support/shop.ts";
import { unitsOf } from "./stock-books.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;
type Ref = { readonly merchant_id: string; readonly order_id: string };
interface Leave {
  readonly from: UnitStatus;
  readonly unit: Unit;
  /** The operations of the same commit. */
  readonly operations: readonly Operation[];
}

const by = (key: string) => ({ key, principal: operator });
const reason = "gate does not read it";
const retire = (shop: Shop, to: Retirement, serial_number: string, key = `retire-${to}`) =>
  retireUnit(
    { body: { merchant_id: "lees", listing_item_id: "CW-60", location_id: "lees-main", serial_number, to, reason }, ...by(key) },
    shop.ports,
  );
const serialOf = (shop: Shop, status: UnitStatus): string => unitsOf(shop).find((unit) => unit.status === status)?.serial_number ?? "";
const buyOne = async (shop: Shop): Promise<Ref> => {
  const { ref } = await shop.buy(1);
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  return ref;
};
const disputed = async (shop: Shop, ref: Ref, ...told: DisputeFact["status"][]) => {
  for (const status of told) {
    shop.provider.disputes = { kind: "known", disputes: [{ id: "dp_1", status, amount: 6000 }] };
    await shop.fulfil({ ...ref, news: "dispute" });
  }
};

/** Name → what is done with a shop of three units. */
const ways: Readonly<Record<string, (shop: Shop) => Promise<unknown>>> = {
  ...Object.fromEntries(Retirement.options.map((to) => [`a person retires a free one: ${to}`, (shop: Shop) => retire(shop, to, "LW60-0001")])),
  ...Object.fromEntries(
    Retirement.options.map((to) => [
      `a supplier calls the batch back: ${to}`,
      (shop: Shop) =>
        recallBatch({ body: { merchant_id: "lees", batch_id: unitsOf(shop)[0]?.batch_id ?? "", to, reason }, ...by(`recall-${to}`) }, shop.ports),
    ]),
  ),
  ...Object.fromEntries(
    Retirement.options.map((to) => [
      `a supplier calls the batch back while somebody pays for one: ${to}`,
      async (shop: Shop) => {
        await shop.buy(1);
        const body = { merchant_id: "lees", batch_id: unitsOf(shop)[0]?.batch_id ?? "", to, reason };
        return recallBatch({ body, ...by(`recall-held-${to}`) }, shop.ports);
      },
    ]),
  ),
  "a person archives a defective one": async (shop) => {
    await retire(shop, "defective", "LW60-0001");
    await retire(shop, "archived", "LW60-0001");
  },
  "a person archives an expired one": async (shop) => {
    await retire(shop, "expired", "LW60-0001");
    await retire(shop, "archived", "LW60-0001");
  },
  "a buyer gets another one, and the old one's books are closed": async (shop) => {
    const ref = await buyOne(shop);
    await replaceUnit({ body: { ...ref, serial_number: serialOf(shop, "sold"), reason }, ...by("replace") }, shop.ports);
    await retire(shop, "archived", serialOf(shop, "defective"));
  },
  "the money goes back": async (shop) => refund(shop, await buyOne(shop)),
  "a dispute is lost": async (shop) => disputed(shop, await buyOne(shop), "open", "lost"),
  "a dispute is lost that nobody had heard of": async (shop) => disputed(shop, await buyOne(shop), "lost"),
};

const watched = async (name: string, act: (shop: Shop) => Promise<unknown>) => {
  const leaves: Leave[] = [];
  const erased = new Set<string>();
  const watch = ({ changes }: Commit): void => {
    const operations = changes.flatMap(({ key, after }) => (key.pk.startsWith("OP#") ? [after as unknown as Operation] : []));
    for (const { key, before, after } of changes) {
      if (after === undefined) erased.add(key.pk.split("#")[0] ?? "");
      const [from, unit] = [before?.status as UnitStatus, after as unknown as Unit];
      if (key.pk.startsWith("UNIT#") && after && isOut(unit.status) && unit.status !== from) leaves.push({ from, unit, operations });
    }
  };
  const shop = await openShop(`leaves ${name}`, 3, { commits: watch });
  await act(shop);
  return { shop, leaves, erased };
};

describe("a unit leaves the stock or its buyer (G-16, G-20)", () => {
  it.each(Object.entries(ways))("%s: with the reason, who and when, in one transaction; nothing is deleted", async (name, act) => {
    const { shop, leaves, erased } = await watched(name, act);
    expect(leaves.length).toBeGreaterThan(0);
    for (const { unit, operations } of leaves) {
      const [operation] = operations;
      expect(unit.status_reason).toMatch(/^(gate does not read it|refunded|dispute_lost)$/);
      expect([operations.length, unit.status_operation, unit.updated_at]).toEqual([1, operation?.id, operation?.at]);
      expect(operation).toMatchObject({ principal_type: expect.stringMatching(/^(operator|system)$/), principal_id: expect.stringMatching(/.+/) });
      expect(unit.frozen_by).toBeUndefined();
    }
    expect([...erased].filter((prefix) => prefix !== "POOL")).toEqual([]);
    expect(unitsOf(shop)).toHaveLength(3);
  });

  it("in these ways and no others: each step of its declared life is walked by some command", async () => {
    const walked = new Map<string, Set<string>>();
    for (const [name, act] of Object.entries(ways)) {
      for (const { from, unit, operations } of (await watched(name, act)).leaves) {
        const step = `${from} > ${unit.status}`;
        walked.set(step, (walked.get(step) ?? new Set()).add(operations[0]?.kind ?? "nothing"));
      }
    }
    expect(Object.fromEntries([...walked].sort().map(([step, kinds]) => [step, [...kinds].sort()]))).toEqual({
      "available > archived": ["batch_recalled", "unit_retired"],
      "available > defective": ["batch_recalled", "unit_retired"],
      "available > expired": ["batch_recalled", "unit_retired"],
      "defective > archived": ["unit_retired"],
      "expired > archived": ["unit_retired"],
      "reserved > archived": ["batch_recalled"],
      "reserved > defective": ["batch_recalled"],
      "reserved > expired": ["batch_recalled"],
      "sold > archived": ["dispute_lost", "refund_requested"],
      "sold > defective": ["unit_replaced"],
    });
    const declared = Object.entries(unitLife.next).flatMap(([from, next]) => next.filter(isOut).map((to) => `${from} > ${to}`));
    expect(declared.filter((step) => !walked.has(step))).toEqual([]);
    expect([...walked.keys()].filter((step) => !declared.includes(step))).toEqual([]);
  });

  it("by one write only, so that none can forget to say why", () => {
    const files = readdirSync("functions/inventory").filter((name) => name.endsWith(".ts"));
    const writers = files.filter((name) => /\bstatus: (to|"(defective|expired|archived)")/.test(readFileSync(`functions/inventory/${name}`, "utf8")));
    expect([files.length > 5, writers]).toEqual([true, ["unit.ts"]]);
    const elsewhere = readdirSync("functions/fulfilment").filter((name) =>
      /change\(\s*units\b/.test(readFileSync(`functions/fulfilment/${name}`, "utf8")),
    );
    expect(elsewhere).toEqual([]);
  });

  it("twice, and the first time is not forgotten: the second one names it", async () => {
    const { shop, leaves } = await watched("chain", async (each) => {
      await retire(each, "expired", "LW60-0001");
      await retire(each, "archived", "LW60-0001");
    });
    const [first, second] = leaves.map(({ operations }) => operations[0]);
    expect(second?.details).toMatchObject({ from: "expired", to: "archived", before: first?.id });
    expect(shop.of<Operation>("OP").find(({ id }) => id === first?.id)?.details).toMatchObject({ from: "available", to: "expired", reason });
  });
});

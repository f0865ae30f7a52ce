import { describe, expect, it } from "@jest/globals";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { sendReplacement } from "../../functions/fulfilment/send.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import type { Message } from "../../functions/notifications/message-table.ts";
import type { Operation } from "../../platform/operation/operation.ts";
import type { MemoryTableOptions } from "../../platform/table/memory.ts";
import { openShop, operator } from "../support/shop.ts";
import { refund, sold, unitStates } from "./after-sale.ts";

type Ready = Awaited<ReturnType<typeof sold>>;
const piece = { lines: [{ line: 0, quantity: 1 }] };
const messageOf = ({ shop }: Ready) => shop.of<Message>("MESSAGE").find(({ kind }) => kind === "order_paid");
const serialOf = ({ shop }: Ready, status: string) =>
  shop.of<{ status: string; serial_number: string }>("UNIT").find((unit) => unit.status === status)?.serial_number ?? "";

/** Sold and delivered; the text was tried once, and how that ended is unknown. */
const triedOnce = async (seed: string, quantity: number, arrived: boolean, options: Partial<MemoryTableOptions> = {}): Promise<Ready> => {
  const shop = await openShop(seed, 3, options);
  const { ref, token } = await shop.buy(1, { lines: [{ item: "CW-60", quantity }] });
  shop.provider.pay(ref.order_id);
  if (arrived) shop.texting.lost = true;
  else shop.texting.next = { kind: "unknown" };
  await expect(shop.fulfil(ref)).rejects.toThrow(/did not answer/);
  const made = { shop, ref, token };
  expect(messageOf(made)).toMatchObject({ status: "sending", attempt: 1 });
  shop.pass(60);
  return made;
};

describe("a text after a refund (I26)", () => {
  it("that had gone out is found although other words would be sent now", async () => {
    const made = await triedOnce("found by its words", 2, true);
    await refund(made.shop, made.ref, piece);
    await made.shop.send(made.ref);
    expect(made.shop.texting.texts).toHaveLength(1);
    expect(messageOf(made)).toMatchObject({ status: "sent", attempt: 1 });
  });

  it("that had not gone out tells only the numbers that are left", async () => {
    const made = await triedOnce("left over", 2, false);
    await refund(made.shop, made.ref, piece);
    await made.shop.send(made.ref);
    const [text] = made.shop.texting.texts;
    expect(text?.body).toContain(serialOf(made, "sold"));
    expect(text?.body).not.toContain(serialOf(made, "archived"));
  });

  it("is not sent when the refund came to nothing and no number is left to tell", async () => {
    const made = await triedOnce("nothing to tell", 1, false);
    const { shop, ref } = made;
    await refund(shop, ref);
    shop.provider.refund = async () => ({ kind: "failed", reason: "expired_or_canceled_card" });
    await shop.fulfil(ref);
    expect(unitStates(shop, ref)).toEqual(["archived"]);
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(0);
    expect(messageOf(made)).toMatchObject({ status: "failed", error_code: "nothing_to_tell" });
  });

  it.each([
    [false, { status: "failed", error_code: "nothing_to_tell" }],
    [true, { status: "sent", sid: "SM0" }],
  ])("has its end when the money is on its way back, and what went out unheard (%p) is called sent", async (arrived, end) => {
    const made = await triedOnce(`money on its way ${arrived}`, 1, arrived);
    await refund(made.shop, made.ref);
    await made.shop.send(made.ref);
    expect(made.shop.texting.texts).toHaveLength(arrived ? 1 : 0);
    expect(messageOf(made)).toMatchObject(end);
  });

  /** A hand that comes in once, between the order's reading and that of its units. */
  const between = () => {
    const hand: { does?: () => Promise<unknown> } = {};
    const around = async <R>(call: { keys: readonly { pk: string }[] }, proceed: () => Promise<R>): Promise<R> => {
      const { does } = hand;
      if (does && call.keys[0]?.pk.startsWith("UNIT#")) {
        delete hand.does;
        await does();
      }
      return proceed();
    };
    return { hand, around };
  };
  const replacing = ({ shop, ref }: Ready, serial_number: string, key: string) =>
    replaceUnit({ key, principal: operator, body: { ...ref, serial_number, reason: "gate does not read it" } }, shop.ports);

  it("is tried again when its numbers were replaced and closed while it was being written", async () => {
    const { hand, around } = between();
    const made = await triedOnce("replaced meanwhile", 1, false, { around });
    const { shop, ref } = made;
    const serial_number = serialOf(made, "sold");
    hand.does = async () => {
      await replacing(made, serial_number, "replace-key-1");
      const unit = { merchant_id: "lees", listing_item_id: "CW-60", location_id: "lees-main", serial_number };
      const body = { ...unit, to: "archived" as const, reason: "shredded" };
      expect(await retireUnit({ key: "retire-key-1", principal: operator, body }, shop.ports)).toMatchObject({ kind: "ok" });
    };
    await expect(shop.send(ref)).rejects.toThrow(/other units/);
    await shop.send(ref);
    expect(shop.texting.texts.map(({ body }) => body.includes(serialOf(made, "sold")))).toEqual([true]);
  });

  it("tells all numbers of now when one of several was replaced while it was being written, and no defective one", async () => {
    const { hand, around } = between();
    const made = await triedOnce("one of two", 2, false, { around });
    const { shop, ref } = made;
    const serial = serialOf(made, "sold");
    hand.does = () => replacing(made, serial, "replace-key-1");
    await expect(shop.send(ref)).rejects.toThrow(/other units/);
    await shop.send(ref);
    const sold = shop.of<{ status: string; serial_number: string }>("UNIT").filter(({ status }) => status === "sold");
    expect(sold).toHaveLength(2);
    expect(shop.texting.texts).toHaveLength(1);
    for (const { serial_number } of sold) expect(shop.texting.texts[0]?.body).toContain(serial_number);
    expect(shop.texting.texts[0]?.body).not.toContain(serial);
  });

  it("of a replacement does not tell a number that was replaced in its turn while it was being written", async () => {
    const { hand, around } = between();
    const made = await sold("replaced twice", 1, { around });
    const { shop, ref } = made;
    await replacing(made, serialOf(made, "sold"), "replace-key-1");
    const event = { ...ref, id: shop.of<Operation>("OP").find(({ kind }) => kind === "unit_replaced")?.id ?? "" };
    const told = shop.texting.texts.length;
    hand.does = () => replacing(made, serialOf(made, "sold"), "replace-key-2");
    await expect(sendReplacement(event, shop.ports)).rejects.toThrow(/other units/);
    await sendReplacement(event, shop.ports);
    expect(shop.texting.texts).toHaveLength(told);
  });

  it("of a replacement is not sent once the money for it is on its way back", async () => {
    const made = await sold("replaced and refunded", 1);
    const { shop, ref } = made;
    const body = { ...ref, serial_number: serialOf(made, "sold"), reason: "gate does not read it" };
    expect(await replaceUnit({ body, key: "replace-key-1", principal: operator }, shop.ports)).toMatchObject({ kind: "ok" });
    const replaced = shop.of<Operation>("OP").find(({ kind }) => kind === "unit_replaced");
    await refund(shop, ref);
    shop.provider.refund = async () => ({ kind: "failed", reason: "expired_or_canceled_card" });
    await shop.fulfil(ref);
    await sendReplacement({ id: replaced?.id ?? "", merchant_id: ref.merchant_id, order_id: ref.order_id }, shop.ports);
    expect(shop.texting.texts.map(({ body: words }) => words).filter((words) => words.includes("new number"))).toEqual([]);
  });
});

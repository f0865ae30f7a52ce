// Lives of an order, made with the product's own verbs, that its page has to tell: for tests of what is said, and for pictures.
import { giveUnits } from "../../functions/fulfilment/give-units.ts";
import { refundOrder } from "../../functions/fulfilment/refund-order.ts";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { sendReplacement } from "../../functions/fulfilment/send.ts";
import { settleException } from "../../functions/fulfilment/settle-exception.ts";
import type { Batch } from "../../functions/inventory/batch-table.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import type { Unit } from "../../functions/inventory/unit.ts";
import { moveUnit } from "../../functions/inventory/unit-table.ts";
import { recordFate } from "../../functions/notifications/message-table.ts";
import type { Order } from "../../functions/orders/order.ts";
import { type DisputeFact, refundedAtProvider } from "../../functions/payments/provider-after-sale.ts";
import { type OrderPageView, orderPage } from "../../functions/storefront/order-page.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import type { Language } from "../../platform/contract/problem.ts";
import type { Operation } from "../../platform/operation/operation.ts";
import { openShop, operator } from "../support/shop.ts";
import { checkoutOrigin } from "./fixtures.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;
type Ref = { readonly merchant_id: string; readonly order_id: string };
export interface Told {
  readonly shop: Shop;
  readonly ref: Ref;
  readonly token: string;
}
type Story = (language: Language) => Promise<Told>;

const overMinutes = 34;
const by = (key: string) => ({ key, principal: operator });
const placed = async (lang: Language, quantity = 1, units = 4): Promise<Told> => {
  const shop = await openShop(`${lang} ${quantity} ${units}`, units);
  const outcome = await shop.place({ ...shop.request(1, { lines: [{ item: "CW-60", quantity }] }), language: lang });
  if (outcome.kind !== "placed") throw new Error(`not placed: ${outcome.refusal}`);
  const { token } = outcome.placed;
  const [merchant_id = "", order_id = ""] = token.split(".");
  return { shop, token, ref: { merchant_id, order_id } };
};
const sold = async (lang: Language, quantity = 1): Promise<Told> => {
  const made = await placed(lang, quantity);
  made.shop.provider.pay(made.ref.order_id);
  await made.shop.fulfil(made.ref);
  return made;
};
const refunded = async (made: Told, asked: { amount?: number; lines?: { line: number; quantity: number }[] }, key = "refund-1"): Promise<Told> => {
  const answer = await refundOrder({ body: { ...made.ref, reason: "customer_request", ...asked }, ...by(key) }, made.shop.ports);
  if (answer.kind !== "ok") throw new Error(`not refunded: ${answer.refusal}`);
  return made;
};
const pieces = (quantity: number) => ({ lines: [{ line: 0, quantity }] });
const paidBack = async (made: Told, how: "succeeded" | "pending" | "failed" | "gone_back"): Promise<Told> => {
  if (how === "pending") made.shop.provider.refunding = { kind: "pending", provider_refund_id: "re_pending" };
  if (how === "pending") made.shop.provider.fates.set("re_pending", { kind: "pending", provider_refund_id: "re_pending" });
  if (how === "failed") made.shop.provider.refunding = { kind: "failed", reason: "lost_or_stolen_card" };
  if (how === "gone_back") made.shop.provider.refunding = { kind: "failed", reason: refundedAtProvider };
  await made.shop.fulfil(made.ref);
  return made;
};
const quarrels = async (made: Told, inquiry: boolean, statuses: readonly DisputeFact["status"][]): Promise<Told> => {
  for (const status of statuses) {
    made.shop.provider.disputes = { kind: "known", disputes: [{ id: "dp_1", status, inquiry, amount: orderOf(made).total }] };
    await made.shop.fulfil({ ...made.ref, news: "dispute" });
  }
  return made;
};
const disputed = (made: Told, ...statuses: readonly DisputeFact["status"][]): Promise<Told> => quarrels(made, false, statuses);
const asked = (made: Told, ...statuses: readonly DisputeFact["status"][]): Promise<Told> => quarrels(made, true, statuses);
/** Paid after the hold was over. @param rival somebody else has bought the last unit meanwhile */
const late = async (lang: Language, rival: boolean): Promise<Told> => {
  const made = await placed(lang, 1, rival ? 1 : 4);
  made.shop.pass(overMinutes * 60);
  await made.shop.fulfil(made.ref);
  if (rival) await made.shop.buy(2);
  made.shop.provider.pay(made.ref.order_id);
  return made;
};
/** Paid in time; the batch was called back while the buyer typed. */
const calledBack = async (lang: Language): Promise<Told> => {
  const made = await placed(lang);
  const { shop, ref } = made;
  const [batch_id = ""] = shop.of<Batch>("BATCH").map(({ id }) => id);
  await recallBatch(
    { body: { merchant_id: ref.merchant_id, batch_id, to: "defective", reason: "supplier recall 17" }, ...by("recall-1") },
    shop.ports,
  );
  shop.provider.pay(ref.order_id);
  return made;
};
const mismatched = async (lang: Language, other: Parameters<Shop["provider"]["pay"]>[1]): Promise<Told> => {
  const made = await placed(lang);
  made.shop.provider.pay(made.ref.order_id, other);
  await made.shop.fulfil(made.ref);
  return made;
};
const settled = async (made: Told, reason: "refunded_elsewhere" | "given_elsewhere" | "no_money" | "written_off"): Promise<Told> => {
  const answer = await settleException({ body: { ...made.ref, reason }, ...by("settle-1") }, made.shop.ports);
  if (answer.kind !== "ok") throw new Error(`not settled: ${answer.refusal}`);
  return made;
};
const texted = async (made: Told, status: "delivered" | "undelivered", error_code?: string): Promise<Told> => {
  const id = { merchant_id: made.ref.merchant_id, order_id: made.ref.order_id, kind: "order_paid" } as const;
  await made.shop.table.write(recordFate(id, { status, ...(error_code && { error_code }) }, made.shop.ports.clock.now()));
  return made;
};
const passed = (made: Told, seconds: number): Told => {
  made.shop.pass(seconds);
  return made;
};

export const orderOf = ({ shop, ref }: Told): Order => shop.of<Order>("ORDER").find(({ id }) => id === ref.order_id) as Order;
/** Numbers that were ever this order's. */
export const serialsOf = ({ shop, ref }: Told): readonly string[] =>
  shop
    .of<{ order_id?: string; serial_number: string }>("UNIT")
    .filter(({ order_id }) => order_id === ref.order_id)
    .map(({ serial_number }) => serial_number);

const replaced: Story = async (lang) => {
  const made = await sold(lang);
  const { shop, ref } = made;
  await texted(made, "delivered");
  await replaceUnit({ body: { ...ref, serial_number: serialsOf(made)[0] ?? "", reason: "gate does not read it" }, ...by("replace-1") }, shop.ports);
  for (const { id, kind, merchant_id, subject } of shop.of<Operation>("OP"))
    if (kind === "unit_replaced") await sendReplacement({ id, merchant_id, order_id: subject }, shop.ports);
  return made;
};

/** No command takes a number from its buyer alone; should one be gone all the same, the page says so. */
const withdrawn: Story = async (lang) => {
  const made = await sold(lang, 2);
  const unit = made.shop.of<Unit>("UNIT").find(({ order_id }) => order_id === made.ref.order_id);
  if (!unit) throw new Error("a sale without its unit");
  await made.shop.table.write(moveUnit(unit, "sold", "archived", { reason: "card was damaged", operation: "none" }, made.shop.ports.clock.now()));
  return made;
};

const accepted: Story = async (lang) => {
  const made = await mismatched(lang, { amount: 5000 });
  const answer = await giveUnits({ body: { ...made.ref, accept_amount: 5000 }, ...by("give-1") }, made.shop.ports);
  if (answer.kind !== "ok") throw new Error(`not given: ${answer.refusal}`);
  return made;
};

const optedOut: Story = async (lang) => {
  const made = await placed(lang);
  made.shop.provider.pay(made.ref.order_id);
  made.shop.texting.next = { kind: "rejected", code: "21610" };
  await made.shop.fulfil(made.ref);
  return made;
};

const untexted: Story = async (lang) => {
  const made = await placed(lang);
  made.shop.provider.pay(made.ref.order_id);
  const confirmation = await made.shop.confirm(made.ref);
  if (confirmation.settlement !== "settled") throw new Error("not settled");
  await made.shop.deliver(made.ref, confirmation.facts);
  return passed(made, 90);
};

export const stories = {
  held: async (lang) => passed(await placed(lang), 5 * 60 + 19),
  "hold over, the bank not asked yet": async (lang) => passed(await placed(lang), overMinutes * 60),
  "hold over, unpaid": async (lang) => {
    const made = passed(await placed(lang), overMinutes * 60);
    await made.shop.fulfil(made.ref);
    return made;
  },
  "late money, other units": async (lang) => paidBack(await late(lang, false), "succeeded"),
  "late money on its way back": async (lang) => paidBack(await late(lang, true), "pending"),
  "late money back": async (lang) => paidBack(await late(lang, true), "succeeded"),
  "called back before the money came, money back": async (lang) => paidBack(await calledBack(lang), "succeeded"),
  "late money that did not come back": async (lang) => paidBack(await late(lang, true), "failed"),
  "part refunded, on its way": async (lang) => paidBack(await refunded(await sold(lang, 3), pieces(1)), "pending"),
  "part refunded, back": async (lang) => paidBack(await refunded(await sold(lang, 3), pieces(1)), "succeeded"),
  "money refunded, pieces kept": async (lang) => paidBack(await refunded(await sold(lang), { amount: 1500 }), "succeeded"),
  "part back, part on its way": async (lang) => {
    const made = await paidBack(await refunded(await sold(lang, 3), pieces(1)), "succeeded");
    return paidBack(await refunded(made, { amount: 1000 }, "refund-2"), "pending");
  },
  "part refund that failed": async (lang) => paidBack(await refunded(await sold(lang, 3), pieces(1)), "failed"),
  "refunded, on its way": async (lang) => paidBack(await refunded(await sold(lang, 2), {}), "pending"),
  "refunded, back": async (lang) => paidBack(await refunded(await sold(lang), {}), "succeeded"),
  "refund that failed": async (lang) => paidBack(await refunded(await sold(lang), {}), "failed"),
  "refund of money that had gone back": async (lang) => paidBack(await refunded(await sold(lang), {}), "gone_back"),
  "wrong sum": async (lang) => mismatched(lang, { amount: 5000 }),
  "wrong currency": async (lang) => mismatched(lang, { currency: "USD" }),
  "unknown currency": async (lang) => mismatched(lang, { currency: "BRL" }),
  "not real money": async (lang) => mismatched(lang, { mode: "live" }),
  "wrong sum, taken": accepted,
  "wrong sum, settled": async (lang) => settled(await mismatched(lang, { amount: 5000 }), "refunded_elsewhere"),
  "dispute open": async (lang) => disputed(await sold(lang, 2), "open"),
  "dispute won": async (lang) => disputed(await sold(lang), "open", "won"),
  "dispute lost": async (lang) => disputed(await sold(lang), "open", "lost"),
  "bank asks": async (lang) => asked(await sold(lang, 2), "open"),
  "bank asked": async (lang) => asked(await sold(lang), "open", "won"),
  "dispute open, a refund waits": async (lang) => disputed(await refunded(await sold(lang, 3), pieces(1)), "open"),
  "unit replaced": replaced,
  "unit out of use": withdrawn,
  "text late": untexted,
  "text unheard of": async (lang) => passed(await sold(lang), 600),
  "text failed": async (lang) => texted(await sold(lang), "undelivered", "30005"),
  "text opted out": optedOut,
} satisfies Readonly<Record<string, Story>>;
export type StoryName = keyof typeof stories;
export const storyNames = Object.keys(stories) as StoryName[];

export const viewOf = async ({ shop, token }: Told, language: Language): Promise<OrderPageView> => {
  const view = await orderView({ token, language, back: false }, { ...shop.ports, checkoutOrigin });
  if (!view) throw new Error("no such order");
  return view;
};

/** The page as its buyer meets it. */
export const pageOf = async (name: StoryName, language: Language) => orderPage(await viewOf(await stories[name](language), language));

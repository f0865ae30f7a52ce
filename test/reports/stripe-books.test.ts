// The adapter's lists over the wire: the official SDK against the simulator, page by page.
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type BooksPage, type ListedSession, patient, providersOf } from "../../functions/payments/index.ts";
import { demoStripeKey } from "../../local/simulators/demo-keys.ts";
import { instant } from "../../platform/clock/clock.ts";
import { openStage, type Stage, washCard } from "../local/simulators/stage.ts";

/** A hundred sessions over the wire, on a busy machine. */
jest.setTimeout(60_000);

describe("Stripe's books", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  const provider = () =>
    providersOf(stage.simulators.url, patient)(
      { provider: "stripe", endpoint: "simulated", api_version: "x" },
      { api_key: demoStripeKey, signing_secret: "" },
    );
  const hour = () => ({ from: instant(Date.now() - 3_600_000), to: instant(Date.now() + 3_600_000) });

  it("are read to the last page, each session once, with whose it is and what was captured", async () => {
    const metadata = (at: number) => ({ merchant_id: "lees", order_id: `o${at}`, payment_id: `o${at}` });
    const made: string[] = [];
    for (let at = 0; at < 103; at++) {
      const session = await stage.stripe.checkout.sessions.create(
        washCard({ metadata: metadata(at), payment_intent_data: { metadata: metadata(at) } }),
      );
      made.push(session.id);
    }
    stage.simulators.control.stripe.pay(made[0] ?? "", { card: "4242424242424242" });
    await stage.stripe.checkout.sessions.expire(made[1] ?? "");

    const read: ListedSession[] = [];
    let pages = 0;
    for (let cursor: string | undefined, more = true; more; pages++) {
      const page: BooksPage<ListedSession> = await provider().listSessions(hour(), cursor);
      if (page.kind === "unknown") throw new Error("no answer");
      read.push(...page.items);
      cursor = page.next;
      more = cursor !== undefined;
    }
    expect(pages).toBe(2);
    expect(read.map(({ session_id }) => session_id)).toEqual([...made].reverse());
    expect(read.at(-1)).toMatchObject({ state: "settled", amount: 6000, currency: "CAD", mode: "test", ...metadata(0) });
    expect(read.at(-2)).toMatchObject({ state: "dead", ...metadata(1) });
    expect(read[0]?.state).toBe("open");
    const found = await provider().findSession(made[0] ?? "");
    expect(found).toEqual({ kind: "found", item: read.at(-1) });
  });

  it("name the order of a refund made by hand, by the payment it takes back, and our record of one that we asked for", async () => {
    const page = await provider().listSessions(hour(), undefined);
    const all = page.kind === "page" && page.next ? await provider().listSessions(hour(), page.next) : page;
    const paid = all.kind === "page" ? all.items.find((session) => session.state === "settled") : undefined;
    if (paid?.state !== "settled") throw new Error("nothing is paid");
    const byHand = await stage.stripe.refunds.create({ payment_intent: paid.intent_id, amount: 1000 });
    await provider().refund({
      provider_key: "refund-lees-r1",
      refund_id: "r1",
      intent_id: paid.intent_id,
      amount: 2000,
      merchant_id: "lees",
      order_id: "o0",
    });
    const refunds = await provider().listRefunds(hour());
    expect(
      refunds.kind === "page" && refunds.items.map(({ amount, currency, order_id, refund_id }) => [amount, currency, order_id, refund_id]),
    ).toEqual([
      [2000, "CAD", "o0", "r1"],
      [1000, "CAD", "o0", undefined],
    ]);
    expect(await provider().findRefund(byHand.id)).toMatchObject({ kind: "found", item: { amount: 1000, intent_id: paid.intent_id } });
  });

  it("say what came in, also when part of it went back since: refunds are listed by themselves", async () => {
    const all = await provider().listSessions(hour(), undefined);
    const last = all.kind === "page" && all.next ? await provider().listSessions(hour(), all.next) : all;
    const paid = last.kind === "page" ? last.items.find((session) => session.state === "settled") : undefined;
    expect(paid).toMatchObject({ state: "settled", amount: 6000 });
    const refunds = await provider().listRefunds(hour(), undefined);
    expect(refunds.kind === "page" && refunds.items.length).toBeGreaterThan(0);
  });

  it("list disputes with the order of the payment that they are about, and how they stand now", async () => {
    const metadata = { merchant_id: "lees", order_id: "o9", payment_id: "o9" };
    const session = await stage.stripe.checkout.sessions.create(washCard({ metadata, payment_intent_data: { metadata } }));
    stage.simulators.control.stripe.pay(session.id, { card: "4000000000000259" });
    const listed = await provider().listDisputes(hour());
    const [dispute] = listed.kind === "page" ? listed.items : [];
    expect(dispute).toMatchObject({ ...metadata, status: "open", amount: 6000, currency: "CAD", intent_id: expect.stringMatching(/^pi_/) });
    stage.simulators.control.stripe.moveDispute(dispute?.dispute_id ?? "", "lost");
    expect(await provider().findDispute(dispute?.dispute_id ?? "")).toEqual({ kind: "found", item: { ...dispute, status: "lost" } });
    expect(await provider().findDispute("dp_nothing")).toEqual({ kind: "absent" });
  });

  it("are told apart from silence: what is not there is absent, what does not answer is unknown", async () => {
    expect(await provider().findSession("cs_test_nothing")).toEqual({ kind: "absent" });
    expect(await provider().findRefund("re_nothing")).toEqual({ kind: "absent" });
    const before = { from: instant(Date.UTC(2020, 0, 1)), to: instant(Date.UTC(2020, 0, 2)) };
    expect(await provider().listSessions(before)).toEqual({ kind: "page", items: [] });
    const stranger = providersOf(stage.simulators.url, patient)(
      { provider: "stripe", endpoint: "simulated", api_version: "x" },
      { api_key: "rk_test_nobody", signing_secret: "" },
    );
    expect(await stranger.listSessions(hour())).toEqual({ kind: "unknown" });
    expect(await stranger.findSession("cs_test_nothing")).toEqual({ kind: "unknown" });
  });
});

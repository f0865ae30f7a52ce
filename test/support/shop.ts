// A shop over the in-memory table: the product's real verbs with a provider, a texting service, keys and a clock of the test's own.
import { randomBytes } from "node:crypto";
import { saveListing } from "../../functions/catalogue/save-listing.ts";
import { type Asked, confirm } from "../../functions/fulfilment/confirm.ts";
import { deliver } from "../../functions/fulfilment/deliver.ts";
import { payBack } from "../../functions/fulfilment/pay-back.ts";
import { releaseHold } from "../../functions/fulfilment/release-hold.ts";
import { send } from "../../functions/fulfilment/send.ts";
import { weighDispute } from "../../functions/fulfilment/weigh-dispute.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { saveLocation, saveMerchant, saveNode } from "../../functions/merchants/save.ts";
import { saveSmsChannel } from "../../functions/notifications/save-sms-channel.ts";
import type { Found, Sent, Text, TextingOf } from "../../functions/notifications/texting.ts";
import { type Placing, placeOrder } from "../../functions/orders/place-order.ts";
import { connectProvider } from "../../functions/payments/connect-provider.ts";
import type { CheckoutClosed, CheckoutOpened, CheckoutRequest, PaymentProvider, Providers, Settlement } from "../../functions/payments/provider.ts";
import type { Disputes, FoundRefund, PaymentOwner, RefundAnswer, Refunded, RefundRequest } from "../../functions/payments/provider-after-sale.ts";
import type { ProviderBooks } from "../../functions/payments/provider-books.ts";
import { receiveWebhook } from "../../functions/payments/receive-webhook.ts";
import { epochMs, type Instant, instant } from "../../platform/clock/clock.ts";
import { type DataKeys, sealerOf } from "../../platform/crypto/sealer.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import { type MemoryTableOptions, memoryTable } from "../../platform/table/memory.ts";
import { closedBooks } from "./books.ts";
import { demoListing, demoLocation, demoMerchant, demoNode } from "./demo.ts";
import { rng } from "./random.ts";

/** Data keys without KMS: wrapped means masked with the purpose and scope they are for. */
export const memoryKeys = (): DataKeys => {
  const kept = new Map<string, { purpose: string; scope: string; plain: Uint8Array }>();
  return {
    async generate(purpose, scope) {
      const plain = randomBytes(32);
      const wrapped = `k${kept.size}`;
      kept.set(wrapped, { purpose, scope, plain });
      return { plain, wrapped };
    },
    async unwrap(purpose, scope, wrapped) {
      const key = kept.get(wrapped);
      if (key?.purpose !== purpose || key.scope !== scope) throw new Error("AccessDenied");
      return key.plain;
    },
  };
};

/** A provider that keeps sessions by key, as Stripe does; tests pay them and may make it fail. */
export class TestProvider implements PaymentProvider {
  readonly sessions = new Map<string, { request: CheckoutRequest; id: string; settlement: Settlement }>();
  calls = 0;
  next: CheckoutOpened | undefined;
  closing: CheckoutClosed | undefined;
  refunding: RefundAnswer | undefined;
  readonly refunds = new Map<string, RefundRequest>();

  async openCheckout(request: CheckoutRequest): Promise<CheckoutOpened> {
    this.calls++;
    if (this.next) {
      const answer = this.next;
      this.next = undefined;
      return answer;
    }
    const known = [...this.sessions.values()].find((session) => session.request.provider_key === request.provider_key);
    const session = known ?? { request, id: `cs_${this.sessions.size}`, settlement: { kind: "pending" } as Settlement };
    this.sessions.set(session.id, session);
    return { kind: "open", session_id: session.id, url: `https://pay.test/${session.id}` };
  }
  async lookUp(id: string): Promise<Settlement> {
    this.calls++;
    return this.sessions.get(id)?.settlement ?? { kind: "unknown" };
  }
  /** @param other what differs from the plan */
  pay(orderId: string, other: { amount?: number; currency?: string; mode?: "test" | "live" } = {}): void {
    const session = [...this.sessions.values()].find(({ request }) => request.order_id === orderId);
    if (!session) throw new Error("no session to pay");
    const { amount, currency } = session.request;
    session.settlement = {
      kind: "settled",
      facts: { amount, currency, mode: "test", intent_id: `pi_${session.id}`, session_id: session.id, ...other },
    };
  }
  async closeCheckout(id: string): Promise<CheckoutClosed> {
    this.calls++;
    const session = this.sessions.get(id);
    if (this.closing) return this.closing;
    if (session?.settlement.kind !== "pending") return { kind: "not_open" };
    session.settlement = { kind: "failed" };
    return { kind: "closed" };
  }
  async refund(request: RefundRequest): Promise<RefundAnswer> {
    this.calls++;
    const answer = this.refunding ?? { kind: "succeeded" as const, provider_refund_id: `re_${request.provider_key}` };
    this.refunding = undefined;
    if (answer.kind === "succeeded" || answer.kind === "pending") this.refunds.set(request.provider_key, request);
    return answer;
  }
  async lookUpRefund(id: string): Promise<Refunded> {
    this.calls++;
    return this.fates.get(id) ?? { kind: "succeeded", provider_refund_id: id };
  }
  /** What the provider lists and finds; closed until a test opens them. */
  books: ProviderBooks = closedBooks;
  listSessions: ProviderBooks["listSessions"] = (window, cursor) => this.books.listSessions(window, cursor);
  listRefunds: ProviderBooks["listRefunds"] = (window, cursor) => this.books.listRefunds(window, cursor);
  listDisputes: ProviderBooks["listDisputes"] = (window, cursor) => this.books.listDisputes(window, cursor);
  findSession: ProviderBooks["findSession"] = (id) => this.books.findSession(id);
  findRefund: ProviderBooks["findRefund"] = (id) => this.books.findRefund(id);
  findDispute: ProviderBooks["findDispute"] = (id) => this.books.findDispute(id);
  /** How it says that refunds fare which it took before; succeeded unless a test says otherwise. */
  readonly fates = new Map<string, Refunded>();
  disputes: Disputes = { kind: "known", disputes: [] };
  async recoverRefund({ refund_id }: { refund_id: string }): Promise<FoundRefund> {
    this.calls++;
    const made = [...this.refunds.values()].find((request) => request.refund_id === refund_id);
    return made ? { kind: "succeeded", provider_refund_id: `re_${made.provider_key}` } : { kind: "none" };
  }
  async lookUpDisputes(): Promise<Disputes> {
    this.calls++;
    return this.disputes;
  }
  async lookUpOwner(intentId: string): Promise<PaymentOwner> {
    this.calls++;
    const session = [...this.sessions.values()].find(({ id }) => `pi_${id}` === intentId);
    return session ? { kind: "known", merchant_id: session.request.merchant_id, order_id: session.request.order_id } : { kind: "none" };
  }
  async probe() {
    return { kind: "good" as const, account: this.account };
  }
  /** Addresses that are registered on the account of the key in use: one webhook for each, with its secret. */
  webhooks: { readonly url: string; readonly id: string }[] = [];
  #registered = 0;
  account = "acct_test";
  async hasWebhook(url: string, id: string | undefined) {
    const webhook = this.webhooks.find((one) => one.url === url);
    return webhook ? (id === undefined || webhook.id === id ? ("yes" as const) : ("other" as const)) : ("no" as const);
  }
  async registerWebhook(url: string) {
    const at = ++this.#registered;
    this.webhooks = [...this.webhooks.filter((one) => one.url !== url), { url, id: `we_${at}` }];
    return { kind: "registered" as const, webhook_id: `we_${at}`, signing_secret: at === 1 ? "whsec_test" : `whsec_test_${at}` };
  }
  verify(raw: Buffer, signature: string | undefined) {
    if (signature !== "genuine") return { kind: "forged" as const };
    return {
      kind: "verified" as const,
      mode: "test" as const,
      ...(JSON.parse(raw.toString()) as { event_id: string; type: string; merchant_id: string; order_id: string }),
    };
  }
}

export class TestTexting {
  readonly texts: (Text & { sid: string })[] = [];
  next: Sent | undefined;
  lost = false;
  lookUp: Found | undefined;

  readonly of: TextingOf = () => ({
    send: async (text) => {
      const answer = this.next ?? { kind: "accepted" as const, sid: `SM${this.texts.length}` };
      this.next = undefined;
      if (answer.kind === "accepted") this.texts.push({ ...text, sid: answer.sid });
      if (!this.lost) return answer;
      this.lost = false;
      return { kind: "unknown" };
    },
    find: async (sought) => {
      const sent = this.texts.find(({ to, body }) => to === sought.to && sought.isIt(body));
      return this.lookUp ?? (sent ? { kind: "found", sid: sent.sid } : { kind: "none" });
    },
  });
}

export const operator: Principal = { type: "operator", id: "test" };
export const anonymous: Principal = { type: "anonymous", id: "-" };
export const origin = "https://shop.test";

export const openShop = async (seed: string, units = 3, options: Partial<MemoryTableOptions> = {}) => {
  const random = rng(seed);
  let ms = Date.UTC(2026, 10, 21, 18, 0, 0);
  const clock = { now: (): Instant => instant(ms) };
  const table = memoryTable({ random, now: () => ms, ...options });
  const provider = new TestProvider();
  const texting = new TestTexting();
  const started: Asked[] = [];
  const ports = {
    table,
    clock,
    random: { number: random, secret: () => Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256))).toString("base64url") },
    sealer: sealerOf(memoryKeys()),
    providers: (() => provider) as Providers,
    textingOf: texting.of,
    publicOrigin: origin,
    linkSecret: async () => "link secret of the test",
    log: () => {},
    fulfilOrder: { start: async (ref: Asked) => void started.push(ref) },
    modes: ["test"] as const,
    simulated: true,
  };
  let keys = 0;
  const by = () => ({ key: `seed-key-${keys++}`, principal: operator });
  await saveMerchant({ body: demoMerchant, ...by() }, ports);
  await saveLocation({ body: demoLocation, ...by() }, ports);
  await saveNode({ body: demoNode, ...by() }, ports);
  await saveListing({ body: demoListing, ...by() }, ports);
  await saveSmsChannel(
    {
      body: { channel_id: "sms", account_sid: "ACtest12345678", auth_token: "token-of-the-test", from: "+16045550100", endpoint: "official" },
      ...by(),
    },
    ports,
  );
  const connected = await connectProvider(
    { body: { merchant_id: "lees", provider: "stripe", api_key: "rk_test_12345678", endpoint: "official" }, ...by() },
    ports,
  );
  if (connected.kind !== "ok") throw new Error("not connected");
  for (let first = 1; first <= units; first += 40) {
    const batch = Array.from({ length: Math.min(40, units - first + 1) }, (_, i) => ({
      serial_number: `LW60-${String(first + i).padStart(4, "0")}`,
      metadata: { locker_pos: `A-${first + i}` },
    }));
    await stockUnits({ body: { listing_id: "lees-car-wash", listing_item_id: "CW-60", location_id: "lees-main", units: batch }, ...by() }, ports);
  }

  const request = (n: number, over: Partial<Placing["body"]> = {}, key = `buyer-key-${n}-0123456789`): Placing => ({
    body: { listing_id: "lees-car-wash", lines: [{ item: "CW-60", quantity: 1 }], node: "NODE_LEES", phone: `+1604555${String(1000 + n)}`, ...over },
    principal: anonymous,
    key,
    language: "en",
  });
  const buy = async (n: number, over: Partial<Placing["body"]> = {}) => {
    const outcome = await placeOrder(request(n, over), ports);
    if (outcome.kind !== "placed") throw new Error(`not placed: ${outcome.refusal}`);
    const [merchant_id = "", order_id = ""] = outcome.placed.token.split(".");
    return { ...outcome.placed, ref: { merchant_id, order_id } };
  };
  return {
    table,
    ports,
    provider,
    texting,
    started,
    connection_id: connected.result.connection_id,
    request,
    buy,
    place: (placing: Placing) => placeOrder(placing, ports),
    confirm: (ref: { merchant_id: string; order_id: string }) => confirm(ref, ports),
    /** What the workflow does, without its retries. */
    async fulfil({ news, ...ref }: Asked) {
      const confirmation = await confirm({ ...ref, news }, ports);
      switch (confirmation.settlement) {
        case "lapsed":
          return releaseHold(ref, ports);
        case "refund_owed": {
          const back = await payBack(ref, ports);
          if (back.refund !== "disputed") return back;
          const weighed = await weighDispute(ref, ports);
          return { ...weighed, ...(await payBack(ref, ports)) };
        }
        case "disputed": {
          const weighed = await weighDispute(ref, ports);
          return { ...weighed, ...(await payBack(ref, ports)) };
        }
        case "settled": {
          const delivered = await deliver(ref, confirmation.facts, ports);
          if (delivered.delivered && news === "dispute") {
            const weighed = await weighDispute(ref, ports);
            return { ...weighed, ...(await payBack(ref, ports)) };
          }
          if (delivered.delivered) await send(ref, ports);
          else if (delivered.reason === "refund_owed") return payBack(ref, ports);
          return delivered;
        }
        default:
          return confirmation.settlement;
      }
    },
    release: (ref: { merchant_id: string; order_id: string }) => releaseHold(ref, ports),
    deliver: (ref: { merchant_id: string; order_id: string }, facts: Parameters<typeof deliver>[1]) => deliver(ref, facts, ports),
    send: (ref: { merchant_id: string; order_id: string }) => send(ref, ports),
    webhook: (event: object, signature = "genuine", connection_id = connected.result.connection_id) =>
      receiveWebhook({ connection_id, raw: Buffer.from(JSON.stringify(event)), signature }, ports),
    pass: (seconds: number) => {
      ms += seconds * 1000;
    },
    now: () => epochMs(clock.now()),
    /** Everything stored, as text: two shops with the same text are in the same state. */
    digest: () =>
      JSON.stringify([...table.snapshot.records()].map((record) => [record.key, record.item]).sort(), (_k, v: unknown) =>
        v instanceof Set ? [...v].sort() : v,
      ),
    of: <T = Record<string, unknown>>(prefix: string): T[] => [...table.snapshot.records(prefix)].map((record) => record.item as T),
  };
};

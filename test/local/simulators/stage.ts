// A stage for these tests: a shop that writes down what reaches it, the simulators in a folder of their own, the real SDK.
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import StripeSdk from "stripe";
import { demoStripeKey } from "../../../local/simulators/demo-keys.ts";
import { type Simulators, type SimulatorsOptions, startSimulators } from "../../../local/simulators/start.ts";

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface Shop {
  readonly origin: string;
  readonly received: Received[];
  /** Statuses of the next answers; 200 when none is left. */
  readonly answers: number[];
  /** Resolves once so many deliveries have come. */
  waitFor(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

export const openShop = async (port = 0): Promise<Shop> => {
  const received: Received[] = [];
  const answers: number[] = [];
  const waiting: { count: number; resolve: (all: Received[]) => void }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    received.push({ path: incoming.url ?? "", headers, body: Buffer.concat(chunks).toString("utf8") });
    outgoing.writeHead(answers.shift() ?? 200).end();
    for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve(received);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    waitFor: (count) => new Promise((resolve) => (received.length >= count ? resolve(received) : waiting.push({ count, resolve }))),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), "simulators-"));

export const sdk = (url: string, key: string = demoStripeKey): StripeSdk => {
  const { hostname, port } = new URL(url);
  return new StripeSdk(key, { host: hostname, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
};

export interface Stage {
  readonly shop: Shop;
  readonly simulators: Simulators;
  readonly stripe: StripeSdk;
  readonly dataDir: string;
  close(): Promise<void>;
}

export const openStage = async (options: Partial<SimulatorsOptions> = {}): Promise<Stage> => {
  const shop = await openShop();
  const dataDir = newDataDir();
  const simulators = await startSimulators({ port: 0, host: "127.0.0.1", dataDir, shopOrigin: shop.origin, ...options });
  return {
    shop,
    simulators,
    stripe: sdk(simulators.url),
    dataDir,
    close: async () => {
      await simulators.close();
      await shop.close();
    },
  };
};

/** One car-wash card of $60, as the shop asks for it. */
export const washCard = (change: Partial<StripeSdk.Checkout.SessionCreateParams> = {}): StripeSdk.Checkout.SessionCreateParams => ({
  mode: "payment",
  line_items: [{ quantity: 1, price_data: { currency: "cad", unit_amount: 6000, product_data: { name: "Wash card $60" } } }],
  allowed_payment_method_types: ["card"],
  success_url: "https://shop.example/o/token?session={CHECKOUT_SESSION_ID}",
  cancel_url: "https://shop.example/scan/lees-car-wash",
  client_reference_id: "order_1",
  metadata: { order_id: "order_1" },
  payment_intent_data: { metadata: { order_id: "order_1" } },
  adaptive_pricing: { enabled: false },
  expires_at: Math.floor(Date.now() / 1000) + 31 * 60,
  ...change,
});

/** Posts as a browser without scripts does, and does not follow. */
export const press = (url: string, fields: Record<string, string>): Promise<Response> =>
  fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });

export const postJson = async (url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "@jest/globals";
import StripeSdk from "stripe";
import { startSimulators } from "../../../local/simulators/start.ts";
import { newDataDir, openShop, press, sdk, washCard } from "./stage.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("keeps its state over a restart, and brings what the shop missed to where the shop is now", async () => {
  const dataDir = newDataDir();
  const options = { port: 0, host: "127.0.0.1", dataDir };
  // No shop listens here: the first attempts fail.
  const first = await startSimulators({ ...options, shopOrigin: "http://127.0.0.1:9" });
  const before = sdk(first.url);
  const { secret = "" } = await before.webhookEndpoints.create({ url: "https://shop.example/hook", enabled_events: ["*"] });
  const params = washCard();
  const created = await before.checkout.sessions.create(params, { idempotencyKey: "sess-order_1-1" });
  await press(`${first.url}/pay/${created.id}`, { card: "4242424242424242" });
  await first.close();

  const shop = await openShop();
  closing.push(shop.close);
  const second = await startSimulators({ ...options, shopOrigin: shop.origin });
  closing.push(second.close);
  const after = sdk(second.url);
  expect(await after.checkout.sessions.retrieve(created.id)).toMatchObject({ status: "complete", payment_status: "paid" });
  expect((await after.checkout.sessions.create(params, { idempotencyKey: "sess-order_1-1" })).id).toBe(created.id);
  const types = (await shop.waitFor(4)).map(
    ({ body, headers }) => StripeSdk.webhooks.constructEvent(body, headers["stripe-signature"] ?? "", secret).type,
  );
  expect(types.sort()).toEqual(["charge.succeeded", "checkout.session.completed", "payment_intent.created", "payment_intent.succeeded"]);
});

it("loses nothing it answered when it is killed at once (kill -9)", async () => {
  const dataDir = newDataDir();
  const program = `
    import { startSimulators } from ${JSON.stringify(new URL("../../../local/simulators/start.ts", import.meta.url).href)};
    const { url } = await startSimulators({ port: 0, host: "127.0.0.1", dataDir: ${JSON.stringify(dataDir)}, shopOrigin: "http://127.0.0.1:9" });
    process.stdout.write(url + "\\n");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
  closing.push(async () => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = line.toString().trim();
  const stripe = sdk(url);
  await stripe.webhookEndpoints.create({ url: "https://shop.example/hook", enabled_events: ["checkout.session.completed"] });
  const { id } = await stripe.checkout.sessions.create(washCard());
  expect((await press(`${url}/pay/${id}`, { card: "4242424242424242" })).status).toBe(303);
  child.kill("SIGKILL");
  await once(child, "exit");

  const shop = await openShop();
  closing.push(shop.close);
  const again = await startSimulators({ port: 0, host: "127.0.0.1", dataDir, shopOrigin: shop.origin });
  closing.push(again.close);
  const session = await sdk(again.url).checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
  expect(session).toMatchObject({ payment_status: "paid", payment_intent: { status: "succeeded", amount_received: 6000 } });
  const [delivery] = await shop.waitFor(1);
  expect(JSON.parse(delivery?.body ?? "")).toMatchObject({ type: "checkout.session.completed", data: { object: { id } } });
});

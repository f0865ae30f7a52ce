// The shop is killed again and again while people buy, comes back on the same data each time, and must owe nobody anything.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rng } from "../support/random.ts";
import { newKey, newPhone, orderIdOf, orderOf, type Placed, type Problem, place, statusOf } from "./buyer.ts";
import { outsideWorld, sessionOf } from "./outside-world.ts";
import { eventually, openPlatform } from "./platform.ts";
import { type Counted, recount } from "./recount.ts";
import { freePorts, startGroup } from "./shop-group.ts";

/** Units of all SKUs that the demo brings in: what ends the buying at last. */
const imported = 300;
const buyersAtOnce = 4;
/** Between two purchases of a buyer, so that the stock lasts for many lives. */
const restMs = 250;
/** Longest life of the shop after its first answer, in milliseconds. */
const lifeMsMax = 1_500;
/** How often it is killed before it answered anything. */
const stillborn = 0.15;

export interface KillRun {
  readonly kills: number;
  /** Orders that were answered with 201. */
  readonly promised: readonly string[];
  /** Payments that the provider took. */
  readonly captured: number;
  /** Promised orders that are not in the table. */
  readonly lost: readonly string[];
  /** Sent texts by order, where an order has more than the two that an unknown outcome allows. */
  readonly textedTooOften: readonly string[];
  readonly counted: Counted;
}

/** @param seed chooses when the shop dies; what it is doing then is up to the machine */
export async function killRepeatedly(kills: number, seed: string): Promise<KillRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "flows-kill-"));
  const port = await freePorts();
  const random = rng(seed);
  try {
    const promised = new Map<string, Placed>();
    let origin = "";
    let buying = true;
    let soldOut = false;
    const buyers = Array.from({ length: buyersAtOnce }, async () => {
      while (buying) {
        soldOut ||=
          (await buyOnce(
            () => origin,
            () => buying,
            promised,
          )) === "sold_out";
        await pause(restMs);
      }
    });
    for (let kill = 0; kill < kills; kill++) {
      const group = await startGroup(port, dataDir);
      origin = group.url;
      const before = promised.size;
      if (random() >= stillborn) await eventually("somebody bought", () => promised.size > before || soldOut);
      await pause(random() * lifeMsMax);
      await group.kill();
    }
    buying = false;
    await Promise.all(buyers);
    return { kills, ...(await settle(dataDir, promised)) };
  } finally {
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** One buyer: presses Pay with one key until an answer comes, whoever died meanwhile; then pays, most of the time. */
async function buyOnce(origin: () => string, buying: () => boolean, promised: Map<string, Placed>): Promise<"sold_out" | undefined> {
  const body = orderOf({ phone: newPhone(), lines: [{ item: ["CW-60", "CW-120", "CW-240"][promised.size % 3], quantity: 1 }] });
  const headers = { "idempotency-key": newKey() };
  while (buying()) {
    try {
      const answer = await place<Placed & Problem>(origin(), body, headers);
      if (answer.status === 201) {
        promised.set(orderIdOf(answer.body.token), answer.body);
        if (promised.size % 5 !== 0 && answer.body.checkout_url) await payOnce(answer.body.checkout_url, buying);
        return undefined;
      }
      if (answer.status === 409 && answer.body.code === "out_of_stock") return "sold_out";
    } catch {
      // The connection broke or nobody listens: the shop is dead. The same request again, as a browser's retry would.
    }
    await pause(50);
  }
  return undefined;
}

async function payOnce(checkoutUrl: string, buying: () => boolean): Promise<void> {
  const { pay } = outsideWorld(new URL(checkoutUrl).origin);
  while (buying()) {
    try {
      await pay(sessionOf(checkoutUrl));
      return;
    } catch {
      await pause(50);
    }
  }
}

/** A last start; every order that still awaits money is looked at; then all is counted from the raw records. */
async function settle(dataDir: string, promised: ReadonlyMap<string, Placed>): Promise<Omit<KillRun, "kills">> {
  const { shop, table, world, quiet, stop } = await openPlatform(dataDir);
  try {
    const truth = await world.truth();
    const taken = new Set(truth.payment_intents.filter(({ status }) => status === "succeeded").map(({ metadata }) => metadata.order_id));
    const owed = async () =>
      (await table.of<{ id: string; status: string }>("ORDER")).filter(({ id, status }) => taken.has(id) && status === "awaiting_payment");
    for (const { id } of await owed()) await table.makeDue(id);
    await shop.runSchedule(shop.inventory.schedules[0]?.id ?? "");
    await eventually("all money that arrived is answered for", async () => (await owed()).length === 0, 120);
    await quiet();
    await textsArrived(shop.url, promised, taken);

    const items = await table.all();
    const stored = new Set(items.flatMap(({ pk }) => (pk.startsWith("ORDER#") ? [pk.split("#")[2] ?? ""] : [])));
    const texts = await world.texts();
    return {
      promised: [...promised.keys()],
      captured: taken.size,
      lost: [...promised.keys()].filter((id) => !stored.has(id)),
      textedTooOften: [...stored].filter((id) => texts.filter(({ body }) => body.includes(`.${id}.`)).length > 2),
      counted: recount(items, await world.truth(), { imported, settled: true }),
    };
  } finally {
    await stop();
  }
}

/** A text whose sender was killed is sent again by the outbox once its claim is old: forty-five seconds, then the queue's patience. */
async function textsArrived(url: string, promised: ReadonlyMap<string, Placed>, taken: ReadonlySet<string | undefined>): Promise<void> {
  const paid = [...promised].flatMap(([id, { token }]) => (taken.has(id) ? [token] : []));
  await eventually(
    "every buyer who paid has the text message",
    async () => {
      for (const token of paid) if (!["sent", "delivered"].includes((await statusOf(url, token)).sms)) return false;
      return true;
    },
    300,
  );
}

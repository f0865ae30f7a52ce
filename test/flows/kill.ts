// The shop is killed again and again while people buy, are paid back and quarrel; it comes back on the same data each time, must settle within a
// minute, and must owe nobody anything.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rng } from "../support/random.ts";
import { type KillableShop, spawnShop, type Victim } from "./killable.ts";
import { operatorsOf } from "./operators.ts";
import { outsideWorld } from "./outside-world.ts";
import { eventually } from "./platform.ts";
import type { Item } from "./raw-table.ts";
import type { Counted } from "./recount.ts";
import { type Settled, settle } from "./settle.ts";
import { freePorts } from "./shop-group.ts";
import { openStreet, type Street } from "./street.ts";

/** Longest life of the shop after somebody bought, in milliseconds, and longest time that it is let start or settle before it dies again. */
const lifeMsMax = 1_500;
const youngMsMax = 3_000;
/** How often it is killed while it starts or settles, unless it is said otherwise. */
const youngDeathsUsual = 0.2;
const victims: readonly Victim[] = ["everything", "everything", "everything", "host", "tables"];
/** Units that the demo brings in, all SKUs together; when fewer are left than this, more are brought. */
const importedAtFirst = 300;
const stockMin = 90;
const stockedAtOnce = 40;

export interface KillRun {
  readonly kills: number;
  /** Orders that were answered with 201. */
  readonly promised: number;
  /** Payments that the provider took. */
  readonly sales: number;
  readonly refunds: number;
  readonly disputes: number;
  /** Holds that ended unpaid. */
  readonly expired: number;
  /** Of every recount after a restart, and of the last one; with what was lost, sent too often or never. */
  readonly violations: readonly string[];
  /** From a death until all was settled: the start is part of it. */
  readonly slowestSettleSeconds: number;
  /** After the last death, with nobody's help; only where it was asked for. */
  readonly aloneSeconds: number | undefined;
  readonly counted: Counted;
}
export interface KillOptions {
  readonly kills: number;
  /** Chooses what people do, and when and how the shop dies; what it is doing then is up to the machine. */
  readonly seed: string;
  /** Share of deaths that come while it starts or settles. */
  readonly youngDeaths?: number;
  /** Waits at the end until every text that a dead sender began is sent by the outbox, and the journal is whole: up to minutes. */
  readonly untilTold?: boolean;
  /** After the last death the shop settles by its own schedule: minutes. */
  readonly alone?: boolean;
  /** Told after each life. */
  readonly progress?: (line: string) => void;
}

type Ending = Required<Pick<KillOptions, "untilTold" | "alone">>;

interface Run {
  readonly port: number;
  readonly dataDir: string;
  readonly random: () => number;
  readonly youngDeaths: number;
  readonly street: Street;
  readonly violations: string[];
  /** When the shop died, while it has not settled since. */
  diedAt: number | undefined;
  slowest: number;
  imported: number;
  batches: number;
}

export async function killRepeatedly({
  kills,
  seed,
  youngDeaths = youngDeathsUsual,
  untilTold = true,
  alone = false,
  progress = () => {},
}: KillOptions): Promise<KillRun> {
  const random = rng(seed);
  const dataDir = mkdtempSync(join(tmpdir(), "flows-kill-"));
  const run: Run = {
    port: await freePorts(),
    dataDir,
    random,
    youngDeaths,
    street: openStreet(random),
    violations: [],
    diedAt: undefined,
    slowest: 0,
    imported: importedAtFirst,
    batches: 0,
  };
  let shop: KillableShop | undefined;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const life = await live(run, shop ?? spawnShop(run.port, dataDir));
      shop = life.survivor;
      progress(`${kill} of ${kills}: ${life.story}`);
    }
    await run.street.close();
    shop ??= spawnShop(run.port, dataDir);
    return await conclude(run, shop, { kills, untilTold, alone });
  } finally {
    await run.street.close();
    await shop?.kill();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** One life, to its death. `survivor`: only its table engine died. */
async function live(run: Run, shop: KillableShop): Promise<{ readonly survivor?: KillableShop; readonly story: string }> {
  const { random, street } = run;
  if (random() < run.youngDeaths) {
    await Promise.race([pause(random() * youngMsMax), shop.ready.then(() => pause(random() * lifeMsMax))]);
    await die(run, shop);
    return { story: "killed while it started or settled" };
  }
  const { url, simulators } = await shop.ready;
  const settled = await settleAndCount(run, shop, simulators);
  await restock(run, shop, settled.counted);
  const before = street.promised.size;
  street.open({ url, simulators, operate: operatorsOf(shop.invoke) }, settled.truth);
  await eventually("somebody bought", () => street.promised.size > before);
  await pause(random() * lifeMsMax);
  const victim = victims[Math.floor(random() * victims.length)] ?? "everything";
  await die(run, shop, victim);
  await street.shut();
  const story = `settled in ${settled.seconds.toFixed(1)} s, ${settled.counted.paid} paid, ${settled.counted.violations.length} violations; killed: ${victim}`;
  return { ...(victim === "tables" && { survivor: shop }), story };
}

async function die(run: Run, shop: KillableShop, victim?: Victim): Promise<void> {
  run.diedAt = performance.now();
  await shop.kill(victim);
}

async function settleAndCount(run: Run, shop: KillableShop, simulators: string): Promise<Settled> {
  const settled = await settle(shop, simulators, { imported: run.imported, since: run.diedAt });
  run.diedAt = undefined;
  run.slowest = Math.max(run.slowest, settled.seconds);
  run.violations.push(...settled.counted.violations);
  return settled;
}

/** Nobody is there and nothing runs: what is brought in now is brought in. */
async function restock(run: Run, shop: KillableShop, { available }: Counted): Promise<void> {
  if (available >= stockMin) return;
  const operate = operatorsOf(shop.invoke);
  for (const listing_item_id of ["CW-60", "CW-120", "CW-240"]) {
    const batch = run.batches++;
    const units = Array.from({ length: stockedAtOnce }, (_, place) => ({ serial_number: `MORE-${batch}-${place}` }));
    const body = { listing_id: "lees-car-wash", listing_item_id, location_id: "lees-main", units };
    const said = await operate("inventory-operator", "stockUnits", body, `more-units-${batch}`);
    if (!said.ok) throw new Error(`nothing was brought in: ${said.code ?? said.errorType}`);
    run.imported += stockedAtOnce;
  }
}

/** A last look: everything has its answer, every buyer the text, every movement its line in the journal. */
async function conclude(run: Run, shop: KillableShop, { kills, untilTold, alone }: Pick<KillRun, "kills"> & Ending): Promise<KillRun> {
  const { simulators } = await shop.ready;
  const { violations, street } = run;
  const byItself = alone ? await settle(shop, simulators, { imported: run.imported, since: run.diedAt, alone }) : undefined;
  if (byItself) {
    run.diedAt = undefined;
    violations.push(...byItself.counted.violations);
  }
  await settleAndCount(run, shop, simulators);
  if (untilTold) violations.push(...(await toldInTheEnd(shop)));
  const { counted, truth, items } = await settleAndCount(run, shop, simulators);
  const stored = new Set(items.flatMap(({ pk }) => (pk.startsWith("ORDER#") ? [pk.split("#")[2] ?? ""] : [])));
  const texts = await outsideWorld(simulators).texts();
  for (const id of street.promised.keys()) if (!stored.has(id)) violations.push(`I6: order ${id} was promised and is not there`);
  for (const id of stored)
    if (texts.filter(({ body }) => body.includes(`.${id}.`)).length > 2) violations.push(`I26: order ${id} was texted more than twice`);
  for (const { principal, action, resource } of await shop.denied()) violations.push(`denied: ${principal} ${action} ${resource}`);
  return {
    kills,
    promised: street.promised.size,
    sales: truth.payment_intents.filter(({ status }) => status === "succeeded").length,
    refunds: counted.refunds,
    disputes: counted.disputed,
    expired: counted.expired,
    violations,
    slowestSettleSeconds: run.slowest,
    aloneSeconds: byItself?.seconds,
    counted,
  };
}

/** What is violated of the promises that the outbox and the journal's reader keep behind the sale (I26, I35). */
async function toldInTheEnd(shop: KillableShop): Promise<readonly string[]> {
  const becomes = (what: string, missing: (items: readonly Item[]) => readonly string[]) =>
    eventually(what, async () => missing(await shop.items()).length === 0, textSecondsMax).then(
      () => [],
      async () => missing(await shop.items()).map((id) => `${what}: not so for ${id}`),
    );
  return [...(await becomes("I26: every buyer has the text", untold)), ...(await becomes("I35: the journal is whole", unwritten))];
}

/** A text whose sender was killed is sent again by the outbox once its claim is old: forty-five seconds, then the queue's patience. */
const textSecondsMax = 300;

const of = <T>(items: readonly Item[], prefix: string): readonly T[] =>
  items.filter(({ pk }) => pk.startsWith(`${prefix}#`)) as unknown as readonly T[];

/** Paid orders that still have all their units, and whose text is not sent. */
function untold(items: readonly Item[]): readonly string[] {
  const sent = new Set(
    of<{ order_id: string; status: string }>(items, "MESSAGE").flatMap(({ order_id, status }) =>
      /^(sent|delivered)$/.test(status) ? [order_id] : [],
    ),
  );
  const orders = of<{ id: string; status: string; refund_count?: number; dispute?: object }>(items, "ORDER");
  return orders
    .filter(({ id, status, refund_count, dispute }) => status === "paid" && !refund_count && !dispute && !sent.has(id))
    .map(({ id }) => id);
}

/** Operations that moved money and have no line in the journal. */
function unwritten(items: readonly Item[]): readonly string[] {
  const written = new Set(of<{ id: string }>(items, "JOURNAL").map(({ id }) => id));
  const operations = of<{ id: string; details: Readonly<Record<string, unknown>> }>(items, "OP");
  return operations
    .filter(({ id, details }) => (details.captured !== undefined || details.refund_id !== undefined) && !written.has(id))
    .map(({ id }) => id);
}

// What a sale costs, counted on the running platform: units, calls, invocations, and dollars by the price table (goals S1, S7, S15-S17).
import { buy, open, statusOf } from "../test/flows/buyer.ts";
import { type Cost, costOf, httpFunctions, sum } from "../test/flows/meter.ts";
import { sessionOf } from "../test/flows/outside-world.ts";
import type { Platform } from "../test/flows/platform.ts";
import { outboxEmptied } from "./outbox.ts";
import { assumed, dollarsPer1000, pricesOf, type Used } from "./prices.ts";
import { heading, met, print, round, table } from "./print.ts";

/** A buyer with a phone: the scan, Pay, the order page after payment, one question whether the text arrived. */
async function sale(platform: Platform): Promise<void> {
  const { shop, world } = platform;
  await open(shop.scan);
  const placed = await buy(shop.url);
  await world.pay(sessionOf(placed.checkout_url));
  await platform.quiet();
  await open(placed.order_url);
  await statusOf(shop.url, placed.token);
}

const kmsRequests = ({ shop }: Platform): number =>
  shop.gateway.granted.filter(({ action }) => action.startsWith("kms:")).reduce((all, { times }) => all + times, 0);

export async function saleCosts(platform: Platform, sales: number): Promise<void> {
  await sale(platform);
  await outboxEmptied(platform);
  const kms = kmsRequests(platform);
  const lone = await costOf(platform, async () => {
    await sale(platform);
    await outboxEmptied(platform);
  });
  const used = usedBy(lone, kmsRequests(platform) - kms, 1);
  const many = await costOf(platform, async () => {
    await Promise.all(Array.from({ length: sales }, () => sale(platform)));
    await outboxEmptied(platform);
  });
  const shared = usedBy(many, used.kms_requests * sales, sales);

  heading("A sale", "counted on the running platform; alone, and in company of others, where the outbox's batches are shared");
  table(
    ["", "alone", `of ${sales}`, "goal"],
    [
      [
        "table calls of the order",
        lone.of("orders", ["BatchGetItem", "Query", "TransactWriteItems"]).calls,
        "",
        met(lone.of("orders", ["BatchGetItem", "Query", "TransactWriteItems"]).calls, 3),
      ],
      [
        "RCU of the order",
        lone.of("orders", ["BatchGetItem", "Query"]).readUnits,
        "",
        met(lone.of("orders", ["BatchGetItem", "Query"]).readUnits, 2),
      ],
      ["WCU of the order", lone.of("orders", ["TransactWriteItems"]).writeUnits, "", met(lone.of("orders", ["TransactWriteItems"]).writeUnits, 11)],
      ["WCU of the delivery", lone.of("fulfil-deliver").writeUnits, "", met(lone.of("fulfil-deliver").writeUnits, 11)],
      ["WCU of the whole life", used.write_units, round(shared.write_units), met(shared.write_units, 28)],
      ["RCU of the whole life", used.read_units, round(shared.read_units), ""],
      ["HTTP API calls", used.http_calls, round(shared.http_calls), met(used.http_calls, 7)],
      ["Lambda invocations", used.invocations, round(shared.invocations), met(shared.invocations, 12)],
      ["KMS requests", used.kms_requests, used.kms_requests, ""],
    ],
  );
  dollars(used, shared, sales);
}

const usedBy = (cost: Cost, kms_requests: number, sales: number): Used => ({
  write_units: cost.all.writeUnits / sales,
  read_units: cost.all.readUnits / sales,
  http_calls: sum(cost.invocations, httpFunctions) / sales,
  invocations: sum(cost.invocations) / sales,
  express_runs: (cost.invocations["fulfil-confirm"] ?? 0) / sales,
  // One send for each batch of the outbox, one receive and one delete for each batch of its reader.
  sqs_requests: ((cost.invocations.outbox ?? 0) + 2 * (cost.invocations["fulfil-events"] ?? 0)) / sales,
  kms_requests: kms_requests / sales,
});

function dollars(alone: Used, shared: Used, sales: number): void {
  heading("Dollars for 1000 sales", `AWS alone, prices of ${pricesOf}, sources in bench/prices.ts; no card fee, no text`);
  const [first, second] = [dollarsPer1000(alone), dollarsPer1000(shared)];
  const total = (by: Readonly<Record<string, number>>, but: readonly string[] = []): number =>
    Object.entries(by).reduce((all, [name, value]) => (but.includes(name) ? all : all + value), 0);
  table(
    ["", "alone", `of ${sales}`, "goal"],
    [
      ...Object.keys(first).map((name) => [name, round(first[name] ?? 0, 4), round(second[name] ?? 0, 4), ""]),
      ["all", round(total(first), 4), round(total(second), 4), met(round(total(second), 4), 0.05)],
      [
        "all but KMS, as S17 was reckoned",
        round(total(first, ["KMS"]), 4),
        round(total(second, ["KMS"]), 4),
        met(round(total(second, ["KMS"]), 4), 0.05),
      ],
    ],
  );
  print(
    `   assumed: ${1000 * assumed.invocation_seconds} ms at ${1024 * assumed.invocation_gb} MB an invocation, ${assumed.express_seconds} s at ${1024 * assumed.express_gb} MB a run, ${assumed.log_bytes} B of logs and ${assumed.static_files} static files a sale`,
  );
}

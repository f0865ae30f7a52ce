// Days that pass: everything stored, ours and the provider's, becomes older by whole days, so that what comes by night has something to compare.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Platform } from "./platform.ts";
import type { Item } from "./raw-table.ts";

/** Records that say when something happened. Units, listings and connections are as old as they are. */
const dated = /^(ORDER|PAYMENT|REFUND|OP|JOURNAL|NIGHT|INBOX|MESSAGE|FINDING|RECONCILIATION)#/;
const theirKinds = ["stripe_session", "stripe_intent", "stripe_charge", "stripe_refund", "stripe_dispute"];
const secondsPerDay = 86_400;

/** Once the platform is quiet: a text on its way would look as if its sender had died days ago. */
export async function letDaysPass({ table, dataDir, quiet }: Pick<Platform, "table" | "dataDir" | "quiet">, days: number): Promise<void> {
  await quiet();
  const before = (await table.all()).filter(({ pk }) => dated.test(pk));
  const after = before.map((item) => older(item, days) as Item);
  await table.put(after);
  const kept = new Set(after.map(placeOf));
  await table.remove(before.filter((item) => !kept.has(placeOf(item))));
  ageProvider(join(dataDir, "simulators.sqlite"), days);
}

const placeOf = ({ pk, sk }: Item): string => `${pk}\n${sk}`;

/** Dates and the dates of instants, wherever they stand in the text: a whole day earlier is the same time of day. */
const date = /(?<![\d-])\d{4}-\d\d-\d\d(?=$|#|T\d\d:\d\d)/g;

function older(value: unknown, days: number): unknown {
  if (typeof value === "string") return value.replace(date, (one) => earlier(one, days));
  if (Array.isArray(value)) return value.map((one) => older(one, days));
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, older(one, days)]));
}

const earlier = (one: string, days: number): string => new Date(Date.parse(one) - days * secondsPerDay * 1000).toISOString().slice(0, 10);

/** The simulators keep everything in this file and nothing of it in memory. */
function ageProvider(file: string, days: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
    const age = database.prepare(
      `UPDATE records SET record = json_set(record,
         '$.object.created', json_extract(record, '$.object.created') - ?,
         '$.object.expires_at', json_extract(record, '$.object.expires_at') - ?)
       WHERE kind = ?`,
    );
    for (const kind of theirKinds) age.run(days * secondsPerDay, days * secondsPerDay, kind);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

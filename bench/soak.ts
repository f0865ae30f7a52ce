// `npm run soak`: the shop is killed outright, again and again, while people buy, are paid back and quarrel; after each restart everything must settle
// within a minute and the books be right, counted from raw records; after the last death by the product's own schedule. The last line is figures. Ends with 1 when anything was violated.
//   npm run soak -- --kills 50
import { parseArgs } from "node:util";
import { killRepeatedly } from "../test/flows/kill.ts";
import { settleSecondsMax } from "../test/flows/settle.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "200" }, seed: { type: "string" } } });
const kills = Number(values.kills);
if (!Number.isSafeInteger(kills) || kills < 1) {
  process.stderr.write("How many kills? A whole number, 1 or more: npm run soak -- --kills 50\n");
  process.exit(1);
}
/** Kills after which there must have been sales, refunds, disputes and holds that ended. */
const everythingHappensIn = 20;
const seed = values.seed ?? String(Date.now());
const startedAt = performance.now();
const secondsSoFar = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`${kills} kills, seed ${seed}: settled within ${settleSecondsMax} s after each, or it is a violation`);
const run = await killRepeatedly({ kills, seed, alone: true, progress: (line) => say(`${String(secondsSoFar()).padStart(7)} s  ${line}`) });
for (const violation of run.violations) say(`VIOLATION ${violation}`);
const { sales, refunds, disputes, expired, violations } = run;
const tenths = (seconds = 0): number => Math.round(seconds * 10) / 10;
const slowest_settle_s = tenths(run.slowestSettleSeconds);
const alone_s = tenths(run.aloneSeconds);
say(JSON.stringify({ kills, sales, refunds, disputes, expired, violations: violations.length, slowest_settle_s, alone_s, seconds: secondsSoFar() }));
// A long run in which something never happened has not shown that it is survived.
const met = kills < everythingHappensIn || Math.min(sales, refunds, disputes, expired) > 0;
if (!met) say("not everything happened in this run: the figures above say what did not");
process.exit(violations.length === 0 && met ? 0 : 1);

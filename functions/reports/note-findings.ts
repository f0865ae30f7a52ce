// Findings are noted once, whichever run sees them, and the workflow is set on those that it can end. Money and stock are never touched here.
import { businessDate, type Clock, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { contentHash, hashId } from "../../platform/ids/ids.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Page, Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import type { News } from "../payments/index.ts";
import { type Difference, differences, newsOf, type Verdict } from "./difference.ts";
import { addFinding, type Finding, findingGone, findingPartition, findingSeen, findings } from "./finding-table.ts";
import type { Tally } from "./tally.ts";

export interface NotePorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<Healing>;
}
/** What the workflow is started with: the order, and what it may be about besides a payment coming in. */
export interface Healing {
  readonly merchant_id: string;
  readonly order_id: string;
  readonly news?: News;
}
export interface Books {
  readonly merchant_id: string;
  readonly connection_id: string;
  /** IANA zone of the merchant's days. */
  readonly zone: string;
  /** Nothing compares this time again by itself: what is found now is for a person, whether or not it may still end. */
  readonly last?: boolean;
}

interface OpenBooks extends Books {
  readonly account: string;
}

/** Keys of one read. */
const readMax = 100;

export const noteFindings = async (verdicts: readonly Verdict[], books: OpenBooks, tally: Tally, ports: NotePorts): Promise<void> => {
  const found = verdicts.flatMap((verdict) => {
    if (verdict.kind === "same") return [];
    const finding = findingOf(verdict.difference, books, ports.clock.now());
    if (verdict.kind === "differs") return [finding];
    tally.moves(finding.id);
    return [];
  });
  const known = await ports.table.getMany(found.map((finding) => [findings, finding] as const));
  const owed = found.map((finding, at) => isPersons(finding, known[at], books.last));
  // Told before it is noted that it was: after a crash in between it is told once more.
  tell(
    found.filter((_, at) => owed[at]),
    ports.log,
  );
  for (const [at, finding] of found.entries()) {
    tally.finding(finding.id, finding.kind, finding.heals);
    const before = known[at];
    const told = owed[at] ? { told_at: finding.found_at } : {};
    if (!before) await ports.table.write(addFinding({ ...finding, ...told }));
    else if (before.state === "gone" || owed[at] || wordsOf(before) !== wordsOf(finding))
      await ports.table.write(findingSeen(before, { ...said(finding), ...told, seen_at: finding.found_at }));
    const news = newsOf(finding.kind);
    if (finding.heals && finding.order_id)
      await startFulfilment({ merchant_id: books.merchant_id, order_id: finding.order_id, ...(news && { news }) }, ports);
  }
};

/** Whichever connection to the account sees it. */
const findingOf = (difference: Difference, { merchant_id, connection_id, account, zone }: OpenBooks, now: Instant): Finding => ({
  ...difference,
  id: hashId("finding", account, difference.kind, difference.object_id),
  merchant_id,
  connection_id,
  date: businessDate(difference.happened_at as Instant, zone),
  ends: [...differences[difference.kind].ends],
  state: "open",
  found_at: now,
});

const said = ({ heals, theirs, ours }: Finding) => ({ heals, theirs, ours });
const wordsOf = (finding: Finding): string => contentHash(said(finding));

/** Longer than the workflow and the next look take together: what it was set on before has not ended by itself. */
const healingMinutes = 90;

/** Whether a person must be told now: of what nothing here can end, and of what should have ended by now; of each once, and again when it comes back. */
const isPersons = ({ heals, found_at }: Finding, before: Finding | undefined, last = false): boolean => {
  // One that was gone is new: the workflow is only now set on it again.
  const open = before?.state === "open" ? before : undefined;
  if (open?.told_at !== undefined) return false;
  return last || !heals || (open !== undefined && open.found_at <= plusMinutes(found_at as Instant, -healingMinutes));
};

/** The alarm counts these lines. */
const tell = (told: readonly Finding[], log: Log): void => {
  for (const date of new Set(told.map((finding) => finding.date))) {
    const those = told.filter((finding) => finding.date === date);
    const [{ merchant_id, connection_id } = {}] = those;
    log("error", "books_differ", { ...(merchant_id && { merchant_id }), ...(connection_id && { connection_id }), date, count: those.length });
  }
};

/** A start that fails is made up for by the next look: what the workflow was set on is looked at again before its day is done. */
const startFulfilment = async (ref: Healing, { fulfilOrder, log }: NotePorts): Promise<void> => {
  try {
    await fulfilOrder.start(ref);
  } catch {
    log("warn", "fulfilment_not_started", { ...ref });
  }
};

/** After a whole comparison: what it looked at and did not find to differ any more is gone. */
export const closeGone = async (
  dates: readonly string[],
  isGone: (finding: Finding) => boolean,
  { merchant_id, connection_id }: Books,
  { table, clock }: NotePorts,
): Promise<void> => {
  for (const date of dates) {
    for await (const finding of findingsOf(table, merchant_id, date)) {
      if (finding.connection_id === connection_id && finding.state === "open" && isGone(finding))
        await table.write(findingGone(finding, clock.now()));
    }
  }
};

/** All findings of a merchant's day, in order of id. */
async function* findingsOf(table: Table, merchant_id: string, date: string): AsyncGenerator<Finding> {
  for (let from: string | undefined = ""; from !== undefined; ) {
    const page: Page<Finding> = await table.query<Finding>(findings, findingPartition(merchant_id, date), { limit: readMax, ...(from && { from }) });
    yield* page.items;
    from = page.more ? after(page.items.at(-1)?.id) : undefined;
  }
}

/** The least sort key beyond one. */
export const after = (key: string | undefined): string | undefined => (key === undefined ? undefined : `${key} `);

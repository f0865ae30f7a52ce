// What a comparison counts while it reads: objects, differences, and money on both sides.
import { contentHash } from "../../platform/ids/ids.ts";
import { type DifferenceKind, differenceKinds } from "./difference.ts";
import type { Reconciliation } from "./finding-table.ts";

type Side = "theirs" | "ours";
type Movement = "captured" | "refunded";
type Counted = "sessions" | "refunds" | "disputes" | "foreign" | "journal_lines" | "moving";
export type Counts = Pick<Reconciliation, Counted | "found" | "sums">;

export class Tally {
  private readonly counts: Record<Counted, number> = { sessions: 0, refunds: 0, disputes: 0, foreign: 0, journal_lines: 0, moving: 0 };
  private readonly found: Partial<Record<DifferenceKind, number>> = {};
  private readonly money = new Map<string, Record<Side, Record<Movement, number>>>();
  /** Findings that were seen, also those that may still be delay. */
  readonly seen = new Set<string>();
  private healing = 0;

  count(what: Counted): void {
    this.counts[what]++;
  }
  /** Too young to be told from delay. */
  moves(id: string): void {
    this.seen.add(id);
    this.counts.moving++;
  }
  /** @param heals whether the workflow was set on it */
  finding(id: string, kind: DifferenceKind, heals: boolean): void {
    this.seen.add(id);
    this.found[kind] = (this.found[kind] ?? 0) + 1;
    if (heals) this.healing++;
  }
  /** Differences that only another look can tell to have ended, or to be there at all. */
  get awaited(): number {
    return this.counts.moving + this.healing;
  }
  /** What another one found is said with this one's: it neither counts nor sums here, and nobody waits for it. */
  tellOf(other: Tally): void {
    for (const id of other.seen) this.seen.add(id);
    for (const kind of differenceKinds) {
      const count = (this.found[kind] ?? 0) + (other.found[kind] ?? 0);
      if (count > 0) this.found[kind] = count;
    }
  }
  /** @param amount minor units of the currency */
  add(side: Side, movement: Movement, amount: number, currency: string): void {
    const sums = this.money.get(currency) ?? { theirs: { captured: 0, refunded: 0 }, ours: { captured: 0, refunded: 0 } };
    sums[side][movement] += amount;
    this.money.set(currency, sums);
  }

  result(): Counts & { readonly digest: string } {
    const side = ({ captured, refunded }: Record<Movement, number>) => ({ captured, refunded, net: captured - refunded });
    const sums = [...this.money]
      .map(([currency, { theirs, ours }]) => ({ currency, theirs: side(theirs), ours: side(ours) }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
    const counts = { ...this.counts, found: this.found, sums };
    return { ...counts, digest: contentHash({ ...counts, seen: [...this.seen].sort() }) };
  }
}

// The judge of a run. It reads raw items by their prefix and the providers' books; it imports no verb and no table file of a context.
import type { Commit } from "../../../platform/table/memory.ts";
import type { Execution } from "../scheduler.ts";
import type { Books, Invariant } from "./books.ts";
import { commandInvariants } from "./commands.ts";
import { deskInvariants } from "./desk.ts";
import { disputeInvariants } from "./disputes.ts";
import { holdInvariants } from "./holds.ts";
import { lifeInvariants } from "./lives.ts";
import { mistakeInvariants } from "./mistakes.ts";
import { moneyInvariants } from "./money.ts";
import { claimInvariants } from "./refund-claims.ts";
import { refundInvariants } from "./refunds.ts";
import { replacementInvariants } from "./replacements.ts";
import { reportInvariants } from "./reports.ts";
import { stockInvariants } from "./stock.ts";
import { textInvariants } from "./texts.ts";
import { trustInvariants } from "./trust.ts";

export interface Violation {
  readonly invariant: string;
  readonly message: string;
  /** The turn after which it was seen; undefined when all was quiet. */
  readonly place?: number;
}

export const invariants: readonly Invariant[] = [
  ...stockInvariants,
  ...holdInvariants,
  ...moneyInvariants,
  ...refundInvariants,
  ...claimInvariants,
  ...disputeInvariants,
  ...deskInvariants,
  ...lifeInvariants,
  ...replacementInvariants,
  ...commandInvariants,
  ...reportInvariants,
  ...trustInvariants,
  ...textInvariants,
  ...mistakeInvariants,
];

/** Enough to read; the first is the one that counts. */
const violationsMax = 10;

export class Checker {
  readonly violations: Violation[] = [];

  #report(invariant: string, messages: readonly string[], place?: number): void {
    for (const message of messages) {
      if (this.violations.length >= violationsMax || this.violations.some((known) => known.invariant === invariant && known.message === message))
        continue;
      this.violations.push({ invariant, message, ...(place !== undefined && { place }) });
    }
  }

  committed(books: Books, commit: Commit, by: Execution | undefined, place: number): void {
    for (const { id, always } of invariants) if (always) this.#report(id, always(books, commit, by), place);
  }

  quiet(at: Books): void {
    // Nothing moves now: the provider's books are read once.
    const truth = at.stripe.truth();
    const books: Books = { ...at, stripe: { truth: () => truth } };
    for (const { id, quiet } of invariants) if (quiet) this.#report(id, quiet(books));
  }

  /** What only the run itself can see: that it never ends, that telling it all again changes something. */
  broken(invariant: string, message: string): void {
    this.#report(invariant, [message]);
  }
}

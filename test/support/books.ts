// A provider's books in memory: kept in order of creation, shown newest first in pages, with the gaps and silences of a real one on request.
import type {
  BooksEntry,
  BooksPage,
  BooksWindow,
  ListedDispute,
  ListedRefund,
  ListedSession,
  ProviderBooks,
} from "../../functions/payments/provider-books.ts";

const silent = async () => ({ kind: "unknown" as const });

/** Books that nobody may look into. */
export const closedBooks: ProviderBooks = {
  listSessions: silent,
  listRefunds: silent,
  listDisputes: silent,
  findSession: silent,
  findRefund: silent,
  findDispute: silent,
};

export class TestBooks implements ProviderBooks {
  readonly sessions = new Map<string, ListedSession>();
  readonly refunds = new Map<string, ListedRefund>();
  readonly disputes = new Map<string, ListedDispute>();
  pageSize = 100;
  pages = 0;
  /** Answers of this page and the next ones are lost. */
  silentFrom = Number.POSITIVE_INFINITY;
  /** Sessions that a list leaves out although they are there. */
  readonly left = new Set<string>();

  add(session: ListedSession): void {
    this.sessions.set(session.session_id, session);
  }
  addRefund(refund: ListedRefund): void {
    this.refunds.set(refund.provider_refund_id, refund);
  }
  addDispute(dispute: ListedDispute): void {
    this.disputes.set(dispute.dispute_id, dispute);
  }

  listSessions = async (window: BooksWindow, cursor?: string): Promise<BooksPage<ListedSession>> =>
    this.page([...this.sessions.values()], ({ session_id }) => session_id, window, cursor);
  listRefunds = async (window: BooksWindow, cursor?: string): Promise<BooksPage<ListedRefund>> =>
    this.page([...this.refunds.values()], ({ provider_refund_id }) => provider_refund_id, window, cursor);
  listDisputes = async (window: BooksWindow, cursor?: string): Promise<BooksPage<ListedDispute>> =>
    this.page([...this.disputes.values()], ({ dispute_id }) => dispute_id, window, cursor);
  findSession = async (id: string): Promise<BooksEntry<ListedSession>> => entry(this.sessions.get(id));
  findRefund = async (id: string): Promise<BooksEntry<ListedRefund>> => entry(this.refunds.get(id));
  findDispute = async (id: string): Promise<BooksEntry<ListedDispute>> => entry(this.disputes.get(id));

  private page<T extends { readonly created_at: string }>(
    all: readonly T[],
    idOf: (item: T) => string,
    { from, to }: BooksWindow,
    cursor: string | undefined,
  ): BooksPage<T> {
    if (this.pages++ >= this.silentFrom) return { kind: "unknown" };
    const shown = all.filter((item) => item.created_at >= from && item.created_at < to && !this.left.has(idOf(item))).reverse();
    const start = cursor === undefined ? 0 : shown.findIndex((item) => idOf(item) === cursor) + 1;
    const items = shown.slice(start, start + this.pageSize);
    const last = items.at(-1);
    return { kind: "page", items, ...(start + items.length < shown.length && last && { next: idOf(last) }) };
  }
}

const entry = <T>(item: T | undefined): BooksEntry<T> => (item ? { kind: "found", item } : { kind: "absent" });

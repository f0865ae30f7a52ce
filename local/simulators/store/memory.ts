// The store in memory, for the simulation and for tests of the cores. A failed transaction is undone from a journal.
import type { Index, Kind, Newest, Store } from "./store.ts";

interface Row {
  readonly seq: number;
  readonly text: string;
  readonly index: Index;
}

export const memoryStore = (): Store => {
  const tables = new Map<string, Map<string, Row>>();
  let journal: (() => void)[] | undefined;
  let seq = 0;

  const table = (kind: Kind<unknown>): Map<string, Row> => {
    const existing = tables.get(kind.name);
    if (existing) return existing;
    const made = new Map<string, Row>();
    tables.set(kind.name, made);
    return made;
  };
  const replace = (rows: Map<string, Row>, id: string, row: Row | undefined): void => {
    const before = rows.get(id);
    journal?.push(() => (before ? rows.set(id, before) : rows.delete(id)));
    if (row) rows.set(id, row);
    else rows.delete(id);
  };
  const parsed = <T>(rows: readonly Row[]): T[] => rows.map((row) => JSON.parse(row.text) as T);

  return {
    transaction: (work) => {
      if (journal) return work();
      journal = [];
      try {
        return work();
      } catch (fault) {
        for (const undo of journal.reverse()) undo();
        throw fault;
      } finally {
        journal = undefined;
      }
    },
    get: <T>(kind: Kind<T>, id: string): T | undefined => {
      const row = table(kind).get(id);
      return row && (JSON.parse(row.text) as T);
    },
    put: <T>(kind: Kind<T>, id: string, record: T, index: Index = {}) => {
      const rows = table(kind);
      replace(rows, id, { seq: rows.get(id)?.seq ?? ++seq, text: JSON.stringify(record), index });
    },
    erase: (kind, id) => replace(table(kind), id, undefined),
    newest: <T>(kind: Kind<T>, { limit, by, before }: Newest): T[] => {
      const rows = table(kind);
      const end = before === undefined ? Infinity : (rows.get(before)?.seq ?? 0);
      const found = [...rows.values()].filter((row) => row.seq < end && (by === undefined || row.index.by === by));
      return parsed<T>(found.sort((a, b) => b.seq - a.seq).slice(0, limit));
    },
    due: <T>(kind: Kind<T>, at: number, limit: number): T[] => {
      const found = [...table(kind).values()].filter((row) => row.index.due !== undefined && row.index.due <= at);
      return parsed<T>(found.sort((a, b) => (a.index.due ?? 0) - (b.index.due ?? 0) || a.seq - b.seq).slice(0, limit));
    },
    nextDue: (kind) => {
      const times = [...table(kind).values()].flatMap((row) => row.index.due ?? []);
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
    },
  };
};

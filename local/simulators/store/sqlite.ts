// The store in one SQLite file. Write-ahead log: a kill at any instant loses nothing that was answered.
import { DatabaseSync } from "node:sqlite";
import type { Index, Kind, Newest, Store } from "./store.ts";

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS records (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    by_key TEXT,
    due    INTEGER,
    record TEXT NOT NULL,
    UNIQUE (kind, id)
  );
  CREATE INDEX IF NOT EXISTS records_by_time ON records (kind, seq);
  CREATE INDEX IF NOT EXISTS records_by_key ON records (kind, by_key, seq);
  CREATE INDEX IF NOT EXISTS records_due ON records (kind, due) WHERE due IS NOT NULL;
`;

/** Opens (or creates) the file. `close` leaves it ready for the next start. */
export const sqliteStore = (file: string): Store & { close(): void } => {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const select = {
    one: database.prepare("SELECT record FROM records WHERE kind = ? AND id = ?"),
    place: database.prepare("SELECT seq FROM records WHERE kind = ? AND id = ?"),
    newest: database.prepare("SELECT record FROM records WHERE kind = ? AND seq < ? ORDER BY seq DESC LIMIT ?"),
    newestBy: database.prepare("SELECT record FROM records WHERE kind = ? AND by_key = ? AND seq < ? ORDER BY seq DESC LIMIT ?"),
    due: database.prepare("SELECT record FROM records WHERE kind = ? AND due IS NOT NULL AND due <= ? ORDER BY due, seq LIMIT ?"),
    nextDue: database.prepare("SELECT min(due) AS due FROM records WHERE kind = ? AND due IS NOT NULL"),
  };
  const upsert = database.prepare(
    `INSERT INTO records (kind, id, by_key, due, record) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET by_key = excluded.by_key, due = excluded.due, record = excluded.record`,
  );
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND id = ?");
  const parsed = <T>(rows: readonly Record<string, unknown>[]): T[] => rows.map((row) => JSON.parse(String(row.record)) as T);
  let inside = false;

  return {
    transaction: (work) => {
      if (inside) return work();
      database.exec("BEGIN IMMEDIATE");
      inside = true;
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (fault) {
        database.exec("ROLLBACK");
        throw fault;
      } finally {
        inside = false;
      }
    },
    get: <T>(kind: Kind<T>, id: string): T | undefined => {
      const row = select.one.get(kind.name, id);
      return row && (JSON.parse(String(row.record)) as T);
    },
    put: <T>(kind: Kind<T>, id: string, record: T, index: Index = {}) => {
      upsert.run(kind.name, id, index.by ?? null, index.due === undefined ? null : Math.ceil(index.due), JSON.stringify(record));
    },
    erase: (kind, id) => {
      remove.run(kind.name, id);
    },
    newest: <T>(kind: Kind<T>, { limit, by, before }: Newest): T[] => {
      const end = before === undefined ? Number.MAX_SAFE_INTEGER : Number(select.place.get(kind.name, before)?.seq ?? 0);
      return parsed<T>(by === undefined ? select.newest.all(kind.name, end, limit) : select.newestBy.all(kind.name, by, end, limit));
    },
    due: <T>(kind: Kind<T>, at: number, limit: number): T[] => parsed<T>(select.due.all(kind.name, Math.floor(at), limit)),
    nextDue: (kind) => {
      const due = select.nextDue.get(kind.name)?.due;
      return due === null || due === undefined ? undefined : Number(due);
    },
    close: () => database.close(),
  };
};

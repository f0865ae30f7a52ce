// Dynoxide finds the newest stream record by reading them all, at every write, and never forgets one. Two indexes and a
// regular trim in its own file keep a write's cost flat.
import { DatabaseSync } from "node:sqlite";

/** DynamoDB Streams keeps a record for a day. */
const keptSeconds = 24 * 60 * 60;
const rowsPerTrim = 500;
/** How long to wait for the engine's own writes, ms. */
const busyMs = 5_000;

export interface StreamRecords {
  /** Forgets records older than a day; gives the number forgotten. The newest of each table stays: numbers go on from it. */
  trim(nowMs: number): number;
  close(): void;
}

/** @param file the engine's SQLite file, while the engine runs */
export function mendStreamRecords(file: string): StreamRecords {
  const database = new DatabaseSync(file, { timeout: busyMs });
  // No fsync for our own bookkeeping: losing an index or a trim costs nothing.
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec("CREATE INDEX IF NOT EXISTS local_stream_sequence ON _stream_records (table_name, CAST(sequence_number AS INTEGER))");
  database.exec("CREATE INDEX IF NOT EXISTS local_stream_shard ON _stream_records (table_name, shard_id, id)");
  const old = database.prepare(`
    DELETE FROM _stream_records WHERE id IN (
      SELECT id FROM _stream_records WHERE created_at < ?
        AND id NOT IN (SELECT max(id) FROM _stream_records GROUP BY table_name)
      ORDER BY id LIMIT ${rowsPerTrim})`);
  return {
    trim(nowMs) {
      const before = Math.floor(nowMs / 1000) - keptSeconds;
      let forgotten = 0;
      for (;;) {
        const { changes } = old.run(before);
        forgotten += Number(changes);
        if (Number(changes) < rowsPerTrim) return forgotten;
      }
    },
    close: () => database.close(),
  };
}

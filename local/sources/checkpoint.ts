// How far each stream mapping has come, kept across restarts. Written after delivery: a crash in between delivers again, never skips.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Checkpoint {
  read(shardId: string): string | undefined;
  /** Every record up to and including this one is dealt with. */
  write(shardId: string, sequenceNumber: string): void;
}

/** One small file per mapping under `dir`; a damaged one counts as none, since the consumers stand a second delivery. */
export function fileCheckpoint(dir: string, mappingId: string, streamArn: string): Checkpoint {
  const file = join(dir, `${mappingId}.json`);
  mkdirSync(dir, { recursive: true });
  const shards = load(file, streamArn);
  return {
    read: (shardId) => shards[shardId],
    write(shardId, sequenceNumber) {
      shards[shardId] = sequenceNumber;
      writeFileSync(`${file}.new`, JSON.stringify({ stream_arn: streamArn, shards }));
      renameSync(`${file}.new`, file);
    },
  };
}

/** Sequence numbers of another stream (a table made anew) mean nothing. */
function load(file: string, streamArn: string): Record<string, string> {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as { stream_arn?: unknown; shards?: Record<string, string> };
    return kept.stream_arn === streamArn ? { ...kept.shards } : {};
  } catch {
    return {};
  }
}

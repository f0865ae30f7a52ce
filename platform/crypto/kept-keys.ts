// Unwrapped data keys of what is opened with every sale (a shop's connection, the SMS channel) are kept for a few minutes: KMS asks as much
// for each unwrapping as the whole table does for a sale. Keys of persons and units are opened once and never kept.
import { type Clock, type Instant, plusMinutes } from "../clock/clock.ts";
import type { DataKeys, Purpose } from "./sealer.ts";

const kept: ReadonlySet<Purpose> = new Set(["connection", "channel"]);
/** How long a revoked grant may still open what it opened before. */
export const keptMinutes = 5;
const keptMax = 100;

export const keepingKeys = (keys: DataKeys, clock: Clock): DataKeys => {
  const plain = new Map<string, { readonly key: Promise<Uint8Array>; readonly until: Instant }>();
  return {
    generate: (purpose, scope) => keys.generate(purpose, scope),
    unwrap(purpose, scope, wrapped) {
      if (!kept.has(purpose)) return keys.unwrap(purpose, scope, wrapped);
      const name = JSON.stringify([purpose, scope, wrapped]);
      const now = clock.now();
      const known = plain.get(name);
      if (known && known.until > now) return known.key;
      if (plain.size >= keptMax) plain.clear();
      const key = keys.unwrap(purpose, scope, wrapped);
      plain.set(name, { key, until: plusMinutes(now, keptMinutes) });
      // A refusal is not kept: it may be a passing one.
      key.catch(() => plain.delete(name));
      return key;
    },
  };
};

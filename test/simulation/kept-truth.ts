// The provider's own books, read after every commit by several invariants: parsed once for each change of the store, not once for each look.
import type { Kind, Newest, Store } from "../../local/simulators/store/store.ts";

export interface WatchedStore extends Store {
  /** Another number after every change. */
  version(): number;
}

/** No list of a run is longer: a read of so many is a read of all. */
const all = 10_000;

/**
 * The same store; whole lists of a kind are kept until that kind changes. What is read so is shared: look, do not touch.
 * Reads of single records and of parts are copies, as ever.
 */
export const watchedStore = (store: Store): WatchedStore => {
  let version = 0;
  const lists = new Map<string, readonly unknown[]>();
  const changed = (kind: Kind<unknown>): void => {
    version += 1;
    lists.delete(kind.name);
  };
  return {
    ...store,
    version: () => version,
    transaction: (work) => {
      try {
        return store.transaction(work);
      } catch (fault) {
        // Undone: what was kept meanwhile may be what never was.
        lists.clear();
        version += 1;
        throw fault;
      }
    },
    put: (kind, id, record, index) => {
      changed(kind);
      store.put(kind, id, record, index);
    },
    erase: (kind, id) => {
      changed(kind);
      store.erase(kind, id);
    },
    newest: <T>(kind: Kind<T>, query: Newest): T[] => {
      if (query.limit < all || query.by !== undefined || query.before !== undefined) return store.newest(kind, query);
      const kept = (lists.get(kind.name) as T[] | undefined) ?? store.newest(kind, query);
      lists.set(kind.name, kept);
      return kept;
    },
  };
};

/** `read` again only when the version has changed. */
export const keptUntil = <T>(version: () => number, read: () => T): (() => T) => {
  let kept: { readonly version: number; readonly value: T } | undefined;
  return () => {
    const now = version();
    if (kept?.version !== now) kept = { version: now, value: read() };
    return kept.value;
  };
};

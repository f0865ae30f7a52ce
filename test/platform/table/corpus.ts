// A seeded corpus of commands on a small key space, so that most of them meet one another: the same seed, the same commands.
import {
  change,
  check,
  create,
  erase,
  type Guard,
  guarded,
  type QueryOptions,
  replace,
  type Table,
  upsert,
  type Write,
  when,
} from "../../../platform/table/model.ts";
import { operations, type ThingId, things } from "./records.ts";

export type Command =
  | { readonly verb: "get"; readonly id: ThingId; readonly consistent: boolean }
  | { readonly verb: "getMany"; readonly ids: readonly ThingId[]; readonly consistent: boolean }
  | { readonly verb: "query"; readonly partition: string; readonly options: QueryOptions }
  | { readonly verb: "due"; readonly shard: string; readonly until: string; readonly limit: number }
  | { readonly verb: "desk"; readonly of: string; readonly options: Omit<QueryOptions, "consistent"> }
  | { readonly verb: "write"; readonly write: Write }
  | { readonly verb: "transact"; readonly writes: readonly Write[] };

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const partitions = ["a", "b", "é", "東"];
const sorts = ["-", "1", "10", "2", "é", "東京", "🚗", "\uffee", "Z", "z"];
const words = ["", "a", "ab", "b", "available", "réservé", "東京", "🚗", "\uffee", "10", "9"];
const numbers = [-1000000, -1.5, -1, 0, 0.1, 1, 2, 9, 10, 123456.789, 2 ** 53 - 1, 1e-7];
const members = ["x", "y", "z", "🚗"];
const attributes = ["status", "count", "flag", "holds", "size", "note"];
const instants = ["2026-11-21T12:00:00.000000Z", "2026-11-21T12:01:00.000000Z", "2026-11-22T00:00:00.000000Z"];
const shards = ["0", "1"];

/** An endless series of commands. */
export function* corpus(seed: number): Generator<Command, never> {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const chance = (share: number) => random() < share;
  const some = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

  const id = (): ThingId => ({ partition: pick(partitions), sort: pick(sorts) });
  const scalar = () => (chance(0.4) ? pick(words) : chance(0.7) ? pick(numbers) : chance(0.5));
  const set = () => new Set(some(below(4), () => pick(members)));
  const nested = () => ({ list: [pick(words), null, { deep: pick(numbers) }], empty: [], gone: undefined, bytes: new Uint8Array([1, 2, 255]) });

  const fields = (): Record<string, unknown> => ({
    ...(chance(0.7) && { status: chance(0.9) ? pick(words) : scalar() }),
    ...(chance(0.7) && { count: chance(0.9) ? pick(numbers) : scalar() }),
    ...(chance(0.3) && { flag: chance(0.5) }),
    ...(chance(0.5) && { holds: chance(0.95) ? set() : scalar() }),
    ...(chance(0.2) && { size: scalar() }),
    ...(chance(0.2) && { note: chance(0.5) ? nested() : undefined }),
    ...(chance(0.3) && { due_shard: pick(shards) }),
    ...(chance(0.3) && { due_at: chance(0.97) ? pick(instants) : pick(numbers) }),
    ...(chance(0.3) && { desk_of: pick(shards) }),
    ...(chance(0.3) && { desk_place: chance(0.97) ? pick(instants) : pick(numbers) }),
  });

  const guard = (depth = 2): Guard => {
    const attribute = pick(attributes);
    switch (below(depth > 0 ? 11 : 9)) {
      case 0:
        return when.absent;
      case 1:
        return when.present;
      case 2:
        return when.equals(attribute, scalar());
      case 3:
        return when.oneOf(attribute, some(below(4), scalar));
      case 4:
        return when.missing(attribute);
      case 5:
        return when.atLeast(attribute, chance(0.5) ? pick(words) : pick(numbers));
      case 6:
        return when.atMost(attribute, chance(0.5) ? pick(words) : pick(numbers));
      case 7:
        return when.contains(chance(0.8) ? "holds" : attribute, pick(members));
      case 8:
        return when.fewerThan(chance(0.8) ? "holds" : attribute, below(4));
      case 9:
        return when.all(...some(below(4), () => guard(depth - 1)));
      default:
        return when.any(...some(below(4), () => guard(depth - 1)));
    }
  };

  /** A change; now and then one that touches nothing or the same attribute twice, which is refused. */
  const alteration = () => ({
    ...(chance(0.7) && { set: fields() }),
    ...(chance(0.3) && { remove: some(below(3), () => pick([...attributes, "due_at"])) }),
    ...(chance(0.3) && { include: { [chance(0.9) ? "holds" : "other"]: pick(members) } }),
    ...(chance(0.2) && { exclude: { [chance(0.6) ? "other" : "holds"]: pick(members) } }),
  });

  const bare = (target: ThingId): Write<never> => {
    switch (below(8)) {
      case 0:
      case 1:
        return create(things, target, fields());
      case 2:
        return replace(things, target, fields());
      case 3:
      case 4:
        return change(things, target, alteration(), guard());
      case 5:
        return upsert(things, target, alteration(), guard());
      default:
        return erase(things, target, chance(0.5) ? guard() : when.present);
    }
  };
  const named = (write: Write<never>): Write => (chance(0.93) ? guarded(`refusal_${below(5)}`, write) : write);

  let made = 0;
  const proven: (readonly Write[])[] = [];
  const transaction = (): readonly Write[] => {
    if (proven.length > 0 && chance(0.08)) return pick(proven);
    const targets = new Map(some(1 + below(4), () => id()).map((target) => [`${target.partition}/${target.sort}`, target]));
    const writes = [...targets.values()].map((target) => named(chance(0.25) ? check(things, target, guard()) : bare(target)));
    if (chance(0.02)) writes.push(named(bare([...targets.values()][0] as ThingId)));
    if (chance(0.5)) {
      // Now and then the proof of an earlier command under other contents: the same key, another body.
      const operation = `${seed}-${chance(0.75) ? made : below(10)}`;
      made += 1;
      const proof: Write = { ...create(operations, operation, { does: pick(words), at: below(1000) }), proof: true } as Write;
      writes.splice(below(writes.length + 1), 0, proof);
      proven.push(writes);
      if (proven.length > 20) proven.shift();
    }
    return writes;
  };

  while (true) {
    const roll = random();
    if (roll < 0.1) yield { verb: "get", id: id(), consistent: chance(0.5) };
    else if (roll < 0.17) yield { verb: "getMany", ids: some(below(12), id), consistent: chance(0.5) };
    else if (roll < 0.27) {
      const options = { limit: 1 + below(6), descending: chance(0.5), consistent: chance(0.5), ...(chance(0.5) && { from: pick(sorts) }) };
      yield { verb: "query", partition: pick(partitions), options };
    } else if (roll < 0.32) yield { verb: "due", shard: pick(shards), until: pick(instants), limit: 50 };
    else if (roll < 0.35)
      yield { verb: "desk", of: pick(shards), options: { limit: 50, descending: chance(0.5), ...(chance(0.5) && { from: pick(instants) }) } };
    else if (roll < 0.62) yield { verb: "write", write: named(bare(id())) };
    else yield { verb: "transact", writes: transaction() };
  }
}

/** What a table answers to a command; a thrown error counts by its name. */
export async function answerOf(table: Table, command: Command): Promise<unknown> {
  try {
    switch (command.verb) {
      case "get":
        return await table.get(things, command.id, command);
      case "getMany":
        return await table.getMany(
          command.ids.map((id) => [things, id] as const),
          command,
        );
      case "query":
        return await table.query(things, `THING#${command.partition}`, command.options);
      case "due":
        return inTheirOrder(await table.due(command.shard, command.until, command.limit), ({ due_at }) => due_at);
      case "desk": {
        const { items, more } = await table.desk(command.of, command.options);
        return { items: inTheirOrder(command.options.descending ? items.toReversed() : items, ({ desk_place }) => desk_place), more };
      }
      case "write":
        return await table.write(command.write);
      case "transact":
        return await table.transact(command.writes);
    }
  } catch (error) {
    return { threw: (error as Error).name };
  }
}

/** Entries of one place come in no promised order: those are put in the order of their keys. */
const inTheirOrder = <T extends { readonly pk: string; readonly sk: string }>(entries: readonly T[], placeOf: (entry: T) => string): readonly T[] => {
  const place = (entry: T) => JSON.stringify([placeOf(entry), entry.pk, entry.sk]);
  const ordered = entries.every((entry, at) => at === 0 || placeOf(entries[at - 1] as T) <= placeOf(entry));
  return ordered ? [...entries].sort((a, b) => (place(a) < place(b) ? -1 : 1)) : entries;
};

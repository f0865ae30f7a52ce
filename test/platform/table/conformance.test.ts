// The twin and the real table answer alike: named cases, then a seeded corpus compared answer by answer and item by item.
import { isDeepStrictEqual } from "node:util";
import { type DynamoDBDocumentClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { dynamoTable, tableClient } from "../../../platform/table/dynamodb.ts";
import { memoryTable } from "../../../platform/table/memory.ts";
import { change, check, contended, create, erase, guarded, replace, type Table, upsert, type Write, when } from "../../../platform/table/model.ts";
import { clientConfig, createTable, type Dynoxide, startDynoxide } from "../../support/dynoxide.ts";
import { answerOf, type Command, corpus } from "./corpus.ts";
import { operations, strict, things } from "./records.ts";

const commandsWanted = Number(process.env.CONFORMANCE_COMMANDS ?? 1000);

let dynoxide: Dynoxide;
let client: DynamoDBDocumentClient;
let tables = 0;

beforeAll(async () => {
  dynoxide = await startDynoxide();
  client = tableClient(clientConfig(dynoxide.url));
}, 30_000);

afterAll(async () => {
  client?.destroy();
  await dynoxide?.stop();
});

async function freshDynamoTable(): Promise<{ table: Table; tableName: string }> {
  tables += 1;
  const tableName = `conformance-${tables}`;
  await createTable(dynoxide.url, tableName);
  return { table: dynamoTable({ client, tableName, random: () => 0.5, sleep: async () => {} }), tableName };
}

const both: readonly (readonly [string, () => Promise<Table>])[] = [
  ["the twin", async () => memoryTable()],
  ["DynamoDB", async () => (await freshDynamoTable()).table],
];

const at = (sort: string, partition = "p") => ({ partition, sort });
const proof = (id: string, item: Record<string, unknown> = { id }): Write => ({ ...create(operations, id, item), proof: true }) as Write;

describe.each(both)("%s", (_name, fresh) => {
  it("creates an item once and refuses the second by name, showing what stands there", async () => {
    const table = await fresh();
    expect(await table.write(guarded("taken", create(things, at("1"), { n: 1, nothing: undefined })))).toEqual({ kind: "committed" });
    expect(await table.write(guarded("taken", create(things, at("1"), { n: 2 })))).toEqual({
      kind: "refused",
      refusal: "taken",
      at: 0,
      item: { n: 1 },
    });
    expect(await table.get(things, at("1"))).toEqual({ n: 1 });
  });

  it("throws a fault when a guard without a refusal fails, naming the entity and no key", async () => {
    const table = await fresh();
    const failing = table.write(change(things, at("secret"), { set: { n: 1 } }));
    await expect(failing).rejects.toMatchObject({ name: "TableFault", message: "a guard without a refusal failed: change of thing (THING#)" });
  });

  it("never creates an item by a change, and makes one by an upsert", async () => {
    const table = await fresh();
    expect(await table.write(guarded("gone", change(things, at("1"), { set: { n: 1 } })))).toEqual({ kind: "refused", refusal: "gone", at: 0 });
    expect(await table.write(upsert(things, at("1"), { include: { holds: "x" } }, when.fewerThan("holds", 1)))).toEqual({ kind: "committed" });
    expect(await table.get(things, at("1"), { consistent: true })).toEqual({ holds: new Set(["x"]) });
    await expect(table.write(upsert(things, at("1"), { include: { holds: "y" } }, when.fewerThan("holds", 1)))).rejects.toThrow(
      "a guard without a refusal failed",
    );
  });

  it("replaces an item whole", async () => {
    const table = await fresh();
    await table.write(create(things, at("1"), { a: 1, b: 2 }));
    await table.write(replace(things, at("1"), { b: 3 }));
    expect(await table.get(things, at("1"))).toEqual({ b: 3 });
  });

  it("writes all of a transaction or nothing, and says which write was refused", async () => {
    const table = await fresh();
    await table.write(create(things, at("1"), { status: "sold" }));
    const outcome = await table.transact([
      create(things, at("2"), { n: 1 }),
      guarded("not_available", change(things, at("1"), { set: { status: "reserved" } }, when.equals("status", "available"))),
      guarded("never_asked", erase(things, at("9"))),
    ]);
    expect(outcome).toEqual({ kind: "refused", refusal: "not_available", at: 1, item: { status: "sold" } });
    expect(await table.get(things, at("2"), { consistent: true })).toBeUndefined();
  });

  it("answers repeated with the first operation when the proof stands, whatever else failed", async () => {
    const table = await fresh();
    const token = create(things, at("token"), {});
    await table.write(token);
    const command = (n: number) => [guarded("out_of_stock", erase(things, at("token"))), proof("op", { n })] as const;
    expect(await table.transact(command(1))).toEqual({ kind: "committed" });
    expect(await table.transact(command(2))).toEqual({ kind: "repeated", operation: { n: 1 } });
  });

  it("takes an identical transaction with a proof for the same one, and commits nothing twice", async () => {
    const table = await fresh();
    const command = [upsert(things, at("1"), { include: { holds: "x" } }), proof("op")] as const;
    expect(await table.transact(command)).toEqual({ kind: "committed" });
    await table.write(change(things, at("1"), { exclude: { holds: "x" } }));
    expect(await table.transact(command)).toEqual({ kind: "committed" });
    expect(await table.get(things, at("1"), { consistent: true })).toEqual({});
  });

  it("takes two equal transactions without a proof for two", async () => {
    const table = await fresh();
    const command = [upsert(things, at("1"), { include: { holds: "x" } })] as const;
    await table.transact(command);
    await table.write(change(things, at("1"), { exclude: { holds: "x" } }));
    await table.transact(command);
    expect(await table.get(things, at("1"), { consistent: true })).toEqual({ holds: new Set(["x"]) });
  });

  it("judges an item by a check without writing it", async () => {
    const table = await fresh();
    const listing = check(things, at("listing"), when.equals("open", true));
    expect(await table.transact([guarded("closed", listing), create(things, at("1"), {})])).toEqual({ kind: "refused", refusal: "closed", at: 0 });
    await table.write(create(things, at("listing"), { open: true }));
    expect(await table.transact([guarded("closed", listing), create(things, at("1"), {})])).toEqual({ kind: "committed" });
    expect(await table.get(things, at("listing"))).toEqual({ open: true });
  });

  it("refuses what no table could hold before anything is sent", async () => {
    const table = await fresh();
    const one = create(things, at("1"), {});
    await expect(table.transact([one, contended("x", erase(things, at("1")))])).rejects.toThrow("two writes to one key");
    await expect(table.transact(Array.from({ length: 101 }, (_, n) => create(things, at(`${n}`), {})))).rejects.toThrow("at most 100");
    await expect(table.transact([])).rejects.toThrow("without writes");
    await expect(table.transact([proof("1"), proof("2")])).rejects.toThrow("two proofs");
    await expect(table.write(check(things, at("1"), when.present))).rejects.toThrow("stands alone");
    await expect(table.write(change(things, at("1"), { set: { a: undefined } }))).rejects.toThrow("changes nothing");
    await expect(table.write(change(things, at("1"), { set: { a: 1 }, remove: ["a"] }))).rejects.toThrow("twice");
    await expect(table.write(create(things, at("1"), { n: Number.NaN }))).rejects.toThrow("cannot hold");
    await expect(table.write(create(things, at("1"), { at: new Date(0) }))).rejects.toThrow("cannot hold");
    await expect(table.write(create(things, at("1"), { pk: "ORDER#1" }))).rejects.toThrow("own key");
    await expect(table.write({ ...one, key: { pk: "ORDER#1", sk: "-" } })).rejects.toThrow("outside its prefix");
    await expect(table.query(things, "ORDER#1", { limit: 1 })).rejects.toThrow("outside its prefix");
    await expect(table.write(create(things, at("1"), { text: "x".repeat(400 * 1024) }))).rejects.toMatchObject({ name: "TableFault" });
    expect(await table.get(things, at("1"), { consistent: true })).toBeUndefined();
  });

  it("takes a hundred writes in one transaction and reads them back in one go, in the order asked", async () => {
    const table = await fresh();
    const ids = Array.from({ length: 100 }, (_, n) => at(`${n}`));
    expect(await table.transact(ids.map((id, n) => create(things, id, { n })))).toEqual({ kind: "committed" });
    const asked = [...ids].reverse().map((id) => [things, id] as const);
    expect(await table.getMany(asked, { consistent: true })).toEqual(asked.map((_, n) => ({ n: 99 - n })));
    expect(
      await table.getMany([
        [things, at("96")],
        [things, at("none")],
        [things, at("96")],
      ]),
    ).toEqual([{ n: 96 }, undefined, { n: 96 }]);
    await expect(table.getMany([...asked, [things, at("none")]])).rejects.toThrow("at most 100");
  });

  it("reads a partition in the order of its sort keys, both ways, and says whether more lie beyond", async () => {
    const table = await fresh();
    for (const sort of ["c", "a", "e", "b", "d"]) await table.write(create(things, at(sort), { sort }));
    await table.write(create(things, at("a", "other"), { sort: "elsewhere" }));
    const sorts = async (options: Parameters<Table["query"]>[2]) => {
      const { items, more } = await table.query(things, "THING#p", options);
      return [...items.map((item) => item.sort), more];
    };
    expect(await sorts({ limit: 2 })).toEqual(["a", "b", true]);
    expect(await sorts({ limit: 5, consistent: true })).toEqual(["a", "b", "c", "d", "e", false]);
    expect(await sorts({ limit: 2, from: "d" })).toEqual(["d", "e", false]);
    expect(await sorts({ limit: 2, from: "c", descending: true })).toEqual(["c", "b", true]);
    expect(await sorts({ limit: 9, from: "cc", descending: true })).toEqual(["c", "b", "a", false]);
    expect(await table.query(things, "THING#none", { limit: 1 })).toEqual({ items: [], more: false });
  });

  it("reads more than one wire page when a query's items are large", async () => {
    const table = await fresh();
    for (let n = 0; n < 5; n += 1) await table.write(create(things, at(`${n}`), { n, text: "x".repeat(380 * 1024) }));
    const { items, more } = await table.query(things, "THING#p", { limit: 5 });
    expect([items.map((item) => item.n), more]).toEqual([[0, 1, 2, 3, 4], false]);
  });

  it("lists in the due index only what waits, oldest first", async () => {
    const table = await fresh();
    const waiting = (sort: string, due_at: string) => create(things, at(sort), { due_shard: "0", due_at, more: 1 });
    await table.write(waiting("late", "2026-11-21T13:00:00.000000Z"));
    await table.write(waiting("early", "2026-11-21T12:00:00.000000Z"));
    await table.write(waiting("never", "2026-11-22T00:00:00.000000Z"));
    await table.write(create(things, at("idle"), { due_shard: "0" }));
    const entry = (sk: string, due_at: string) => ({ pk: "THING#p", sk, due_shard: "0", due_at });
    const noon = entry("early", "2026-11-21T12:00:00.000000Z");
    expect(await table.due("0", "2026-11-21T13:00:00.000000Z", 9)).toEqual([noon, entry("late", "2026-11-21T13:00:00.000000Z")]);
    expect(await table.due("0", "2026-11-21T13:00:00.000000Z", 1)).toEqual([noon]);
    expect(await table.due("1", "2026-11-21T13:00:00.000000Z", 9)).toEqual([]);
    await table.write(change(things, at("early"), { remove: ["due_at", "due_shard"] }));
    expect(await table.due("0", "2026-11-21T12:30:00.000000Z", 9)).toEqual([]);
  });

  it("lists in the desk index one desk's entries alone, oldest or newest first, from a place on", async () => {
    const table = await fresh();
    const places = ["1 a", "1 b", "2 a"];
    for (const place of places) await table.write(create(things, at(place), { desk_of: "lees", desk_place: place, more: 1 }));
    await table.write(create(things, at("other"), { desk_of: "other", desk_place: "1 a" }));
    await table.write(create(things, at("idle"), { desk_of: "lees" }));
    const entry = (place: string) => ({ pk: "THING#p", sk: place, desk_of: "lees", desk_place: place });
    expect(await table.desk("lees", { limit: 9 })).toEqual({ items: places.map(entry), more: false });
    expect(await table.desk("lees", { limit: 2, descending: true })).toEqual({ items: ["2 a", "1 b"].map(entry), more: true });
    expect(await table.desk("lees", { limit: 2, descending: true, from: "1 b" })).toEqual({ items: ["1 b", "1 a"].map(entry), more: false });
    expect(await table.desk("lees", { limit: 2, from: "1 b" })).toEqual({ items: ["1 b", "2 a"].map(entry), more: false });
    await table.write(change(things, at("1 b"), { remove: ["desk_of", "desk_place"] }));
    expect(await table.desk("lees", { limit: 1, from: "1 b" })).toEqual({ items: [entry("2 a")], more: false });
    expect(await table.desk("nobody", { limit: 9 })).toEqual({ items: [], more: false });
  });

  it("takes away a set with its last member and does not store an empty one", async () => {
    const table = await fresh();
    await table.write(create(things, at("1"), { holds: new Set(), note: { list: [false, null] } }));
    expect(await table.get(things, at("1"))).toEqual({ note: { list: [false, null] } });
    await table.write(change(things, at("1"), { include: { holds: "x" } }));
    await table.write(change(things, at("1"), { exclude: { holds: "x" } }));
    expect(await table.get(things, at("1"), { consistent: true })).toEqual({ note: { list: [false, null] } });
  });

  it("throws on a stored record that does not fit its schema, naming places and no values", async () => {
    const table = await fresh();
    await table.write(create(strict, "1", { name: "fits", labels: new Set(["a"]) }));
    expect(await table.get(strict, "1")).toEqual({ name: "fits", labels: new Set(["a"]) });
    await table.write(replace(strict, "1", { name: 604_555_0100 } as never));
    await expect(table.get(strict, "1")).rejects.toMatchObject({
      name: "TableFault",
      message: "a record of strict record (STRICT#) does not fit its schema: name (invalid_type)",
    });
  });
});

describe("the corpus", () => {
  it(`finds no difference between the twin and DynamoDB in ${commandsWanted} random commands, nor in the tables they leave`, async () => {
    const differences: { command: string; twin: unknown; dynamo: unknown }[] = [];
    const seen: Record<string, number> = {};
    for (let done = 0, seed = 1; done < commandsWanted; seed += 1) {
      const twin = memoryTable();
      const { table, tableName } = await freshDynamoTable();
      const commands = corpus(seed);
      for (let n = 0; n < 1000 && done < commandsWanted; n += 1, done += 1) {
        const command = commands.next().value;
        const [ours, theirs] = [await answerOf(twin, command), await answerOf(table, command)];
        if (!isDeepStrictEqual(ours, theirs)) differences.push({ command: `${seed}/${n} ${inShort(command)}`, twin: ours, dynamo: theirs });
        const sort = `${command.verb} ${sortOf(ours)}`;
        seen[sort] = (seen[sort] ?? 0) + 1;
      }
      expect(differences).toEqual([]);
      expect(stored([...twin.snapshot.records()].map(({ key, item }) => ({ ...key, ...item })))).toEqual(stored(await scanned(tableName)));
    }
    // The corpus reached what it is for.
    for (const sort of ["committed", "refused", "repeated", "threw"]) expect(seen[`transact ${sort}`] ?? 0).toBeGreaterThan(10);
    for (const sort of ["committed", "refused", "threw"]) expect(seen[`write ${sort}`]).toBeGreaterThan(10);
  }, 900_000);
});

/** A command without its entities' schemas. */
const inShort = (command: Command): string =>
  JSON.stringify(command, (name, value) => (name === "entity" ? undefined : value instanceof Set ? [...value] : value));

function sortOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) return "nothing";
  if ("threw" in answer) return "threw";
  return "kind" in answer ? String(answer.kind) : "items";
}

async function scanned(tableName: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({ TableName: tableName, ConsistentRead: true, ...(next && { ExclusiveStartKey: next }) }),
    );
    items.push(...(page.Items ?? []));
    next = page.LastEvaluatedKey;
  } while (next);
  return items;
}

const stored = (items: readonly Record<string, unknown>[]) =>
  new Map(items.map((item): [string, unknown] => [JSON.stringify([item.pk, item.sk]), item]).sort(([a], [b]) => (a < b ? -1 : 1)));

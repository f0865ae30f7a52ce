// What only the twin has: hooks for a simulator, units, the lagging index; and that it counts as DynamoDB does.
import { describe, expect, it } from "@jest/globals";
import { dynamoTable, tableClient } from "../../../platform/table/dynamodb.ts";
import { holds } from "../../../platform/table/evaluate.ts";
import { type Commit, InjectedConflict, InjectedThrottle, LostResponse, memoryTable, type TableCall } from "../../../platform/table/memory.ts";
import { change, check, contended, create, erase, guarded, replace, type Write, when } from "../../../platform/table/model.ts";
import { clientConfig, createTable, startDynoxide } from "../../support/dynoxide.ts";
import { operations, things } from "./records.ts";

const at = (sort: string) => ({ partition: "p", sort });
const proof = (id: string): Write => ({ ...create(operations, id, { id }), proof: true }) as Write;

it("types a refusal as one of the meanings its own writes declared", async () => {
  const table = memoryTable();
  const outcome = await table.transact([
    create(things, at("1"), {}),
    guarded("closed", erase(things, at("2"))),
    contended("gone", erase(things, at("3"))),
  ]);
  const refusal: "closed" | "gone" | undefined = outcome.kind === "refused" ? outcome.refusal : undefined;
  expect(refusal).toBe("closed");
});

describe("a simulator around the twin", () => {
  it("sees every call with its keys and writes, the read-back after a lost response included", async () => {
    const calls: TableCall[] = [];
    const table = memoryTable({
      around: async (call, proceed) => {
        calls.push(call);
        const answer = await proceed();
        if (call.operation === "transact") throw new LostResponse();
        return answer;
      },
    });
    expect(await table.transact([create(things, at("1"), {}), proof("op")])).toEqual({ kind: "repeated", operation: { id: "op" } });
    await table.query(things, "THING#p", { limit: 1 });
    expect(calls.map(({ operation, keys }) => [operation, ...keys.map(({ pk }) => pk)])).toEqual([
      ["transact", "THING#p", "OP#op"],
      ["get", "OP#op"],
      ["query", "THING#p"],
    ]);
  });

  it("crashes a verb before or after a write by never answering", async () => {
    for (const crash of ["before", "after"]) {
      const table = memoryTable({
        around: async (call, proceed) => {
          if (call.operation !== "write") return proceed();
          if (crash === "after") await proceed();
          return new Promise(() => {});
        },
      });
      let answered = false;
      void table.write(create(things, at("1"), { n: 1 })).then(() => {
        answered = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect([answered, table.snapshot.get({ pk: "THING#p", sk: "1" })]).toEqual([false, crash === "after" ? { n: 1 } : undefined]);
    }
  });

  it("injects conflicts and throttling: a contended write is refused, others are tried again and in the end busy", async () => {
    let fault: (() => Error) | undefined;
    let calls = 0;
    const table = memoryTable({
      around: async (_call, proceed) => {
        calls += 1;
        if (fault) throw fault();
        return proceed();
      },
    });
    await table.write(create(things, at("token"), {}));
    fault = () => new InjectedConflict(1);
    expect(await table.transact([proof("op"), contended("out_of_stock", erase(things, at("token")))])).toMatchObject({
      refusal: "out_of_stock",
      at: 1,
    });
    calls = 0;
    await expect(table.transact([contended("out_of_stock", erase(things, at("token"))), proof("op")])).rejects.toMatchObject({ name: "TableBusy" });
    expect(calls).toBe(8);
    fault = () => new InjectedThrottle();
    await expect(table.write(erase(things, at("token")))).rejects.toMatchObject({ name: "TableBusy" });
  });

  it("passes its own errors through untouched", async () => {
    const crash = new Error("the process is gone");
    const table = memoryTable({ around: () => Promise.reject(crash) });
    await expect(table.write(create(things, at("1"), {}))).rejects.toBe(crash);
    await expect(table.get(things, at("1"))).rejects.toBe(crash);
  });

  it("hears of every commit with what it changed, and sees the whole table then", async () => {
    const heard: { commit: Commit; stored: number }[] = [];
    const table = memoryTable({ commits: (commit, snapshot) => heard.push({ commit, stored: [...snapshot.records()].length }) });
    await table.write(create(things, at("1"), { n: 1 }));
    await table.write(guarded("no", change(things, at("1"), { set: { n: 2 } }, when.equals("n", 7))));
    await table.transact([check(things, at("2"), when.absent), replace(things, at("1"), { n: 3 }), create(operations, "op", {})]);
    expect(heard.map(({ commit, stored }) => [commit.call.operation, stored, commit.changes.map(({ before, after }) => [before, after])])).toEqual([
      ["write", 1, [[undefined, { n: 1 }]]],
      [
        "transact",
        2,
        [
          [{ n: 1 }, { n: 3 }],
          [undefined, {}],
        ],
      ],
    ]);
    expect([...table.snapshot.records("OP")].map(({ key }) => key.pk)).toEqual(["OP#op"]);
  });

  it("plants a bug by letting one named guard always hold", async () => {
    const table = memoryTable({ evaluate: (write, item) => write.refusal === "not_available" || holds(write.guard, item) });
    await table.write(create(things, at("1"), { status: "sold" }));
    const sell = change(things, at("1"), { set: { status: "sold_again" } }, when.equals("status", "available"));
    expect(await table.write(guarded("not_available", sell))).toEqual({ kind: "committed" });
    expect(await table.write(guarded("still_guarded", sell))).toMatchObject({ refusal: "still_guarded" });
  });

  it("lets the due index lag and catch up change by change", async () => {
    const table = memoryTable({ lagged: true });
    const due = async () => (await table.due("0", "9", 9)).map(({ sk, due_at }) => `${sk}@${due_at}`);
    await table.write(create(things, at("a"), { due_shard: "0", due_at: "1" }));
    await table.write(create(things, at("b"), { due_shard: "0", due_at: "2" }));
    await table.write(change(things, at("a"), { remove: ["due_at"] }));
    expect([await due(), table.dueLag()]).toEqual([[], 3]);
    table.catchUpDue(2);
    expect([await due(), table.dueLag()]).toEqual([["a@1", "b@2"], 1]);
    table.catchUpDue();
    expect([await due(), table.dueLag()]).toEqual([["b@2"], 0]);
  });

  it("forgets the tokens of transactions after ten minutes", async () => {
    let now = 0;
    const table = memoryTable({ now: () => now });
    const command = [proof("op")];
    expect(await table.transact(command)).toEqual({ kind: "committed" });
    now += 10 * 60 * 1000 - 1;
    expect(await table.transact(command)).toEqual({ kind: "committed" });
    now += 1;
    expect(await table.transact(command)).toEqual({ kind: "repeated", operation: { id: "op" } });
  });

  it("hands out copies: what a verb does to an answer or to what it wrote stays its own", async () => {
    const table = memoryTable();
    const item = { list: [1], holds: new Set(["x"]) };
    await table.write(create(things, at("1"), item));
    item.list.push(2);
    const read = (await table.get(things, at("1"))) as { readonly holds: Set<string> };
    read.holds.clear();
    expect(await table.get(things, at("1"))).toEqual({ list: [1], holds: new Set(["x"]) });
  });
});

describe("consumed units", () => {
  it("are counted by the twin as DynamoDB counts them, in transactions and out of them, index included", async () => {
    const dynoxide = await startDynoxide();
    const client = tableClient(clientConfig(dynoxide.url));
    try {
      await createTable(dynoxide.url, "units");
      let real = { reads: 0, writes: 0 };
      client.middlewareStack.add(
        (next) => async (args) => {
          const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "INDEXES" } as typeof args.input });
          const { ConsumedCapacity: used } = answer.output as { ConsumedCapacity?: Used | Used[] };
          const isRead =
            "Keys" in args.input || "ConsistentRead" in args.input || "KeyConditionExpression" in args.input || "RequestItems" in args.input;
          for (const each of [used ?? []].flat()) {
            const reads = each.ReadCapacityUnits ?? (isRead ? (each.CapacityUnits ?? 0) : 0);
            real = { reads: real.reads + reads, writes: real.writes + (each.CapacityUnits ?? 0) - reads };
          }
          return answer;
        },
        { step: "initialize" },
      );
      const dynamo = dynamoTable({ client, tableName: "units", random: () => 0, sleep: async () => {} });
      const twin = memoryTable();
      const differences: unknown[] = [];
      for (const [name, act] of Object.entries(acts)) {
        real = { reads: 0, writes: 0 };
        const before = { ...twin.consumed };
        await act(dynamo);
        await act(twin);
        const ours = { reads: twin.consumed.reads - before.reads, writes: twin.consumed.writes - before.writes };
        if (ours.reads !== real.reads || ours.writes !== real.writes) differences.push({ name, ours, real });
      }
      expect(differences).toEqual([]);
      expect(twin.consumed).toEqual({ reads: expect.any(Number), writes: 40 });
    } finally {
      client.destroy();
      await dynoxide.stop();
    }
  }, 30_000);

  type Table = ReturnType<typeof memoryTable> | ReturnType<typeof dynamoTable>;
  type Used = { readonly CapacityUnits?: number; readonly ReadCapacityUnits?: number };
  const text = (bytes: number) => "x".repeat(bytes);
  const due = { due_shard: "0", due_at: "2026-11-21T12:00:00.000000Z" };
  // The key's own bytes: pk, THING#p, sk, 1, and the name of the attribute.
  const overhead = "pkTHING#psk1text".length;
  const acts: Readonly<Record<string, (table: Table) => Promise<unknown>>> = {
    "a put of a KB to the byte": (table) => table.write(create(things, at("1"), { text: text(1024 - overhead) })),
    "a put of one byte more": (table) => table.write(replace(things, at("1"), { text: text(1025 - overhead) })),
    "a put that shrinks the item": (table) => table.write(replace(things, at("1"), { n: 1 })),
    "a change": (table) => table.write(change(things, at("1"), { set: { n: -123.456 }, include: { holds: "x" } })),
    "a transaction of two": (table) => table.transact([create(things, at("2"), {}), change(things, at("1"), { set: { text: text(1500) } })]),
    "a transaction with a check": (table) => table.transact([check(things, at("1"), when.present), erase(things, at("2"))]),
    "an entry into the index": (table) => table.transact([create(things, at("3"), due)]),
    "an entry that stays": (table) => table.write(change(things, at("3"), { set: { n: 1 } })),
    "an entry that moves": (table) => table.write(change(things, at("3"), { set: { due_at: "2026-11-21T13:00:00.000000Z" } })),
    "an entry that leaves": (table) => table.transact([change(things, at("3"), { remove: ["due_at"] })]),
    "a transaction": (table) => table.transact([proof("op"), create(things, at("4"), { text: text(5000) })]),
    "the same transaction again": (table) => table.transact([proof("op"), create(things, at("4"), { text: text(5000) })]),
    "an eventual get": (table) => table.get(things, at("4")),
    "a consistent get": (table) => table.get(things, at("4"), { consistent: true }),
    "a get of nothing": (table) => table.get(things, at("none")),
    "a batch": (table) =>
      table.getMany([
        [things, at("4")],
        [things, at("1")],
        [things, at("none")],
      ]),
    "a query of a page": (table) => table.query(things, "THING#p", { limit: 9, consistent: true }),
    "a query of nothing": (table) => table.query(things, "THING#none", { limit: 9 }),
    "the due index": (table) => table.due("0", "3", 9),
  };
});

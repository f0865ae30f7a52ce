// The real table over a wire that loses, conflicts and throttles. Where the twin can be put into the same place, it must answer the same.
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { dynamoTable } from "../../../platform/table/dynamodb.ts";
import { LostResponse, memoryTable, type TableCall } from "../../../platform/table/memory.ts";
import { change, contended, create, erase, guarded, replace, type Table, upsert, type Write, when } from "../../../platform/table/model.ts";
import { createTable, type Dynoxide, startDynoxide } from "../../support/dynoxide.ts";
import { operations, type Thing, things } from "./records.ts";
import { type Attempt, cancelled, conflict, type Fate, inProgress, invalid, scriptedWire, serverError, throttled } from "./wire.ts";

let dynoxide: Dynoxide;
let tables = 0;

beforeAll(async () => {
  dynoxide = await startDynoxide();
}, 30_000);

afterAll(async () => {
  await dynoxide?.stop();
});

type FateOf = (attempt: Attempt, nth: number) => Fate;

/** A fresh table whose wire is scripted once `script` is called; until then everything is forwarded. */
async function fresh() {
  tables += 1;
  const tableName = `wire-${tables}`;
  await createTable(dynoxide.url, tableName);
  let fateOf: FateOf = () => "forward";
  const wire = scriptedWire(dynoxide.url, (attempt, nth) => fateOf(attempt, nth));
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    pauses.push(ms);
  };
  const table = dynamoTable({ client: wire.client, tableName, random: () => 0.5, sleep });
  const script = (next: FateOf) => {
    wire.attempts.length = 0;
    fateOf = next;
  };
  return { table, script, attempts: wire.attempts, pauses, tableName };
}

const at = (sort: string) => ({ partition: "p", sort });
const proof = (id: string, item: Thing = { id }): Write => ({ ...create(operations, id, item), proof: true }) as Write;
const writesOnly = (operation: string) => operation.startsWith("Transact") || /^(Put|Update|Delete)Item$/.test(operation);

describe("a lost response", () => {
  const stored: Write = create(things, at("1"), { status: "available", holds: new Set(["x"]) });
  const taken = guarded("taken", create(things, at("2"), { n: 1, note: { deep: [1, null] } }));
  const sold = guarded("not_available", change(things, at("1"), { set: { status: "sold" }, remove: ["n"] }, when.equals("status", "available")));
  const token = guarded("no_token", erase(things, at("1")));
  const command = [token, proof("op", { does: "hold" })] as const;

  const verbs: Readonly<Record<string, (table: Table) => Promise<unknown>>> = {
    "a conditional put": (table) => table.write(taken),
    "a replacement": (table) => table.write(replace(things, at("1"), { n: 2 })),
    "a guarded change": (table) => table.write(sold),
    "a membership": (table) => table.write(guarded("full", upsert(things, at("1"), { include: { holds: "y" } }, when.fewerThan("holds", 2)))),
    "a withdrawal": (table) => table.write(guarded("no_member", change(things, at("1"), { exclude: { holds: "x" } }, when.contains("holds", "x")))),
    "an erasure": (table) => table.write(token),
    "a transaction with a proof": (table) => table.transact(command),
    "a transaction without a proof": (table) => table.transact([token]),
  };
  /** What comes of it when [every request is lost, every response is lost, the first response is lost and the SDK tries again]. */
  const committed = { kind: "committed" };
  const unknown = { threw: "OutcomeUnknown" };
  const expected: Readonly<Record<string, readonly [unknown, unknown, unknown]>> = {
    "a conditional put": [unknown, committed, committed],
    "a replacement": [unknown, committed, committed],
    "a guarded change": [unknown, committed, committed],
    "a membership": [unknown, committed, committed],
    "a withdrawal": [unknown, committed, committed],
    "an erasure": [unknown, committed, committed],
    "a transaction with a proof": [unknown, { kind: "repeated", operation: { does: "hold" } }, committed],
    "a transaction without a proof": [unknown, unknown, committed],
  };
  const losses = ["every request", "every response", "the first response"] as const;

  const onTheWire: Readonly<Record<(typeof losses)[number], FateOf>> = {
    "every request": ({ operation }) => (writesOnly(operation) ? "lose request" : "forward"),
    "every response": ({ operation }) => (writesOnly(operation) ? "lose response" : "forward"),
    "the first response": ({ operation }, nth) => (writesOnly(operation) && nth === 0 ? "lose response" : "forward"),
  };
  const aroundTheTwin = (loss: (typeof losses)[number]) => {
    return async <R>(call: TableCall, proceed: () => Promise<R>): Promise<R> => {
      if (call.writes.length === 0 || loss === "every request") {
        if (call.writes.length > 0) throw new LostResponse();
        return proceed();
      }
      const first = await proceed();
      if (loss === "every response") throw new LostResponse();
      return first && proceed();
    };
  };
  const answerOf = (answer: Promise<unknown>) => answer.catch((error: Error) => ({ threw: error.name }));

  const cases = Object.keys(verbs).flatMap((verb) => losses.map((loss, place) => ({ verb, loss, place })));
  it.each(cases)("of $verb is answered the same by the twin and by DynamoDB when $loss is lost (B2)", async ({ verb, loss, place }) => {
    const act = verbs[verb] as (table: Table) => Promise<unknown>;
    const { table, script } = await fresh();
    await table.write(stored);
    script(onTheWire[loss]);
    expect(await answerOf(act(table))).toEqual(expected[verb]?.[place]);

    let losing = false;
    const lossy = aroundTheTwin(loss);
    const twin = memoryTable({ around: (call, proceed) => (losing ? lossy(call, proceed) : proceed()) });
    await twin.write(stored);
    losing = true;
    expect(await answerOf(act(twin))).toEqual(expected[verb]?.[place]);
  });

  it("is not mistaken for a success when another's item stands there", async () => {
    const { table, script } = await fresh();
    await table.write(create(things, at("2"), { n: 7 }));
    script(onTheWire["the first response"]);
    expect(await table.write(taken)).toEqual({ kind: "refused", refusal: "taken", at: 0, item: { n: 7 } });
  });

  it("after a server error is looked up like any unknown outcome, and stays unknown when nothing is found", async () => {
    const { table, script } = await fresh();
    script(({ operation }) => (operation === "TransactWriteItems" ? serverError : "forward"));
    await expect(table.transact([proof("op")])).rejects.toMatchObject({ name: "OutcomeUnknown", message: expect.not.stringContaining("op#") });
    expect(await table.get(operations, "op", { consistent: true })).toBeUndefined();
  });

  it("followed by nothing but throttling or conflicts is looked up before the table is called busy", async () => {
    const { table, script } = await fresh();
    const throttles = cancelled("ThrottlingError");
    script(({ operation }, nth) => (operation === "GetItem" ? "forward" : nth === 0 ? "lose response" : throttles));
    expect(await table.transact([proof("op", { n: 1 })])).toEqual({ kind: "repeated", operation: { n: 1 } });
    script(({ operation }, nth) => (operation === "GetItem" ? "forward" : nth === 0 ? "lose response" : conflict));
    expect(await table.write(guarded("taken", create(things, at("1"), {})))).toEqual({ kind: "committed" });
  });
});

describe("a conflict", () => {
  const token = contended("out_of_stock", erase(things, at("token")));
  const order = guarded("not_open", change(things, at("order"), { set: { n: 1 } }));

  it("on a contended write is its refusal at once (S1)", async () => {
    const { table, script, attempts } = await fresh();
    script(() => cancelled("None", "TransactionConflict"));
    expect(await table.transact([order, token])).toEqual({ kind: "refused", refusal: "out_of_stock", at: 1 });
    expect(attempts).toHaveLength(1);
  });

  it("on any other write sends the same request with the same token again, after full jitter", async () => {
    const { table, script, attempts, pauses } = await fresh();
    await table.transact([create(things, at("token"), {}), create(things, at("order"), {})]);
    script((_, nth) => (nth < 3 ? cancelled("TransactionConflict", "None") : "forward"));
    expect(await table.transact([order, token])).toEqual({ kind: "committed" });
    expect(attempts).toHaveLength(4);
    expect(new Set(attempts.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(attempts[0]?.body.ClientRequestToken).toMatch(/^[\w-]{1,36}$/);
    expect(pauses).toEqual([12, 25, 50]);
  });

  it("that does not end is called busy after eight attempts", async () => {
    const { table, script, attempts, pauses } = await fresh();
    script(() => cancelled("TransactionConflict"));
    await expect(table.transact([order])).rejects.toMatchObject({ name: "TableBusy" });
    expect(attempts).toHaveLength(8);
    expect(pauses).toEqual([12, 25, 50, 100, 200, 400, 500]);
  });

  it("of a single write is its refusal when contended, else tried again", async () => {
    const { table, script } = await fresh();
    await table.write(create(things, at("order"), {}));
    script(() => conflict);
    expect(await table.write(token)).toEqual({ kind: "refused", refusal: "out_of_stock", at: 0 });
    script((_, nth) => (nth === 0 ? conflict : "forward"));
    expect(await table.write(order)).toEqual({ kind: "committed" });
  });

  it("gives way to the proof: a repeated command is repeated whatever else failed (X-3)", async () => {
    const { table, script } = await fresh();
    script(() => ({
      status: 400,
      body: {
        __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        CancellationReasons: [
          { Code: "ConditionalCheckFailed" },
          { Code: "TransactionConflict" },
          {
            Code: "ConditionalCheckFailed",
            Item: { pk: { S: "OP#op" }, sk: { S: "-" }, n: { N: "4" }, set: { SS: ["a"] }, list: { L: [{ NULL: true }] } },
          },
        ],
      },
    }));
    const outcome = await table.transact([order, token, proof("op")]);
    expect(outcome).toEqual({ kind: "repeated", operation: { n: 4, set: new Set(["a"]), list: [null] } });
  });

  it("of the same transaction with itself, still in progress, waits for it", async () => {
    const { table, script } = await fresh();
    script((_, nth) => (nth === 0 ? inProgress : "forward"));
    expect(await table.transact([proof("op")])).toEqual({ kind: "committed" });
  });
});

describe("tokens", () => {
  it("are the same for the same command on another call, and differ between equal transactions without a proof", async () => {
    const { table, script, attempts } = await fresh();
    const tokensOf = async (writes: readonly Write[]) => {
      script(() => "forward");
      await table.transact(writes);
      await table.transact(writes);
      return attempts.map(({ body }) => body.ClientRequestToken);
    };
    const [first, again] = await tokensOf([proof("op")]);
    expect(again).toBe(first);
    const [one, other] = await tokensOf([replace(things, at("1"), {})]);
    expect(other).not.toBe(one);
  });
});

describe("what is refused", () => {
  it("is refused before the wire: two writes to one key, more than a hundred writes", async () => {
    const { table, script, attempts } = await fresh();
    script(() => "forward");
    await expect(table.transact([create(things, at("1"), {}), erase(things, at("1"))])).rejects.toThrow("two writes to one key");
    await expect(table.transact(Array.from({ length: 101 }, (_, n) => create(things, at(`${n}`), {})))).rejects.toThrow("at most 100");
    expect(attempts).toEqual([]);
  });

  it("as invalid by the table is a fault, not an unknown outcome", async () => {
    const { table, script } = await fresh();
    script(() => invalid);
    await expect(table.write(create(things, at("1"), {}))).rejects.toMatchObject({ name: "TableFault" });
    script(() => cancelled("ValidationError"));
    await expect(table.transact([create(things, at("1"), {})])).rejects.toMatchObject({ name: "TableFault" });
  });

  it("for want of permission is passed on as it is", async () => {
    const { table, script } = await fresh();
    script(() => ({ status: 400, body: { __type: "com.amazon.coral.service#AccessDeniedException", message: "no" } }));
    await expect(table.write(create(things, at("1"), {}))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("throttling", () => {
  // The SDK itself waits up to a second and a half between its attempts at a throttled request.
  it("outlasting the retries makes reads and writes say busy; the SDK's attempts count among the eight", async () => {
    const { table, script, attempts } = await fresh();
    script(() => throttled);
    await expect(table.get(things, at("1"))).rejects.toMatchObject({ name: "TableBusy" });
    expect(attempts).toHaveLength(3);
    await expect(table.write(create(things, at("1"), {}))).rejects.toMatchObject({ name: "TableBusy" });
    expect(attempts.filter(({ operation }) => operation === "PutItem")).toHaveLength(9);
    script(() => cancelled("ThrottlingError"));
    await expect(table.transact([proof("op")])).rejects.toMatchObject({ name: "TableBusy" });
  }, 30_000);

  it.each([
    ["fails inside", (): Fate => serverError],
    ["breaks off", (): Fate => "lose response"],
  ] as const)("is not the only passing state: a read says busy too when the table %s each time, and is raw when it refuses", async (_what, fate) => {
    const { table, script } = await fresh();
    script(fate);
    await expect(table.get(things, at("1"))).rejects.toMatchObject({ name: "TableBusy" });
    await expect(table.query(things, "THING#p", { limit: 1 })).rejects.toMatchObject({ name: "TableBusy" });
    script(() => ({ status: 400, body: { __type: "com.amazon.coral.service#AccessDeniedException", message: "no" } }));
    await expect(table.get(things, at("1"))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("of part of a batch asks again for that part and answers in the order asked", async () => {
    const { table, script, attempts, tableName } = await fresh();
    const ids = ["1", "2", "3"].map(at);
    await table.transact(ids.map((id, n) => create(things, id, { n })));
    const left = { [tableName]: { Keys: [{ pk: { S: "THING#p" }, sk: { S: "1" } }] } };
    const found = { [tableName]: [3, 2].map((n) => ({ pk: { S: "THING#p" }, sk: { S: `${n}` }, n: { N: `${n - 1}` } })) };
    script((_, nth) => (nth === 0 ? { status: 200, body: { Responses: found, UnprocessedKeys: left } } : "forward"));
    expect(await table.getMany(ids.map((id) => [things, id] as const))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    expect(attempts.map(({ body }) => (body.RequestItems as Record<string, { Keys: unknown[] }>)[tableName]?.Keys.length)).toEqual([3, 1]);
  });
});

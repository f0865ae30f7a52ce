// What a sale needs: table units, calls and bytes, and rights, of which a stolen role has no more.
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { buy, newKey, open, orderIdOf, orderOf, type Placed, place, statusOf } from "./buyer.ts";
import { unusedGrants } from "./grants.ts";
import { type Cost, costOf, httpFunctions, sum } from "./meter.ts";
import { sessionOf } from "./outside-world.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { registeredEndpoint, signed } from "./stripe-signer.ts";

jest.setTimeout(180_000);

let platform: Platform;
let url = "";
/** A sale that has the platform to itself. The outbox's part comes twenty seconds later and writes nothing; `npm run bench` counts it. */
let lone: Cost;
let sold: Placed & { readonly phone: string };
beforeAll(async () => {
  platform = await openPlatform();
  url = platform.shop.url;
  await sale();
  lone = await costOf(platform, async () => {
    await open(platform.shop.scan);
    sold = await sale();
    await open(sold.order_url);
    await statusOf(url, sold.token);
  });
}, 180_000);
afterAll(() => platform?.stop(), 60_000);

async function sale(): Promise<Placed & { readonly phone: string }> {
  const placed = await buy(url);
  await platform.world.pay(sessionOf(placed.checkout_url));
  await platform.quiet();
  expect(await platform.world.texts(placed.phone)).toMatchObject([{ status: "delivered" }]);
  return placed;
}

const reservation = ["BatchGetItem", "Query", "TransactWriteItems"];

it("an order is three table calls, 2 RCU and 11 WCU at most, the index included (S1)", () => {
  const spent = lone.of("orders", reservation);
  expect(spent.calls).toBe(3);
  expect(spent.readUnits).toBeLessThanOrEqual(2);
  expect(spent.writeUnits).toBeLessThanOrEqual(11);
});

it("its checkout writes 2 WCU: the payment, then the session", () => {
  expect(lone.of("orders", ["PutItem", "UpdateItem", "DeleteItem"])).toMatchObject({ calls: 2, writeUnits: 2 });
});

it("the webhook writes 1 WCU: the event as received", () => {
  expect(lone.of("payments-webhook", ["PutItem", "UpdateItem", "TransactWriteItems"])).toMatchObject({ calls: 1, writeUnits: 1 });
});

it("delivery is one transaction of 11 WCU at most (S7, G-50)", () => {
  expect(lone.of("fulfil-confirm").writeUnits).toBe(0);
  const spent = lone.of("fulfil-deliver", ["TransactWriteItems", "PutItem", "UpdateItem"]);
  expect(spent.calls).toBe(1);
  expect(spent.writeUnits).toBeLessThanOrEqual(11);
});

it("the whole life of an order is 28 WCU at most (S15)", () => {
  expect(lone.all.writeUnits).toBeLessThanOrEqual(28);
});

it("a sale is seven calls of the HTTP API at most, one run of the workflow that never waits, one session and one text (S16, S17, S28)", async () => {
  expect(sum(lone.invocations, httpFunctions)).toBeLessThanOrEqual(7);
  const runs = platform.shop.workflows.executions.filter(({ states }) => states.includes("Deliver"));
  expect(runs.at(-1)?.states).toEqual(["Confirm", "Settled?", "Deliver", "Delivered?", "Send"]);
  const types = JSON.stringify(platform.shop.inventory.stateMachines.map(({ type, definition }) => [type, definition]));
  expect(types).toContain("EXPRESS");
  expect(types).not.toContain('"Type":"Wait"');
  const { sessions } = await platform.world.truth();
  expect(sessions.filter(({ metadata }) => metadata.order_id === orderIdOf(sold.token))).toHaveLength(1);
  expect(await platform.world.texts(sold.phone)).toHaveLength(1);
});

it("a sale is ten invocations before its record is read: seven for HTTP, three for the workflow (S17)", () => {
  // Readers of the stream and their queue, for many sales at once; and what runs by the clock.
  const behind = ["outbox", "fulfil-events", "reports-journal", "fulfil-sweep", "reports-reconcile"];
  const path = Object.keys(lone.invocations).filter((name) => !behind.includes(name));
  expect(sum(lone.invocations, path)).toBeLessThanOrEqual(10);
});

it("a replayed order costs 0 WCU, no session and no text, once and ten times at once (S8, X-3)", async () => {
  const [body, headers] = [orderOf(), { "idempotency-key": newKey() }];
  const first = await place(url, body, headers);
  const before = (await platform.world.truth()).sessions.length;
  const cost = await costOf(platform, async () => {
    for (const copies of [1, 10]) {
      const answers = await Promise.all(Array.from({ length: copies }, () => place(url, body, headers)));
      expect(answers.map(({ body: again }) => again)).toEqual(Array(copies).fill(first.body));
    }
  });
  expect(cost.all.writeUnits).toBe(0);
  expect((await platform.world.truth()).sessions).toHaveLength(before);
});

it("a replayed webhook costs 0 WCU, 1 RCU where it is received, and no text, once and ten times at once (S8, X-4)", async () => {
  const { events } = await platform.world.truth();
  const event = events.find(({ type, data }) => type === "checkout.session.completed" && data.object.metadata?.order_id === orderIdOf(sold.token));
  const payload = JSON.stringify(event);
  const { secret, path } = registeredEndpoint(platform.dataDir);
  const copies = 11;
  const cost = await costOf(platform, async () => {
    const send = () =>
      fetch(url + path, {
        method: "POST",
        body: payload,
        headers: { "content-type": "application/json", "stripe-signature": signed(payload, secret) },
      });
    for (const { status } of [await send(), ...(await Promise.all(Array.from({ length: copies - 1 }, send)))]) expect(status).toBe(200);
  });
  expect(cost.all.writeUnits).toBe(0);
  expect(cost.of("payments-webhook").readUnits).toBeLessThanOrEqual(copies);
  expect(await platform.world.texts(sold.phone)).toHaveLength(1);
});

it("a sold-out refusal costs 0 WCU and two queries at most (S4)", async () => {
  const left = (await platform.table.of("POOL")).filter(({ pk }) => pk === "POOL#lees#CW-240#lees-main").length;
  for (let rest = left; rest > 0; rest -= 5) await buy(url, { lines: [{ item: "CW-240", quantity: Math.min(5, rest) }] });
  const cost = await costOf(platform, async () => {
    expect((await place(url, orderOf({ lines: [{ item: "CW-240", quantity: 1 }] }))).status).toBe(409);
  });
  expect(cost.all.writeUnits).toBe(0);
  expect(cost.of("orders", ["Query"]).calls).toBeLessThanOrEqual(2);
});

it("a scan is one listing and one count per item: one read and three eventual queries (S25)", async () => {
  const cost = await costOf(platform, async () => void (await open(platform.shop.scan)));
  expect(cost.of("storefront", ["GetItem", "BatchGetItem"]).calls).toBe(1);
  expect(cost.of("storefront", ["Query"])).toMatchObject({ calls: 3, readUnits: 1.5 });
  expect(cost.all.writeUnits).toBe(0);
});

it("the scan page paints from one request of 14 KB at most; scripts until Pay are 15 KB at most, and none blocks (S24)", async () => {
  const { html } = await open(platform.shop.scan);
  expect(html).not.toMatch(/<link[^>]+rel="?stylesheet|@import|url\(/);
  const scripts = [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = ""]) => attributes);
  for (const attributes of scripts) expect(attributes).toMatch(/ src="\/assets\/[^"]+" defer/);
  for (const coding of ["br", "gzip"]) expect(await bytesServed(platform.shop.scan, coding)).toBeLessThanOrEqual(14 * 1024);
  const sources = scripts.map((attributes) => /src="([^"]+)"/.exec(attributes)?.[1] ?? "");
  const bytes = await Promise.all(sources.map(async (source) => gzipSync(Buffer.from(await (await fetch(url + source)).arrayBuffer())).length));
  expect(bytes.reduce((all, one) => all + one, 0)).toBeLessThanOrEqual(15 * 1024);
});

/** Bytes of the body as they come over the wire. */
const bytesServed = (address: string, coding: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(address, { headers: { "accept-encoding": coding } }, (answer) => {
      expect(answer.headers["content-encoding"]).toBe(coding);
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.once("end", () => resolve(bytes));
    });
    asked.once("error", reject);
    asked.end();
  });

/** AWS as the code of one function reaches it: with the keys of its role, at the one address it knows. */
function as(functionName: string) {
  const { gateway, inventory } = platform.shop;
  const fn = inventory.functions.find(({ name }) => name.endsWith(`-${functionName}`));
  if (fn === undefined) throw new Error(`no function ${functionName}`);
  const config = { endpoint: gateway.url, region: "ca-central-1", credentials: gateway.credentials(fn.roleId), maxAttempts: 1 };
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    kms: new KMSClient(config),
    secrets: new SecretsManagerClient(config),
    states: new SFNClient(config),
    sqs: new SQSClient(config),
  };
}
const refused = (attempt: Promise<unknown>) => expect(attempt).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) });
const TableName = () => platform.shop.inventory.tables[0]?.name ?? "";
const key = (prefix: string) => ({ pk: `${prefix}#lees#x`, sk: "X" });
const KeyId = () => platform.shop.inventory.keys[0]?.arn ?? "";
const secret = (name: string) => platform.shop.inventory.secrets.find(({ id }) => id.startsWith(name))?.arn ?? "";

it("what is told above needs nothing that is not granted, and leaves a list of grants it never used (TH22)", async () => {
  const { shop } = platform;
  await shop.runSchedule(shop.inventory.schedules[0]?.id ?? "");
  // The outbox's message waits twenty seconds before its reader may have it; here the reader gets it at once.
  const event = { id: "op", kind: "order_paid", merchant_id: "lees", subject: orderIdOf(sold.token), at: "2026-11-21T00:00:00.000000Z" };
  const read = await shop.invoke("fulfil-events", { Records: [{ messageId: "1", body: JSON.stringify(event) }] });
  expect(read).toEqual({ ok: true, payload: { batchItemFailures: [] } });
  await platform.quiet();
  expect(shop.gateway.denied).toEqual([]);

  const unused = unusedGrants(shop.inventory, shop.gateway.granted);
  expect(unused.granted).toBeGreaterThan(unused.lines.length);
  process.stdout.write(
    `  grants that neither the seed nor this suite used, ${unused.lines.length} of ${unused.granted}:\n${unused.lines.map((line) => `    ${line}\n`).join("")}`,
  );
});

describe("a role that was stolen (TH8, TH15, TH22)", () => {
  it("of the storefront writes nothing at all, and reads neither persons nor connections nor money's routes", async () => {
    const { table } = as("storefront");
    for (const prefix of ["ORDER", "UNIT", "LISTING", "POOL", "PAYMENT", "OP"]) {
      await refused(table.send(new PutCommand({ TableName: TableName(), Item: key(prefix) })));
      await refused(table.send(new DeleteCommand({ TableName: TableName(), Key: key(prefix) })));
    }
    for (const prefix of ["PERSON", "CONNECTION", "ROUTE", "CHANNEL", "INBOX", "OP"])
      await refused(table.send(new GetCommand({ TableName: TableName(), Key: key(prefix) })));
    await refused(table.send(new ScanCommand({ TableName: TableName() })));
  });

  it("of the sender reads no provider connection, alone or among what it may read", async () => {
    const { table } = as("fulfil-send");
    await refused(table.send(new GetCommand({ TableName: TableName(), Key: key("CONNECTION") })));
    await refused(table.send(new BatchGetCommand({ RequestItems: { [TableName()]: { Keys: [key("ORDER"), key("CONNECTION")] } } })));
    await expect(table.send(new GetCommand({ TableName: TableName(), Key: key("CHANNEL") }))).resolves.toBeDefined();
  });

  it("of the order taker gives nobody a unit for good beyond its own verbs: no paid order, no opened channel, no deleted unit", async () => {
    const { table, kms, secrets, states } = as("orders");
    await refused(
      table.send(
        new UpdateCommand({ TableName: TableName(), Key: key("ORDER"), UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": 1 } }),
      ),
    );
    await refused(table.send(new DeleteCommand({ TableName: TableName(), Key: key("UNIT") })));
    await refused(
      table.send(new QueryCommand({ TableName: TableName(), KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "PERSON#x" } })),
    );
    await refused(
      table.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: { TableName: TableName(), Item: key("OP") } }, { Put: { TableName: TableName(), Item: key("MERCHANT") } }],
        }),
      ),
    );
    await refused(
      kms.send(new GenerateDataKeyCommand({ KeyId: KeyId(), KeySpec: "AES_256", EncryptionContext: { purpose: "connection", scope: "x" } })),
    );
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: "arn:aws:secretsmanager:ca-central-1:000000000000:secret:other" })));
    await refused(states.send(new StartExecutionCommand({ stateMachineArn: platform.shop.inventory.stateMachines[0]?.arn, input: "{}" })));
  });

  it("opens only what its purpose names: the order taker no channel's token, the sender no connection's key", async () => {
    const sealedFor = async (functionName: string, purpose: string) => {
      const { CiphertextBlob } = await as(functionName).kms.send(
        new GenerateDataKeyCommand({ KeyId: KeyId(), KeySpec: "AES_256", EncryptionContext: { purpose, scope: "x" } }),
      );
      return { CiphertextBlob, EncryptionContext: { purpose, scope: "x" } };
    };
    const token = await sealedFor("notifications-operator", "channel");
    const apiKey = await sealedFor("payments-operator", "connection");
    await refused(as("orders").kms.send(new DecryptCommand(token)));
    await refused(as("fulfil-send").kms.send(new DecryptCommand(apiKey)));
    await expect(as("fulfil-send").kms.send(new DecryptCommand(token))).resolves.toMatchObject({ Plaintext: expect.anything() });
    // A purpose one may open, claimed for a secret of another purpose, opens nothing.
    await expect(
      as("orders").kms.send(new DecryptCommand({ ...token, EncryptionContext: { purpose: "connection", scope: "x" } })),
    ).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("of the webhook delivers nothing by itself", async () => {
    const { table, secrets } = as("payments-webhook");
    for (const prefix of ["ORDER", "UNIT", "PAYMENT"]) {
      await refused(
        table.send(
          new UpdateCommand({ TableName: TableName(), Key: key(prefix), UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": 1 } }),
        ),
      );
    }
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: secret("LinkSecret") })));
  });

  it("of the deliverer reaches no queue and no secret", async () => {
    const { sqs, secrets } = as("fulfil-deliver");
    const QueueName = platform.shop.inventory.queues[0]?.name ?? "";
    await refused(sqs.send(new GetQueueUrlCommand({ QueueName })));
    await refused(sqs.send(new SendMessageCommand({ QueueUrl: `${platform.shop.gateway.url}/000000000000/${QueueName}`, MessageBody: "{}" })));
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: secret("OriginSecret") })));
  });

  it("is seen: every refusal is recorded with who, what and where", async () => {
    const { denied } = platform.shop.gateway;
    expect(denied.length).toBeGreaterThan(20);
    expect(denied).toContainEqual({
      at: expect.any(String),
      principal: "FulfilSendRole",
      action: "dynamodb:GetItem",
      resource: expect.stringContaining(TableName()),
    });
  });
});

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it } from "@jest/globals";
import { dynamodb } from "../../../local/engines/dynamodb-call.ts";
import { startDynoxide } from "../../../local/engines/dynoxide.ts";
import { openSecrets } from "../../../local/engines/secrets.ts";
import { mendStreamRecords } from "../../../local/engines/stream-records.ts";
import { ensureTable } from "../../../local/engines/tables.ts";
import { loadFixture } from "../template/fixture.ts";
import { openShop } from "./shop.ts";

const folders: string[] = [];
const freshFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  folders.push(folder);
  return folder;
};
/** What a test opened is closed even when it fails, or nothing would ever end. */
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const startTables = async (dataDir = freshFolder()) => {
  const engine = await startDynoxide(dataDir);
  open.push(() => engine.close());
  return engine;
};
const startShop = async (dataDir: string) => {
  const shop = await openShop(dataDir);
  let closed = false;
  const close = async () => {
    if (!closed) await shop.close({ keepData: true });
    closed = true;
  };
  open.push(close);
  return { ...shop, close };
};

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(10);
};
const answers = (url: string) =>
  dynamodb(url, "ListTables", {}).then(
    () => true,
    () => false,
  );
/** A killed engine may stay as a zombie until its new parent looks: it no longer runs. */
const runs = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
const engineOf = (supervisor: number): number => childrenOf(supervisor).find((pid) => nameOf(pid) === "dynoxide") ?? 0;
const item = { pk: { S: "ORDER#1" }, sk: { S: "-" } };

describe("the data folder", () => {
  it("keeps items, messages, keys and secrets over a restart", async () => {
    const dataDir = freshFolder();
    const first = await startShop(dataDir);
    const before = first.as("OrdersRole");
    await before.dynamodb.send(new PutItemCommand({ TableName: first.tableName, Item: item }));
    await before.sqs.send(new SendMessageCommand({ QueueUrl: first.queueUrl, MessageBody: "kept" }));
    const EncryptionContext = { purpose: "person", id: "1" };
    const key = await before.kms.send(new GenerateDataKeyCommand({ KeyId: first.keyArn, KeySpec: "AES_256", EncryptionContext }));
    const secret = await before.secrets.send(new GetSecretValueCommand({ SecretId: first.inventory.secrets[0]?.arn }));
    const oldKeys = first.gateway.credentials("OrdersRole");
    await first.close();

    const second = await startShop(dataDir);
    const after = second.as("OrdersRole");
    expect((await after.dynamodb.send(new GetItemCommand({ TableName: second.tableName, Key: item }))).Item).toEqual(item);
    const got = await second.as("ConsumerRole").sqs.send(new ReceiveMessageCommand({ QueueUrl: second.queueUrl }));
    expect(got.Messages?.[0]?.Body).toBe("kept");
    expect((await after.kms.send(new DecryptCommand({ CiphertextBlob: key.CiphertextBlob, EncryptionContext }))).Plaintext).toEqual(key.Plaintext);
    expect((await after.secrets.send(new GetSecretValueCommand({ SecretId: second.inventory.secrets[0]?.arn }))).SecretString).toBe(
      secret.SecretString,
    );
    expect(second.gateway.credentials("OrdersRole")).not.toEqual(oldKeys);
  });

  it("gives a message to the dead-letter queue after the receives that the template allows", async () => {
    const shop = await startShop(freshFolder());
    const host = shop.clients(shop.gateway.hostCredentials).sqs;
    await host.send(new SendMessageCommand({ QueueUrl: shop.queueUrl, MessageBody: "poison" }));
    const receive = (QueueUrl: string) => host.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    for (let receives = 0; receives < 2; receives++) expect((await receive(shop.queueUrl)).Messages).toHaveLength(1);
    expect((await receive(shop.queueUrl)).Messages).toBeUndefined();
    expect((await receive(shop.queueUrl.replace("Events", "DeadLetters"))).Messages?.[0]?.Body).toBe("poison");
  });
});

describe("the table engine", () => {
  it("comes back on the same address with its data when it dies", async () => {
    const engine = await startTables();
    const [table] = loadFixture().tables;
    if (!table) throw new Error("no table");
    await ensureTable(engine.url, table);
    await dynamodb(engine.url, "PutItem", { TableName: table.name, Item: item });
    process.kill(engineOf(engine.pid ?? 0), "SIGKILL");
    await until(async () => !(await answers(engine.url)));
    await until(() => answers(engine.url));
    expect((await dynamodb(engine.url, "GetItem", { TableName: table.name, Key: item })).Item).toEqual(item);
  });

  describe("of a host that is killed", () => {
    const host = (dataDir: string): Promise<{ child: ChildProcess; engine: number }> =>
      new Promise((resolve, reject) => {
        const program = `
          import { startDynoxide } from ${JSON.stringify(fileURLToPath(new URL("../../../local/engines/dynoxide.ts", import.meta.url)))};
          const engine = await startDynoxide(${JSON.stringify(dataDir)});
          console.log(engine.pid);
          setInterval(() => {}, 1000);`;
        const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
        child.once("error", reject);
        child.stdout.once("data", (line: Buffer) => resolve({ child, engine: engineOf(Number(line.toString())) }));
      });

    it("ends too, and the next start has the folder to itself", async () => {
      const dataDir = freshFolder();
      const { child, engine } = await host(dataDir);
      open.push(() => child.kill("SIGKILL"));
      expect(runs(engine)).toBe(true);
      await expect(startDynoxide(dataDir)).rejects.toThrow(/Another host \(process \d+\) uses the data folder/);
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
      await startTables(dataDir);
      expect(runs(engine)).toBe(false);
    });
  });
});

describe("stream records", () => {
  it("are found by index and forgotten after a day, but never the newest of a table", async () => {
    const engine = await startTables();
    const [table] = loadFixture().tables;
    if (!table) throw new Error("no table");
    await ensureTable(engine.url, table);
    for (const sk of ["1", "2", "3"]) await dynamodb(engine.url, "PutItem", { TableName: table.name, Item: { pk: { S: "OP#1" }, sk: { S: sk } } });
    const records = mendStreamRecords(engine.file);
    const database = new DatabaseSync(engine.file, { readOnly: true });
    open.push(() => {
      records.close();
      database.close();
    });
    const plan = database
      .prepare("EXPLAIN QUERY PLAN SELECT max(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?")
      .all(table.name);
    expect(JSON.stringify(plan)).toContain("local_stream_sequence");

    const day = 24 * 60 * 60 * 1000;
    expect(records.trim(Date.now())).toBe(0);
    expect(records.trim(Date.now() + day + 2_000)).toBe(2);
    await dynamodb(engine.url, "PutItem", { TableName: table.name, Item: { pk: { S: "OP#1" }, sk: { S: "4" } } });
    expect(database.prepare("SELECT sequence_number FROM _stream_records ORDER BY id").all()).toEqual([
      { sequence_number: "3" },
      { sequence_number: "4" },
    ]);
  });
});

describe("tables", () => {
  it("gain an index that the template gains, with what was there before", async () => {
    const engine = await startTables();
    const [table] = loadFixture().tables;
    if (!table) throw new Error("no table");
    const { GlobalSecondaryIndexes, ...plain } = table.properties;
    await ensureTable(engine.url, {
      ...table,
      properties: { ...plain, AttributeDefinitions: (plain.AttributeDefinitions as unknown[]).slice(0, 2) },
    });
    await dynamodb(engine.url, "PutItem", { TableName: table.name, Item: { ...item, due_shard: { S: "0" }, due_at: { S: "1" } } });
    await ensureTable(engine.url, table);
    const due = {
      TableName: table.name,
      IndexName: "due",
      KeyConditionExpression: "due_shard = :s",
      ExpressionAttributeValues: { ":s": { S: "0" } },
    };
    expect((await dynamodb(engine.url, "Query", due)).Count).toBe(1);
    const rekeyed = { ...table, properties: { ...table.properties, KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] } };
    await expect(ensureTable(engine.url, rekeyed)).rejects.toThrow(/Reset the local data/);
  });
});

describe("a generated secret", () => {
  it("has each kind of character that the template asks for and no other", () => {
    const secrets = openSecrets(freshFolder());
    const value = secrets.valueOf("A", { length: 20, exclude: "01OIl", kinds: ["lower", "upper", "digits"] });
    expect(value).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z2-9]{20}$/);
    expect(value).not.toMatch(/[01OIl]/);
    expect(secrets.valueOf("A")).toBe(value);
  });
});

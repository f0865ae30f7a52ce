// The table as it is stored, beside everything the product knows of it.
import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { LocalShop } from "../../local/start.ts";

/** A stored record: its key and whatever else it holds. */
export type Item = { readonly pk: string; readonly sk: string } & Readonly<Record<string, unknown>>;

export interface RawTable {
  /** Every item, consistent, by key. */
  all(): Promise<readonly Item[]>;
  /** Items whose partition key has this first word. */
  of<T = Item>(prefix: string): Promise<readonly T[]>;
  /** A fingerprint of every item and attribute; two tables with the same one hold the same. @param except first words left out */
  digest(except?: readonly string[]): Promise<string>;
  /**
   * Makes an order that awaits money due now, past every guard of the product: instead of waiting two minutes for its first look.
   * Does nothing to an order that awaits none.
   */
  makeDue(orderId: string): Promise<void>;
  close(): void;
}

const prefixOf = ({ pk }: Item): string => pk.split("#")[0] ?? "";

export function rawTable({ gateway, inventory }: Pick<LocalShop, "gateway" | "inventory">): RawTable {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: gateway.url, region: "ca-central-1", credentials: gateway.hostCredentials, maxAttempts: 3 }),
  );
  const TableName = inventory.tables[0]?.name ?? "";

  const all = async (): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ...(ExclusiveStartKey && { ExclusiveStartKey }) }));
      items.push(...((page.Items ?? []) as Item[]));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items.sort((a, b) => compare(`${a.pk}\n${a.sk}`, `${b.pk}\n${b.sk}`));
  };

  return {
    all,
    of: async <T>(prefix: string) => (await all()).filter((item) => prefixOf(item) === prefix) as unknown as readonly T[],
    async digest(except = []) {
      const items = (await all()).filter((item) => !except.includes(prefixOf(item)));
      return createHash("sha256").update(JSON.stringify(items, sorted)).digest("hex");
    },
    async makeDue(orderId) {
      const order = (await all()).find(({ pk }) => pk.startsWith("ORDER#") && pk.endsWith(`#${orderId}`));
      if (order === undefined) throw new Error(`order ${orderId} is not there`);
      const change = {
        TableName,
        Key: { pk: order.pk, sk: order.sk },
        UpdateExpression: "SET due_at = :past",
        ConditionExpression: "#status = :awaiting",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":past": "2026-01-01T00:00:00.000000Z", ":awaiting": "awaiting_payment" },
      };
      await client.send(new UpdateCommand(change)).catch((error: Error) => {
        if (error.name !== "ConditionalCheckFailedException") throw error;
      });
    },
    close: () => client.destroy(),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One content, one text: members in order of their names, bytes and sets written out. */
const sorted = (_key: string, value: unknown): unknown => {
  if (value instanceof Set) return [...value].sort();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compare(a, b)));
};

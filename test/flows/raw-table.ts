// The table as it is stored, beside everything the product knows of it.
import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { LocalShop } from "../../local/start.ts";

/** A stored record: its key and whatever else it holds. */
export type Item = { readonly pk: string; readonly sk: string } & Readonly<Record<string, unknown>>;

export interface RawTable {
  /** Every item, consistent, by key. */
  all(): Promise<readonly Item[]>;
  /** Items whose partition key has this first word. */
  of<T = Item>(prefix: string): Promise<readonly T[]>;
  /**
   * A fingerprint of every item and attribute; two tables with the same one hold the same.
   * @param except first words left out
   * @param unread attributes left out
   */
  digest(except?: readonly string[], unread?: readonly string[]): Promise<string>;
  /**
   * Makes an order on which something is owed due now, past every guard of the product: instead of waiting two minutes for its first look.
   * Does nothing to an order that nobody would look at.
   */
  makeDue(orderId: string): Promise<void>;
  /** Makes all news that waits to be heard again due now. */
  makeNewsDue(): Promise<void>;
  /** Puts records in the place of others, past every guard of the product. */
  put(items: readonly Item[]): Promise<void>;
  remove(items: readonly Pick<Item, "pk" | "sk">[]): Promise<void>;
  close(): void;
}

const prefixOf = ({ pk }: Item): string => pk.split("#")[0] ?? "";

export function rawTable({ gateway, inventory }: Pick<LocalShop, "gateway" | "inventory">): RawTable {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: gateway.url, region: "ca-central-1", credentials: gateway.hostCredentials, maxAttempts: 3 }),
  );
  const TableName = inventory.tables[0]?.name ?? "";

  const scan = async (filter: object): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({ TableName, ConsistentRead: true, ...filter, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
      );
      items.push(...((page.Items ?? []) as Item[]));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items.sort((a, b) => compare(`${a.pk}\n${a.sk}`, `${b.pk}\n${b.sk}`));
  };
  const all = (): Promise<readonly Item[]> => scan({});
  /** Filtered where it lies: tests ask again and again for a few orders among hundreds of units. */
  const of = async <T = Item>(prefix: string): Promise<readonly T[]> => {
    const among = { FilterExpression: "begins_with(pk, :prefix)", ExpressionAttributeValues: { ":prefix": `${prefix}#` } };
    return (await scan(among)) as unknown as readonly T[];
  };

  const dueNow = async ({ pk, sk }: Item): Promise<void> => {
    const change = {
      TableName,
      Key: { pk, sk },
      UpdateExpression: "SET due_at = :past",
      ConditionExpression: "attribute_exists(due_at)",
      ExpressionAttributeValues: { ":past": "2026-01-01T00:00:00.000000Z" },
    };
    await client.send(new UpdateCommand(change)).catch((error: Error) => {
      if (error.name !== "ConditionalCheckFailedException") throw error;
    });
  };

  return {
    all,
    of,
    async digest(except = [], unread = []) {
      const kept = (await all()).filter((item) => !except.includes(prefixOf(item)));
      const items = kept.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => !unread.includes(name))));
      return createHash("sha256").update(JSON.stringify(items, sorted)).digest("hex");
    },
    async makeDue(orderId) {
      const order = (await of("ORDER")).find(({ pk }) => pk.endsWith(`#${orderId}`));
      if (order === undefined) throw new Error(`order ${orderId} is not there`);
      await dueNow(order);
    },
    async makeNewsDue() {
      const waiting = (await of("INBOX")).filter(({ due_at }) => due_at !== undefined);
      await inTurn(waiting, dueNow);
    },
    put: (items) => inTurn(items, async (Item) => void (await client.send(new PutCommand({ TableName, Item })))),
    remove: (items) => inTurn(items, async ({ pk, sk }) => void (await client.send(new DeleteCommand({ TableName, Key: { pk, sk } })))),
    close: () => client.destroy(),
  };
}

/** Enough at once to be quick, few enough for one engine. */
const atOnce = 10;
async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) await Promise.all(items.slice(from, from + atOnce).map(work));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One content, one text: members in order of their names, bytes and sets written out. */
export const sorted = (_key: string, value: unknown): unknown => {
  if (value instanceof Set) return [...value].sort();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compare(a, b)));
};

// Brings the engine's tables to what the template says. Data is never dropped: a change that would need it is an error.
import type { TableResource } from "../template/inventory.ts";
import { dynamodb, EngineError } from "./dynamodb-call.ts";

type Described = Readonly<Record<string, unknown>>;

export async function ensureTable(url: string, table: TableResource): Promise<void> {
  const { TimeToLiveSpecification, ...wanted } = table.properties;
  const existing = await describe(url, table.name);
  if (existing === undefined) await dynamodb(url, "CreateTable", wanted);
  else await reconcile(url, table, wanted, existing);
  if (TimeToLiveSpecification !== undefined) await ensureTimeToLive(url, table.name, TimeToLiveSpecification);
}

async function describe(url: string, name: string): Promise<Described | undefined> {
  try {
    return (await dynamodb(url, "DescribeTable", { TableName: name })).Table as Described;
  } catch (error) {
    if (error instanceof EngineError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function reconcile(url: string, table: TableResource, wanted: Described, existing: Described): Promise<void> {
  if (!same(existing.KeySchema, wanted.KeySchema))
    throw new Error(`The key of table ${table.name} changed; its data folder holds the old one. Reset the local data to go on.`);
  const indexesOf = (description: Described) => (description.GlobalSecondaryIndexes ?? []) as readonly Described[];
  for (const index of indexesOf(wanted)) {
    const known = indexesOf(existing).find((one) => one.IndexName === index.IndexName);
    if (known && same(known.KeySchema, index.KeySchema) && same(known.Projection, index.Projection)) continue;
    if (known)
      await dynamodb(url, "UpdateTable", { TableName: table.name, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.IndexName } }] });
    await dynamodb(url, "UpdateTable", {
      TableName: table.name,
      AttributeDefinitions: wanted.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
  if (wanted.StreamSpecification !== undefined && !same(existing.StreamSpecification, wanted.StreamSpecification))
    await dynamodb(url, "UpdateTable", { TableName: table.name, StreamSpecification: wanted.StreamSpecification });
}

async function ensureTimeToLive(url: string, name: string, specification: unknown): Promise<void> {
  const described = (await dynamodb(url, "DescribeTimeToLive", { TableName: name })).TimeToLiveDescription as Described | undefined;
  if (described?.TimeToLiveStatus === "ENABLED") return;
  await dynamodb(url, "UpdateTimeToLive", { TableName: name, TimeToLiveSpecification: specification });
}

/** Equal as JSON, whatever the order of members. */
const same = (a: unknown, b: unknown): boolean => sorted(a) === sorted(b);
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

// What a piece of work cost: table calls and units by function, invocations, texts, sessions.
import type { Platform } from "./platform.ts";

export interface Spent {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}
export interface Cost {
  /** Of one function, or of some of its operations. */
  of(functionName: string, operations?: readonly string[]): Spent;
  readonly all: Spent;
  /** By function name without its stage prefix. */
  readonly invocations: Readonly<Record<string, number>>;
}

/** Functions behind the HTTP API: each of their invocations is one HTTP call. */
export const httpFunctions = ["storefront", "orders", "payments-webhook", "notifications-callback"];

export async function costOf(platform: Platform, work: () => Promise<void>): Promise<Cost> {
  const { gateway, inventory } = platform.shop;
  await platform.quiet();
  gateway.resetCapacity();
  const before = await invocationsOf(platform);
  await work();
  await platform.quiet();
  const after = await invocationsOf(platform);
  const records = [...gateway.capacity];
  const roleOf = (functionName: string) => inventory.functions.find(({ name }) => shortName(name) === functionName)?.roleId;
  return {
    of: (functionName, operations) =>
      total(
        records.filter(({ roleId, operation }) => roleId === roleOf(functionName) && (operations === undefined || operations.includes(operation))),
      ),
    all: total(records),
    invocations: Object.fromEntries(
      [...after].flatMap(([name, count]) => (count > (before.get(name) ?? 0) ? [[name, count - (before.get(name) ?? 0)]] : [])),
    ),
  };
}

export const sum = (counts: Readonly<Record<string, number>>, names = Object.keys(counts)): number =>
  names.reduce((total, name) => total + (counts[name] ?? 0), 0);

const total = (records: readonly Spent[]): Spent =>
  records.reduce(
    (all, one) => ({ calls: all.calls + one.calls, readUnits: all.readUnits + one.readUnits, writeUnits: all.writeUnits + one.writeUnits }),
    {
      calls: 0,
      readUnits: 0,
      writeUnits: 0,
    },
  );

const shortName = (name: string): string => name.replace(/^gigbridge-[a-z]+-/, "");

const invocationsOf = async ({ world }: Platform): Promise<ReadonlyMap<string, number>> =>
  new Map((await world.state()).host.functions.map(({ name, invocations }) => [shortName(name), invocations]));

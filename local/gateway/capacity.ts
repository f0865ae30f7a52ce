// Consumed capacity by role and operation: what a sale costs is measured, not guessed.
import type { CapacityRecord } from "../host.ts";
import { isRecord } from "../template/shape.ts";

export interface Capacity {
  readonly records: readonly CapacityRecord[];
  /** @param consumed `ConsumedCapacity` of the answer: one, or one for each table; undefined where the call was refused or failed */
  record(roleId: string, operation: string, consumed: unknown): void;
  reset(): void;
}

const writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

export function createCapacity(): Capacity {
  const totals = new Map<string, CapacityRecord>();
  return {
    get records() {
      return [...totals.values()];
    },
    record(roleId, operation, consumed) {
      const units = (Array.isArray(consumed) ? consumed : [consumed]).reduce<number>(
        (sum, one) => sum + (isRecord(one) ? Number(one.CapacityUnits ?? 0) : 0),
        0,
      );
      const key = `${roleId} ${operation}`;
      const { calls = 0, writeUnits = 0, readUnits = 0 } = totals.get(key) ?? {};
      const isWrite = writes.includes(operation);
      totals.set(key, {
        roleId,
        operation,
        calls: calls + 1,
        writeUnits: writeUnits + (isWrite ? units : 0),
        readUnits: readUnits + (isWrite ? 0 : units),
      });
    },
    reset: () => totals.clear(),
  };
}

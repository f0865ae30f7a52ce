// Which grants are used: every kind of call that was allowed, and how often. The tests hold it against what the policies grant.
import type { GrantedCall } from "../host.ts";
import type { AccessRequest } from "../iam/evaluate.ts";

export interface Usage {
  readonly calls: readonly GrantedCall[];
  record(roleId: string, request: AccessRequest): void;
}

export function createUsage(): Usage {
  const kinds = new Map<string, GrantedCall>();
  return {
    get calls() {
      return [...kinds.values()];
    },
    record(roleId, { action, resource, context }) {
      const told = toldApart.map((key) => `${key}=${(context[key] ?? []).map(kindOf).join(",")}`);
      const name = [roleId, action, resource, ...told].join(" ");
      const known = kinds.get(name);
      kinds.set(name, known === undefined ? { roleId, action, resource, context, times: 1 } : { ...known, times: known.times + 1 });
    },
  };
}

/** What our policies condition on. Whatever else a call carries (a person's data key) would make each call a kind of its own. */
const toldApart = ["dynamodb:leadingkeys", "kms:encryptioncontext:purpose"] as const;

/** Keys differ in their ids; policies speak of the first word. */
const kindOf = (value: string): string => value.split("#")[0] ?? value;

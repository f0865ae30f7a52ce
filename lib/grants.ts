// From what a function's row says to the statements of its role: exact actions, exact resources, key prefixes as conditions.
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { FunctionSpec, Prefix, Purpose, TableAccess } from "./function-list.ts";
import { deskIndex, dueIndex, type Store } from "./table.ts";

export function storeStatements(spec: FunctionSpec, { table, key, originSecret, linkSecret }: Store): PolicyStatement[] {
  const secrets = { origin: originSecret, link: linkSecret };
  return [
    ...(spec.table ? tableStatements(spec.table, table.tableArn) : []),
    ...sealing("kms:Decrypt", spec.opens, key.keyArn),
    ...sealing("kms:GenerateDataKey", spec.seals, key.keyArn),
    ...(spec.secrets?.length
      ? [new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: spec.secrets.map((name) => secrets[name].secretArn) })]
      : []),
  ];
}

/** One statement per set of prefixes, so that a role reads like its row. */
function tableStatements(access: TableAccess, tableArn: string): PolicyStatement[] {
  const rights: readonly (readonly [string, readonly Prefix[] | undefined])[] = [
    ["dynamodb:GetItem", access.gets],
    ["dynamodb:BatchGetItem", access.gets],
    ["dynamodb:Query", access.queries],
    ["dynamodb:PutItem", access.puts],
    ["dynamodb:UpdateItem", access.updates],
    ["dynamodb:DeleteItem", access.deletes],
    ["dynamodb:ConditionCheckItem", access.checks],
  ];
  const byPrefixes = new Map<string, { actions: string[]; prefixes: readonly Prefix[] }>();
  for (const [action, prefixes] of rights) {
    if (!prefixes?.length) continue;
    const group = byPrefixes.get([...prefixes].sort().join());
    if (group) group.actions.push(action);
    else byPrefixes.set([...prefixes].sort().join(), { actions: [action], prefixes });
  }
  const statements = [...byPrefixes.values()].map(({ actions, prefixes }) => within(prefixes, actions, tableArn));
  for (const [granted, index] of [
    [access.dueIndex, dueIndex],
    [access.deskIndex, deskIndex],
  ] as const) {
    // The indexes are keyed by shard or merchant, not by our prefixes, and project keys only: they can suggest, never show.
    if (granted) statements.push(new PolicyStatement({ actions: ["dynamodb:Query"], resources: [`${tableArn}/index/${index}`] }));
  }
  return statements;
}

function within(prefixes: readonly Prefix[], actions: string[], tableArn: string): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [tableArn],
    conditions: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": prefixes.map((prefix) => `${prefix}#*`) },
      // `ForAllValues` is also true when there are no values at all; a request without leading keys must not pass.
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  });
}

function sealing(action: string, purposes: readonly Purpose[] | undefined, keyArn: string): PolicyStatement[] {
  if (!purposes?.length) return [];
  return [
    new PolicyStatement({ actions: [action], resources: [keyArn], conditions: { StringEquals: { "kms:EncryptionContext:purpose": purposes } } }),
  ];
}

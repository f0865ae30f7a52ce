// Who may do what, read from the template as CloudFormation gets it (TH15, TH22).
import { beforeAll, describe, expect, it } from "@jest/globals";
import { type Assembly, assembly, listOf, ofType, referred, synthMsMax, type Template } from "./assembly.ts";

interface Statement {
  readonly holder: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly any[];
  readonly condition: any;
}

/** Holders whose rights the CDK or AWS dictate; everything else is held to the letter. */
const siteCopier = /^CustomCDKBucketDeployment/;
const anyResource: Readonly<Record<string, readonly string[]>> = {
  OutboxRole: ["dynamodb:ListStreams"],
  ReportsJournalRole: ["dynamodb:ListStreams"],
  FulfilOrderRole: [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
  ],
};
const tableActions = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"].map(
  (name) => `dynamodb:${name}`,
);

/** What each money prefix may be written by: the verbs that own the change, nobody else. */
const writers: Readonly<Record<string, readonly string[]>> = {
  ORDER: [
    "FulfilDeliverRole",
    "FulfilDeskOperatorRole",
    "FulfilDisputeRole",
    "FulfilOperatorRole",
    "FulfilPayBackRole",
    "FulfilReleaseRole",
    "FulfilStockOperatorRole",
    "FulfilSweepRole",
    "OrdersRole",
  ],
  PAYMENT: ["FulfilDeliverRole", "FulfilDisputeRole", "FulfilOperatorRole", "FulfilPayBackRole", "FulfilReleaseRole", "OrdersRole"],
  UNIT: [
    "FulfilDeliverRole",
    "FulfilDeskOperatorRole",
    "FulfilDisputeRole",
    "FulfilOperatorRole",
    "FulfilReleaseRole",
    "FulfilStockOperatorRole",
    "InventoryOperatorRole",
    "OrdersRole",
  ],
};
/** Who takes a unit from its pool: at the order, for late or accepted money, for a defective one, out of sale. Nothing else is deleted. */
const takers: readonly string[] = ["FulfilDeliverRole", "FulfilDeskOperatorRole", "FulfilStockOperatorRole", "InventoryOperatorRole", "OrdersRole"];
const openers: Readonly<Record<string, readonly string[]>> = {
  person: ["FulfilEventsRole", "FulfilSendRole"],
  channel: ["FulfilEventsRole", "FulfilSendRole", "NotificationsCallbackRole"],
  connection: [
    "FulfilConfirmRole",
    "FulfilDisputeRole",
    "FulfilPayBackRole",
    "FulfilReleaseRole",
    "OrdersRole",
    "PaymentsOperatorRole",
    "PaymentsWebhookRole",
    "ReportsOperatorRole",
    "ReportsReconcileRole",
  ],
};

function statementsOf(template: Template): readonly Statement[] {
  const read = (holder: string, document: any): Statement[] =>
    listOf(document.Statement).map((statement) => ({
      holder,
      effect: statement.Effect,
      actions: listOf(statement.Action),
      resources: listOf(statement.Resource),
      condition: statement.Condition ?? {},
    }));
  return [
    ...ofType(template, "AWS::IAM::Role").flatMap(([id, { Properties }]) =>
      listOf(Properties.Policies).flatMap((policy) => read(id, policy.PolicyDocument)),
    ),
    ...ofType(template, "AWS::IAM::Policy").flatMap(([, { Properties }]) =>
      listOf(Properties.Roles).flatMap((role) => read(referred(role) ?? "?", Properties.PolicyDocument)),
    ),
  ];
}

const prefixesOf = (statement: Statement): readonly string[] =>
  listOf(statement.condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"]).map((pattern: string) => pattern.replace(/#\*$/, ""));

/** Every way in which a role is too wide, in words. An empty list is the guarantee. */
function tooWide(template: Template): readonly string[] {
  const findings: string[] = [];
  for (const { holder, actions, resources, condition, effect } of statementsOf(template)) {
    if (effect !== "Allow" || siteCopier.test(holder)) continue;
    for (const action of actions) {
      if (action.includes("*")) findings.push(`${holder} may ${action}`);
      if (resources.includes("*") && !anyResource[holder]?.includes(action)) findings.push(`${holder} may ${action} on anything`);
      if (/^dynamodb:(Scan|PartiQL|BatchWriteItem|DeleteTable|UpdateTable)/.test(action)) findings.push(`${holder} may ${action}`);
    }
    if (actions.some((action) => tableActions.includes(action)) && !isIndexQuery(actions, resources)) {
      const prefixes = listOf(condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"]);
      if (prefixes.length === 0 || !prefixes.every((prefix: string) => /^[A-Z]+#\*$/.test(prefix)))
        findings.push(`${holder} is not kept to key prefixes in ${actions.join(", ")}`);
      if (condition.Null?.["dynamodb:LeadingKeys"] !== "false")
        findings.push(`${holder} may use a request without leading keys in ${actions.join(", ")}`);
      if (actions.includes("dynamodb:DeleteItem") && !(takers.includes(holder) && prefixes.join() === "POOL#*"))
        findings.push(`${holder} may delete ${prefixes.join()}`);
    }
    if (actions.some((action) => action.startsWith("kms:")) && listOf(condition.StringEquals?.["kms:EncryptionContext:purpose"]).length === 0)
      findings.push(`${holder} may use the key for any purpose`);
  }
  return findings;
}

const isIndexQuery = (actions: readonly string[], resources: readonly any[]): boolean =>
  actions.join() === "dynamodb:Query" && resources.length === 1 && ["/index/due", "/index/desk"].includes(resources[0]?.["Fn::Join"]?.[1]?.[1]);

describe.each(["dev", "prod"] as const)("rights in %s", (stage) => {
  let template: Template;
  beforeAll(() => {
    template = (assembly() as Assembly)[stage];
  }, synthMsMax);

  it("gives every function a role of its own (TH22)", () => {
    const roles = ofType(template, "AWS::Lambda::Function").map(([, fn]) => referred(fn.Properties.Role));
    expect(roles.length).toBeGreaterThan(10);
    expect(new Set(roles).size).toBe(roles.length);
  });

  it("grants nothing wider than exact actions, named resources, key prefixes and purposes (TH22)", () => {
    expect(statementsOf(template).length).toBeGreaterThan(30);
    expect(tooWide(template)).toEqual([]);
  });

  it.each(Object.entries(writers))("lets only the money verbs write %s", (prefix, expected) => {
    const writing = statementsOf(template).filter(
      (statement) => statement.actions.some((action) => /^dynamodb:(Put|Update|Delete)Item$/.test(action)) && prefixesOf(statement).includes(prefix),
    );
    expect([...new Set(writing.map(({ holder }) => holder))].sort()).toEqual(expected);
  });

  it.each(Object.entries(openers))("lets only its own functions open what is sealed for a %s (TH15)", (purpose, expected) => {
    const opening = statementsOf(template).filter(
      ({ actions, condition }) =>
        actions.includes("kms:Decrypt") && listOf(condition.StringEquals["kms:EncryptionContext:purpose"]).includes(purpose),
    );
    expect(opening.map(({ holder }) => holder).sort()).toEqual(expected);
  });

  it("lets no function open a unit's secret code yet: nothing reveals one (TH15)", () => {
    const purposes = statementsOf(template).flatMap(({ actions, condition }) =>
      actions.includes("kms:Decrypt") ? listOf(condition.StringEquals["kms:EncryptionContext:purpose"]) : [],
    );
    expect(purposes).not.toContain("unit");
  });

  it("lets the key be used beside the roles' purposes only through DynamoDB, in this account", () => {
    const [, key] = ofType(template, "AWS::KMS::Key")[0] ?? [];
    const [administration, throughTheTable, ...others] = key?.Properties.KeyPolicy.Statement ?? [];
    expect(JSON.stringify(administration.Principal)).toContain(":root");
    expect(throughTheTable.Condition.StringEquals).toEqual({
      "kms:CallerAccount": { Ref: "AWS::AccountId" },
      "kms:ViaService": "dynamodb.ca-central-1.amazonaws.com",
    });
    expect(others).toEqual([]);
  });

  it("notices a right that is too wide", () => {
    const planted = structuredClone(template);
    const statements = planted.Resources.StorefrontRole?.Properties.Policies[0].PolicyDocument.Statement;
    statements.push(
      { Effect: "Allow", Action: "dynamodb:Scan", Resource: "*" },
      { Effect: "Allow", Action: "dynamodb:DeleteItem", Resource: { "Fn::GetAtt": ["Table", "Arn"] } },
      { Effect: "Allow", Action: "kms:Decrypt", Resource: { "Fn::GetAtt": ["Key", "Arn"] } },
    );
    expect(tooWide(planted)).toEqual([
      "StorefrontRole may dynamodb:Scan on anything",
      "StorefrontRole may dynamodb:Scan",
      "StorefrontRole is not kept to key prefixes in dynamodb:DeleteItem",
      "StorefrontRole may use a request without leading keys in dynamodb:DeleteItem",
      "StorefrontRole may delete ",
      "StorefrontRole may use the key for any purpose",
    ]);
  });
});

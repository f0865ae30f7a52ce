import { describe, expect, it } from "@jest/globals";
import { createAuthority } from "../../../local/iam/authorise.ts";
import { checkGrants } from "../../../local/iam/check-grants.ts";
import { type FixtureTemplate, loadFixture } from "../template/fixture.ts";

const properties = (template: FixtureTemplate, id: string) => template.Resources[id]?.Properties ?? {};
const keyPolicy = (statements: readonly unknown[]) => (template: FixtureTemplate) => {
  properties(template, "Key").KeyPolicy = { Statement: statements };
};

function judge(change: (template: FixtureTemplate) => void, action: string, purpose?: string) {
  const inventory = loadFixture(change);
  const resource = (action.startsWith("kms:") ? inventory.keys[0]?.arn : inventory.queues.find((queue) => queue.id === "Events")?.arn) ?? "";
  const context = purpose === undefined ? {} : { "kms:encryptioncontext:purpose": [purpose] };
  return createAuthority(inventory).refusal("OrdersRole", { action, resource, context });
}

describe("a key's own policy", () => {
  const role = { AWS: { "Fn::GetAtt": ["OrdersRole", "Arn"] } };
  const root = { AWS: "arn:aws:iam::000000000000:root" };
  const allow = (principal: unknown, action = "kms:*", more = {}) => ({
    Effect: "Allow",
    Action: action,
    Resource: "*",
    Principal: principal,
    ...more,
  });

  it("that hands over to the account lets the role's policy decide", () => {
    expect(judge(() => {}, "kms:Decrypt", "person")).toBeUndefined();
    expect(judge(() => {}, "kms:Decrypt", "connection")).toMatch(/no identity-based policy allows the kms:Decrypt action/);
  });
  it("that does not mention the account makes the role's policy worthless", () => {
    expect(judge(keyPolicy([allow({ AWS: "arn:aws:iam::000000000000:role/other" })]), "kms:Decrypt", "person")).toMatch(/no resource-based policy/);
  });
  it("that hands over other actions only does not cover this one", () => {
    expect(judge(keyPolicy([allow(root, "kms:Describe*")]), "kms:Decrypt", "person")).toMatch(/no resource-based policy/);
  });
  it("that names the role suffices by itself", () => {
    expect(judge(keyPolicy([allow(role)]), "kms:Encrypt")).toBeUndefined();
  });
  it("denies above everything", () => {
    const deny = { ...allow({ AWS: "*" }, "kms:Decrypt"), Effect: "Deny" };
    expect(judge(keyPolicy([allow(root), deny]), "kms:Decrypt", "person")).toMatch(/explicit deny in a resource-based policy/);
  });
  it("for calls that come through DynamoDB does not open the key to direct calls", () => {
    const viaDynamodb = allow({ AWS: "*" }, "kms:Decrypt", {
      Condition: { StringEquals: { "kms:ViaService": "dynamodb.ca-central-1.amazonaws.com" } },
    });
    expect(judge(keyPolicy([allow(root), viaDynamodb]), "kms:Decrypt", "connection")).toMatch(/no identity-based policy/);
  });
});

describe("a queue's own policy", () => {
  it("against unencrypted connections lets loopback pass", () => {
    expect(judge(() => {}, "sqs:SendMessage")).toBeUndefined();
  });
  it("denies what it denies", () => {
    const change = (template: FixtureTemplate) => delete properties(template, "EventsPolicy").PolicyDocument.Statement[0].Condition;
    expect(judge(change, "sqs:SendMessage")).toMatch(/explicit deny in a resource-based policy/);
  });
});

describe("triggers", () => {
  const check = (change: (template: FixtureTemplate) => void = () => {}) => {
    const inventory = loadFixture(change);
    checkGrants(inventory, createAuthority(inventory));
  };
  const statements = (template: FixtureTemplate) => properties(template, "ConsumerPolicy").PolicyDocument.Statement;

  it("start when their roles have what AWS asks for", () => expect(() => check()).not.toThrow());
  it("stop the start when a role may not read its queue", () => {
    expect(() => check((template) => statements(template).splice(0, 1))).toThrow(/EventsMapping: role ConsumerRole lacks sqs:ReceiveMessage/);
  });
  it("stop the start when a role may not read its stream, or send what failed", () => {
    expect(() => check((template) => statements(template).splice(1, 2))).toThrow(/lacks dynamodb:GetRecords[\s\S]*lacks sqs:SendMessage/);
  });
  it("stop the start when a schedule may not invoke its function", () => {
    const change = (template: FixtureTemplate) => (properties(template, "SweepRole").Policies = []);
    expect(() => check(change)).toThrow(/Sweep: role SweepRole lacks lambda:InvokeFunction/);
  });
});

import { describe, expect, it } from "@jest/globals";
import { type AccessRequest, compile, evaluate, type Verdict } from "../../../local/iam/evaluate.ts";
import { UnsupportedPolicy } from "../../../local/iam/unsupported.ts";
import type { PolicyStatement } from "../../../local/template/inventory.ts";

const table = "arn:aws:dynamodb:ca-central-1:000000000000:table/shop";
const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  effect: "Allow",
  actions: ["dynamodb:PutItem"],
  resources: [table],
  conditions: {},
  ...more,
});
const request = (more: Partial<AccessRequest> = {}): AccessRequest => ({ action: "dynamodb:PutItem", resource: table, context: {}, ...more });
const judge = (statements: readonly PolicyStatement[], asked: AccessRequest): Verdict =>
  evaluate(
    statements.map((one) => compile(one, "a role")),
    asked,
  );

const onKeys = (operator: string, values: readonly string[], more: PolicyStatement["conditions"] = {}) =>
  allow({ conditions: { [operator]: { "dynamodb:LeadingKeys": values }, ...more } });
const keys = (...values: string[]) => request({ context: { "dynamodb:leadingkeys": values } });
const withPrefix = onKeys("ForAllValues:StringLike", ["ORDER#*", "OP#*"], { Null: { "dynamodb:LeadingKeys": ["false"] } });
const sealed = (operator: string, ...values: string[]) => allow({ conditions: { [operator]: { "kms:EncryptionContext:purpose": values } } });
const purpose = (value: string) => request({ context: { "kms:encryptioncontext:purpose": [value] } });
const from = (operator: string, pattern: string) => allow({ conditions: { [operator]: { "aws:PrincipalArn": [pattern] } } });
const by = (arn: string) => request({ context: { "aws:principalarn": [arn] } });

describe("a policy", () => {
  const table_: readonly (readonly [string, readonly PolicyStatement[], AccessRequest, Verdict])[] = [
    ["without statements denies", [], request(), "implicit_deny"],
    ["allows the action on the resource", [allow()], request(), "allow"],
    ["denies another action", [allow()], request({ action: "dynamodb:DeleteItem" }), "implicit_deny"],
    ["denies another resource", [allow()], request({ resource: `${table}2` }), "implicit_deny"],
    ["denies an index of the resource", [allow()], request({ resource: `${table}/index/due` }), "implicit_deny"],
    ["matches actions whatever their case", [allow({ actions: ["DynamoDB:putitem"] })], request(), "allow"],
    ["matches resources in their case", [allow({ resources: [table.toUpperCase()] })], request(), "implicit_deny"],
    ["takes * in actions", [allow({ actions: ["dynamodb:Put*"] })], request(), "allow"],
    ["takes ? for one character", [allow({ resources: [table.replace("shop", "sho?")] })], request(), "allow"],
    ["does not read a dot as any character", [allow({ resources: [table.replace("shop", "s.op")] })], request(), "implicit_deny"],
    ["denies explicitly above any allow", [allow({ actions: ["*"] }), { ...allow(), effect: "Deny" }], request(), "explicit_deny"],
    [
      "keeps a deny that does not apply from denying",
      [allow(), { ...allow({ actions: ["dynamodb:DeleteItem"] }), effect: "Deny" }],
      request(),
      "allow",
    ],

    ["holds all leading keys to the prefixes", [withPrefix], keys("ORDER#1", "OP#2"), "allow"],
    ["refuses when one leading key is outside", [withPrefix], keys("ORDER#1", "PERSON#2"), "implicit_deny"],
    ["refuses a prefix without its separator", [withPrefix], keys("ORDERLY"), "implicit_deny"],
    ["refuses when there are no leading keys, because Null says so", [withPrefix], request(), "implicit_deny"],
    ["refuses an empty list of leading keys too", [withPrefix], keys(), "implicit_deny"],
    [
      "passes a request without keys where Null is missing: ForAllValues is true of nothing",
      [onKeys("ForAllValues:StringLike", ["ORDER#*"])],
      request(),
      "allow",
    ],
    [
      "ForAllValues:StringEquals wants whole values",
      [onKeys("ForAllValues:StringEquals", ["ORDER#1"])],
      keys("ORDER#1", "ORDER#11"),
      "implicit_deny",
    ],
    ["ForAnyValue wants one", [onKeys("ForAnyValue:StringLike", ["OP#*"])], keys("ORDER#1", "OP#1"), "allow"],
    ["ForAnyValue is false of nothing", [onKeys("ForAnyValue:StringLike", ["OP#*"])], request(), "implicit_deny"],
    ["an operator for one value is not satisfied by two", [onKeys("StringLike", ["OP#*"])], keys("OP#1", "OP#2"), "implicit_deny"],

    ["StringEquals takes any of its values", [sealed("StringEquals", "person", "channel")], purpose("channel"), "allow"],
    ["StringEquals refuses another", [sealed("StringEquals", "person")], purpose("Person"), "implicit_deny"],
    ["StringEquals refuses a missing key", [sealed("StringEquals", "person")], request(), "implicit_deny"],
    ["StringEqualsIfExists passes a missing key", [sealed("StringEqualsIfExists", "person")], request(), "allow"],
    ["StringEqualsIfExists refuses another", [sealed("StringEqualsIfExists", "person")], purpose("unit"), "implicit_deny"],
    ["StringEqualsIgnoreCase folds case", [sealed("StringEqualsIgnoreCase", "person")], purpose("Person"), "allow"],
    ["StringNotEquals passes a missing key", [sealed("StringNotEquals", "person")], request(), "allow"],
    ["StringNotEquals refuses all its values", [sealed("StringNotEquals", "person", "unit")], purpose("unit"), "implicit_deny"],
    ["StringNotLike refuses a match", [sealed("StringNotLike", "per*")], purpose("person"), "implicit_deny"],
    [
      "Bool compares words",
      [allow({ conditions: { Bool: { "aws:SecureTransport": ["true"] } } })],
      request({ context: { "aws:securetransport": ["true"] } }),
      "allow",
    ],
    ["Null: true wants the key missing", [allow({ conditions: { Null: { "dynamodb:LeadingKeys": ["true"] } } })], keys("A"), "implicit_deny"],
    ["ArnLike does not reach over a colon", [from("ArnLike", "arn:aws:iam::*:role/a")], by("arn:aws:iam::1:x:role/a"), "implicit_deny"],
    ["ArnLike takes * within a part", [from("ArnLike", "arn:aws:iam::*:role/*")], by("arn:aws:iam::000000000000:role/orders"), "allow"],
    ["ArnNotLike refuses a match", [from("ArnNotLike", "arn:aws:iam::*:role/*")], by("arn:aws:iam::000000000000:role/orders"), "implicit_deny"],
    [
      "wants every condition of a statement",
      [allow({ conditions: { ...withPrefix.conditions, StringEquals: { "kms:EncryptionContext:purpose": ["x"] } } })],
      keys("OP#1"),
      "implicit_deny",
    ],
  ];
  it.each(table_)("%s", (_, statements, asked, verdict) => {
    expect(judge(statements, asked)).toBe(verdict);
  });

  it.each([
    ["an operator that is not supported", { NumericLessThan: { "dynamodb:LeadingKeys": ["1"] } }],
    ["a condition key that the gateway cannot supply", { StringEquals: { "aws:RequestedRegion": ["x"] } }],
    ["a policy variable", { StringEquals: { "dynamodb:LeadingKeys": ["${aws:userid}"] } }],
  ])("with %s is refused before anything runs", (_, conditions) => {
    expect(() => compile(allow({ conditions }), "a role")).toThrow(UnsupportedPolicy);
  });
});

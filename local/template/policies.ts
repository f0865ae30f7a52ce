// Policy documents to statements: of roles (inline, attached, managed by AWS) and of resources (keys, queues, buckets).
import type { PolicyStatement, ResourceStatement, RoleResource } from "./inventory.ts";
import type { Resource, Resources } from "./resources.ts";
import { isRecord, type Json, list, oneOf, only, optionalList, record, refuse, text, texts } from "./shape.ts";

/** Policies that AWS keeps, by the last part of their ARN. */
const awsManaged: Readonly<Record<string, readonly PolicyStatement[]>> = {
  "service-role/AWSLambdaBasicExecutionRole": [
    { effect: "Allow", actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources: ["*"], conditions: {} },
  ],
  AWSXRayDaemonWriteAccess: [
    {
      effect: "Allow",
      actions: [
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:GetSamplingStatisticSummaries",
      ],
      resources: ["*"],
      conditions: {},
    },
  ],
};

const scalars = (value: unknown, where: string): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((one) =>
    ["string", "boolean", "number"].includes(typeof one) ? String(one) : refuse(where, "expected text"),
  );

function conditionsOf(value: unknown, where: string): PolicyStatement["conditions"] {
  if (value === undefined) return {};
  const operators = Object.entries(record(value, where)).map(([operator, keys]) => [
    operator,
    Object.fromEntries(
      Object.entries(record(keys, `${where}.${operator}`)).map(([key, values]) => [key, scalars(values, `${where}.${operator}.${key}`)]),
    ),
  ]);
  return Object.fromEntries(operators);
}

const statementsIn = (document: unknown, where: string): readonly (readonly [Json, string])[] => {
  const statements = only(record(document, where), where, ["Statement", "Version"], ["Id"]).Statement;
  return (Array.isArray(statements) ? statements : [statements]).map(
    (one, index) => [record(one, `${where}[${index}]`), `${where}[${index}]`] as const,
  );
};

const statementOf = (source: Json, where: string): PolicyStatement => ({
  effect: oneOf(source.Effect, `${where}.Effect`, ["Allow", "Deny"]),
  actions: texts(source.Action, `${where}.Action`),
  resources: texts(source.Resource, `${where}.Resource`),
  conditions: conditionsOf(source.Condition, `${where}.Condition`),
});

/** Statements of an identity policy. NotAction, NotResource and principals are refused. */
export const identityStatements = (document: unknown, where: string): readonly PolicyStatement[] =>
  statementsIn(document, where).map(([source, at]) => statementOf(only(source, at, ["Effect", "Action", "Resource", "Condition"], ["Sid"]), at));

/** Statements of a resource policy; `resource` stands in where a statement names none (a trust policy). */
export const resourceStatements = (document: unknown, where: string, resource?: string): readonly ResourceStatement[] =>
  statementsIn(document, where).map(([source, at]) => ({
    ...statementOf({ Resource: resource, ...only(source, at, ["Effect", "Action", "Resource", "Condition", "Principal"], ["Sid"]) }, at),
    principals: principalsOf(source.Principal, `${at}.Principal`),
  }));

function principalsOf(value: unknown, where: string): ResourceStatement["principals"] {
  if (value === "*") return [{ kind: "AWS", value: "*" }];
  return Object.entries(record(value, where)).flatMap(([kind, values]) =>
    texts(values, where).map((one) => ({ kind: oneOf(kind, where, ["AWS", "Service"]), value: one })),
  );
}

/** Every role with all its statements, whatever way they were attached. */
export function roles(resources: Resources): ReadonlyMap<string, RoleResource> {
  const attached = new Map<string, PolicyStatement[]>();
  for (const policy of resources.ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")) {
    const statements = identityStatements(policy.properties.PolicyDocument, policy.at);
    for (const name of optionalList(policy.properties.Roles, `${policy.at}.Roles`)) {
      const role = resources.named(name, `${policy.at}.Roles`, "AWS::IAM::Role");
      attached.set(role.id, [...(attached.get(role.id) ?? []), ...statements]);
    }
  }
  return new Map(
    resources.ofType("AWS::IAM::Role").map((role) => [
      role.id,
      {
        id: role.id,
        arn: resources.attribute(role, "Arn"),
        statements: [...ownStatements(role, resources), ...(attached.get(role.id) ?? [])],
      },
    ]),
  );
}

function ownStatements(role: Resource, resources: Resources): readonly PolicyStatement[] {
  const inline = optionalList(role.properties.Policies, `${role.at}.Policies`).flatMap((one) =>
    identityStatements(record(one, role.at).PolicyDocument, `${role.at}.Policies`),
  );
  const managed = optionalList(role.properties.ManagedPolicyArns, `${role.at}.ManagedPolicyArns`).flatMap((one) => {
    if (resources.find(one, "AWS::IAM::ManagedPolicy")) return refuse(role.at, "attach managed policies from the policy's side (Roles)");
    const name = text(one, role.at).split(":iam::aws:policy/")[1] ?? "";
    return awsManaged[name] ?? refuse(role.at, `managed policy ${String(one)} is not supported locally`);
  });
  return [...inline, ...managed];
}

/** Throws unless the role lets this service assume it, as AWS would at deployment. */
export function checkTrust(resources: Resources, roleName: unknown, service: string, where: string): Resource {
  const role = resources.named(roleName, where, "AWS::IAM::Role");
  const trusted = resourceStatements(role.properties.AssumeRolePolicyDocument, `${role.at}.AssumeRolePolicyDocument`, "*").some(
    (one) => one.effect === "Allow" && one.actions.includes("sts:AssumeRole") && one.principals.some((who) => isServicePrincipal(who, service)),
  );
  return trusted ? role : refuse(where, `role ${role.id} does not let ${service} assume it`);
}

const isServicePrincipal = (who: unknown, service: string): boolean => isRecord(who) && who.kind === "Service" && who.value === service;

/** Resource policies by the logical id of what they guard. */
export function attachedPolicies(
  resources: Resources,
  policyType: string,
  targets: string,
  targetType: string,
): ReadonlyMap<string, readonly ResourceStatement[]> {
  const byTarget = new Map<string, readonly ResourceStatement[]>();
  for (const policy of resources.ofType(policyType)) {
    const statements = resourceStatements(policy.properties.PolicyDocument, policy.at);
    const named = policy.properties[targets];
    for (const name of Array.isArray(named) ? list(named, policy.at) : [named]) {
      const target = resources.named(name, `${policy.at}.${targets}`, targetType);
      byTarget.set(target.id, [...(byTarget.get(target.id) ?? []), ...statements]);
    }
  }
  return byTarget;
}

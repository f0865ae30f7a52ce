// What the policies grant, broken into the smallest parts that one call can need, and which of them no call needed.
import type { GrantedCall } from "../../local/host.ts";
import type { Inventory, PolicyStatement } from "../../local/template/inventory.ts";

export interface UnusedGrants {
  /** `OrdersRole dynamodb:GetItem CONNECTION#*`, sorted. */
  readonly lines: readonly string[];
  /** How many parts are granted in all. */
  readonly granted: number;
}

/** Log groups, and what the event sources poll with in a function's name: the platform's own calls, none of ours. */
const notOurs =
  /^((logs|xray):|dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$|sqs:(ReceiveMessage|DeleteMessage|ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$)/;

export function unusedGrants({ roles, functions, stateMachines, schedules }: Inventory, calls: readonly GrantedCall[]): UnusedGrants {
  const ours = new Set([...functions, ...stateMachines, ...schedules].map(({ roleId }) => roleId));
  const parts = [...roles.values()]
    .filter(({ id }) => ours.has(id))
    .flatMap(({ id, statements }) => statements.filter(({ effect }) => effect === "Allow").flatMap((statement) => partsOf(id, statement)));
  return {
    lines: parts
      .filter((part) => !calls.some((call) => uses(call, part)))
      .map(nameOf)
      .sort(),
    granted: parts.length,
  };
}

interface Part {
  readonly roleId: string;
  readonly action: string;
  readonly resource: string;
  /** Pattern of a leading key, or a purpose of the key; empty where the statement has no such condition. */
  readonly about: string;
}

function partsOf(roleId: string, { actions, resources, conditions }: PolicyStatement): readonly Part[] {
  const values = Object.values(conditions).flatMap((keys) => [
    ...(keys["kms:EncryptionContext:purpose"] ?? []),
    ...(keys["dynamodb:LeadingKeys"] ?? []),
  ]);
  const about = values.filter((value) => value !== "false");
  return actions
    .filter((action) => !notOurs.test(action))
    .flatMap((action) =>
      resources.flatMap((resource) => (about.length === 0 ? [""] : about).map((one) => ({ roleId, action, resource, about: one }))),
    );
}

function uses({ roleId, action, resource, context }: GrantedCall, part: Part): boolean {
  if (roleId !== part.roleId || action !== part.action || !matches(resource, part.resource)) return false;
  const said = [...(context["dynamodb:leadingkeys"] ?? []), ...(context["kms:encryptioncontext:purpose"] ?? [])];
  return part.about === "" || said.some((value) => matches(value, part.about));
}

/** `*` at the end stands for anything. */
const matches = (value: string, pattern: string): boolean => (pattern.endsWith("*") ? value.startsWith(pattern.slice(0, -1)) : value === pattern);

const nameOf = ({ roleId, action, resource, about }: Part): string =>
  `${roleId} ${action} ${about === "" ? (resource.split(":").at(-1) ?? resource) : `${about}${resource.includes("/index/") ? ` on ${resource.split("/").at(-1)}` : ""}`}`;

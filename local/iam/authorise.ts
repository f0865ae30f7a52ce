// Is a call allowed to a role? Its own policies and the policy on the resource, as AWS combines them within one account.
import type { Inventory, ResourceStatement } from "../template/inventory.ts";
import { account, partition } from "../template/names.ts";
import type { Context } from "./conditions.ts";
import { type AccessRequest, applies, type CompiledStatement, compile, evaluate } from "./evaluate.ts";

export interface Authority {
  /** Undefined: allowed. Otherwise the reason, in the words of AWS's own message. */
  refusal(roleId: string, request: AccessRequest): string | undefined;
}

interface ResourcePolicy {
  readonly statements: readonly (CompiledStatement & { readonly principals: ResourceStatement["principals"] })[];
  /** Keys: identity policies count only where the key policy hands over to the account. */
  readonly mustDelegate: boolean;
}

const accountRoot = `arn:${partition}:iam::${account}:root`;
/** A key without a policy of its own gets the one that CDK and the console write. */
const delegateToAccount: readonly ResourceStatement[] = [
  { effect: "Allow", actions: ["kms:*"], resources: ["*"], conditions: {}, principals: [{ kind: "AWS", value: accountRoot }] },
];

/** Compiles every policy of the template; throws `UnsupportedPolicy` on one that could not be judged faithfully. */
export function createAuthority(inventory: Inventory): Authority {
  const roles = new Map(
    [...inventory.roles.values()].map((role) => [
      role.id,
      { arn: role.arn, statements: role.statements.map((one, index) => compile(one, `role ${role.id} statement ${index}`)) },
    ]),
  );
  const policies = new Map<string, ResourcePolicy>();
  const add = (arn: string, id: string, statements: readonly ResourceStatement[], mustDelegate: boolean) =>
    policies.set(arn, {
      mustDelegate,
      statements: statements.map((one, index) => ({ ...compile(one, `policy of ${id} statement ${index}`), principals: one.principals })),
    });
  for (const queue of inventory.queues) if (queue.policy) add(queue.arn, queue.id, queue.policy, false);
  for (const key of inventory.keys) add(key.arn, key.id, key.policy ?? delegateToAccount, true);

  return {
    refusal(roleId, request) {
      const role = roles.get(roleId);
      if (!role) return `because no role ${roleId} exists`;
      const context: Context = {
        // Loopback never leaves the machine: it stands for the encrypted connection that policies ask for.
        "aws:securetransport": ["true"],
        "aws:principalarn": [role.arn],
        "aws:principalaccount": [account],
        ...request.context,
      };
      const full = { ...request, context };
      const identity = evaluate(role.statements, full);
      if (identity === "explicit_deny") return "with an explicit deny in an identity-based policy";

      const resource = judgeResource(policies.get(request.resource), role.arn, full);
      if (resource === "denies") return "with an explicit deny in a resource-based policy";
      if (resource === "allows") return undefined;
      if (identity !== "allow") return `because no identity-based policy allows the ${request.action} action`;
      return resource === "silent" && policies.get(request.resource)?.mustDelegate
        ? `because no resource-based policy allows the ${request.action} action`
        : undefined;
    },
  };
}

/** `allows` the role by itself, `delegates` to the account's identity policies, `denies`, or is `silent`. */
function judgeResource(policy: ResourcePolicy | undefined, roleArn: string, request: AccessRequest): "allows" | "delegates" | "denies" | "silent" {
  let answer: "allows" | "delegates" | "silent" = "silent";
  for (const statement of policy?.statements ?? []) {
    const names = statement.principals.filter((who) => who.kind === "AWS").map((who) => who.value);
    const direct = names.includes("*") || names.includes(roleArn);
    const delegated = names.includes(accountRoot) || names.includes(account);
    if ((!direct && !delegated) || !applies(statement, request)) continue;
    if (statement.effect === "Deny") return "denies";
    if (direct) answer = "allows";
    else if (answer === "silent") answer = "delegates";
  }
  return answer;
}

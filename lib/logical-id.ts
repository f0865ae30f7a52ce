import type { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Gives the construct's resource the logical id by which operators, alarms and the local shop know it. It also keeps the resource
 * in place when code moves between files, since CloudFormation replaces what changes its logical id.
 */
export function knownAs<C extends IConstruct>(logicalId: string, construct: C): C {
  (construct.node.defaultChild as CfnResource).overrideLogicalId(logicalId);
  return construct;
}

/** `payments-webhook` → `PaymentsWebhook` */
export const pascalCase = (id: string): string => id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

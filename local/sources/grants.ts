// Lambda's pollers act with the function's own role. Without these grants AWS would refuse the mapping; here the start is refused.
import type { Authoriser } from "../host.ts";
import type { EventSourceResource, Inventory } from "../template/inventory.ts";

interface Need {
  readonly action: string;
  readonly resource: string;
}

function needsOf(mapping: EventSourceResource, inventory: Inventory): Need[] {
  const { source } = mapping;
  const needs: Need[] = [];
  if (source.kind === "queue") {
    const resource = arnOf(inventory.queues, source.queueId);
    for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]) needs.push({ action, resource });
  } else {
    const resource = inventory.tables.find((table) => table.id === source.tableId)?.streamArn;
    if (resource === undefined) throw new Error(`event source ${mapping.id}: table ${source.tableId} has no stream`);
    for (const action of ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]) needs.push({ action, resource });
    needs.push({ action: "dynamodb:ListStreams", resource: "*" });
  }
  if (mapping.onFailureQueueId !== undefined) needs.push({ action: "sqs:SendMessage", resource: arnOf(inventory.queues, mapping.onFailureQueueId) });
  return needs;
}

function arnOf(resources: readonly { readonly id: string; readonly arn: string }[], id: string): string {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw new Error(`an event source names ${id}, which is not in the template`);
  return found.arn;
}

/** Throws, naming function, action and resource, where a role lacks what its event source needs. */
export function checkSourceGrants(inventory: Inventory, authoriser: Authoriser): void {
  for (const mapping of inventory.eventSources) {
    const fn = inventory.functions.find((one) => one.id === mapping.functionId);
    if (fn === undefined) throw new Error(`event source ${mapping.id} names function ${mapping.functionId}, which is not in the template`);
    for (const { action, resource } of needsOf(mapping, inventory)) {
      if (!authoriser.allowed(fn.roleId, action, resource)) {
        throw new Error(`event source ${mapping.id}: the role of ${fn.name} is not allowed ${action} on ${resource}; grant it in lib/`);
      }
    }
  }
}

// What AWS checks when it creates a trigger: the role behind it may read the source, report failures and invoke the target.
import type { Inventory } from "../template/inventory.ts";
import type { Authority } from "./authorise.ts";

/** Throws, naming all of them, on triggers whose role lacks a permission that AWS would ask for at deployment. */
export function checkGrants(inventory: Inventory, authority: Authority): void {
  const missing: string[] = [];
  const need = (trigger: string, roleId: string, actions: readonly string[], resource: string) => {
    for (const action of actions)
      if (authority.refusal(roleId, { action, resource, context: {} })) missing.push(`${trigger}: role ${roleId} lacks ${action} on ${resource}`);
  };
  const functionOf = (id: string) => inventory.functions.find((fn) => fn.id === id);
  const queueArn = (id: string) => inventory.queues.find((queue) => queue.id === id)?.arn ?? id;

  for (const mapping of inventory.eventSources) {
    const { source } = mapping;
    const roleId = functionOf(mapping.functionId)?.roleId ?? mapping.functionId;
    if (source.kind === "queue") {
      need(mapping.id, roleId, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queueArn(source.queueId));
    } else {
      const streamArn = inventory.tables.find((table) => table.id === source.tableId)?.streamArn;
      if (streamArn === undefined) missing.push(`${mapping.id}: table ${source.tableId} has no stream`);
      else need(mapping.id, roleId, ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], streamArn);
    }
    if (mapping.onFailureQueueId !== undefined) need(mapping.id, roleId, ["sqs:SendMessage"], queueArn(mapping.onFailureQueueId));
  }
  for (const schedule of inventory.schedules)
    need(schedule.id, schedule.roleId, ["lambda:InvokeFunction"], functionOf(schedule.functionId)?.arn ?? schedule.functionId);
  if (missing.length > 0) throw new Error(`Triggers that AWS would refuse:\n${missing.join("\n")}`);
}

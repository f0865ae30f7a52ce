// Operators' verbs on who sells and where. Each is one transaction with its audit record; a repeat with the same key answers the same.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { check, guarded, replace, type Table, when } from "../../platform/table/model.ts";
import type * as contract from "./contract.ts";
import { locations, merchants, nodes } from "./merchant-table.ts";

export interface MerchantPorts {
  readonly table: Table;
  readonly clock: Clock;
}
type Verb<C extends typeof contract.saveMerchant | typeof contract.saveLocation | typeof contract.saveNode> = (
  request: CommandRequest<C>,
  ports: MerchantPorts,
) => Promise<CommandAnswer<C>>;

export const saveMerchant: Verb<typeof contract.saveMerchant> = async ({ body, ...by }, { table, clock }) => {
  const outcome = await table.transact([
    replace(merchants, { merchant_id: body.id }, body),
    commanded({ kind: "merchant_saved", ...by, body, merchant_id: body.id, subject: body.id }, clock.now()),
  ]);
  return answered(outcome, body, { merchant_id: body.id });
};

export const saveLocation: Verb<typeof contract.saveLocation> = async ({ body, ...by }, { table, clock }) => {
  const outcome = await table.transact([
    guarded("merchant_unknown", check(merchants, { merchant_id: body.merchant_id }, when.present)),
    replace(locations, { merchant_id: body.merchant_id, location_id: body.id }, body),
    commanded({ kind: "location_saved", ...by, body, merchant_id: body.merchant_id, subject: body.id }, clock.now()),
  ]);
  return answered(outcome, body, { location_id: body.id });
};

export const saveNode: Verb<typeof contract.saveNode> = async ({ body, ...by }, { table, clock }) => {
  const place = { merchant_id: body.merchant_id, location_id: body.location_id };
  const free = when.any(when.absent, when.equals("merchant_id", body.merchant_id));
  const outcome = await table.transact([
    guarded("location_unknown", check(locations, place, when.present)),
    guarded("node_taken", { ...replace(nodes, { node_id: body.id }, body), guard: free }),
    commanded({ kind: "node_saved", ...by, body, merchant_id: body.merchant_id, subject: body.id }, clock.now()),
  ]);
  return answered(outcome, body, { node_id: body.id });
};

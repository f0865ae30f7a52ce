// How bugs of commands about units are planted.
import type { Table, Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { Verbs } from "../product.ts";
import { type PlantedBug, type Transaction, transacting, withVerbs } from "./planting.ts";

/** The flow that they live in. */
export const flow = "replace";
export const late = (operation: string): Nemesis => ({ at: new RegExp(`^transact ${operation}$`), fault: "slow", chance: 0.5 });
/** Changes the transaction of one operation. */
export const changed = (
  operation: string,
  change: (writes: Transaction, table: Table) => Promise<unknown>,
): NonNullable<PlantedBug["planting"]["table"]> =>
  transacting((writes, table) => (nameOfWrites(writes) === operation ? change(writes, table) : table.transact(writes)));
export const statusSet = (write: Write): unknown => (write.op === "change" && write.entity.prefix === "UNIT" ? write.change.set?.status : undefined);

type Hand = "replaceUnit" | "retireUnit" | "recallBatch";
/** In place of a command: the same, asked for in another way. */
const commanding = (name: Hand, change: (request: never, ports: never, real: (request: never, ports: never) => Promise<never>) => Promise<never>) =>
  withVerbs((verbs) => ({ [name]: (request: never, ports: never) => change(request, ports, verbs[name] as never) }) as Partial<Verbs>);
type Asked = { readonly key: string; readonly principal: { readonly id: string } };
/** One key's answer kept beside the table, whatever body it came with. */
export const byKeyAlone = (name: Hand) => {
  const remembered = new Map<string, never>();
  return commanding(name, async (request, ports, real) => {
    const { key, principal } = request as Asked;
    const known = remembered.get(`${principal.id} ${key}`);
    if (known) return known;
    const answer = await real(request, ports);
    if ((answer as { kind: string }).kind === "ok") remembered.set(`${principal.id} ${key}`, answer);
    return answer;
  });
};

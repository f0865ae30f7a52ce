// News of a refund or a dispute starts the workflow when it comes, and so does money that came after its hold. A run that fails then, because the
// table did not answer for instance, leaves an order on which nothing is owed yet and which nobody looks at: so what the provider told is heard
// again a little later, twice.
import type { Instant } from "../../platform/clock/clock.ts";
import type { DueEntry, Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { hearLater, inbox, newsHeard } from "../payments/index.ts";
import type { Asked } from "./confirm.ts";

export interface NewsPorts {
  readonly table: Table;
  readonly fulfilOrder: Workflow<Asked>;
}

/** Answers how many were heard: 0 where somebody was faster. @throws when the workflow does not start: then it does not count as heard */
export const hearAgain = async (entry: DueEntry, now: Instant, { table, fulfilOrder }: NewsPorts): Promise<0 | 1> => {
  const [kind, connection_id, event_id] = entry.pk.split("#");
  if (kind !== "INBOX" || !connection_id || !event_id) throw new Error("the due index holds something that is no event");
  const event = await table.get(inbox, { connection_id, event_id }, { consistent: true });
  if (event?.due_at !== entry.due_at || event.order_id === undefined) return 0;
  const moved = await table.write(hearLater(event, now));
  if (moved.kind === "refused") return 0;
  const { merchant_id, order_id, news } = event;
  await fulfilOrder.start({ merchant_id, order_id, ...(news && { news }) });
  await table.write(newsHeard(event));
  return 1;
};

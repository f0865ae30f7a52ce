// A batch: the units of one stock-in, so that they can be found again when the supplier calls them back.
import * as z from "zod";
import { create, entity, type Write } from "../../platform/table/model.ts";

export const Batch = z.object({
  /** The id of the stock-in's operation. */
  id: z.string(),
  merchant_id: z.string(),
  listing_item_id: z.string(),
  location_id: z.string(),
  /** Unit ids, in the order they were handed in. */
  units: z.array(z.string()),
  stocked_at: z.string(),
});
export type Batch = z.infer<typeof Batch>;

export const batches = entity({
  name: "batch",
  prefix: "BATCH",
  about: "The units of one stock-in, written with them. A recall goes by it.",
  schema: Batch,
  key: (id: { merchant_id: string; batch_id: string }) => ({ pk: `BATCH#${id.merchant_id}`, sk: id.batch_id }),
});

export const createBatch = (batch: Batch): Write<never> => create(batches, { merchant_id: batch.merchant_id, batch_id: batch.id }, batch);

import * as z from "zod";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, create, entity, type Guard, guarded, replace, type Write, when } from "../../platform/table/model.ts";
import { Evidence, Side } from "./contract.ts";
import { differenceKinds } from "./difference.ts";

export const Finding = z.object({
  /** Derived from account, kind and the provider's object: the same difference is the same finding. */
  id: z.string(),
  merchant_id: z.string(),
  /** Business date of the merchant on which the object came to be. */
  date: z.string(),
  connection_id: z.string(),
  kind: z.enum(differenceKinds),
  object_id: z.string(),
  happened_at: z.string(),
  order_id: z.string().optional(),
  /** Whether the workflow can end it, and is set on it whenever it is seen. */
  heals: z.boolean(),
  ends: z.array(z.string()),
  theirs: Evidence,
  ours: Evidence,
  /** `gone`: a later comparison of the same time did not find it any more. */
  state: z.enum(["open", "gone"]),
  found_at: z.string(),
  /** When a later comparison had something new to say of it; absent: none had. */
  seen_at: z.string().optional(),
  gone_at: z.string().optional(),
  /** When a person was told of it: nothing here can end it, or what should have has not. */
  told_at: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;

export const findingPartition = (merchant_id: string, date: string): string => `FINDING#${merchant_id}#${date}`;

export const findings = entity({
  name: "finding",
  prefix: "FINDING",
  about: "A difference between the provider's books and ours, with what either side says and how it can end.",
  schema: Finding,
  key: (id: { merchant_id: string; date: string; id: string }) => ({ pk: findingPartition(id.merchant_id, id.date), sk: id.id }),
});

export const addFinding = (finding: Finding): Write<"known"> => guarded("known", create(findings, finding, finding));
export const findingGone = (finding: Finding, at: Instant): Write<"moved"> =>
  guarded("moved", change(findings, finding, { set: { state: "gone", gone_at: at } }, when.all(when.equals("state", "open"), asRead(finding))));
/** It is there still, or again, and this is what either side says of it now. */
export const findingSeen = (finding: Finding, seen: Pick<Finding, "seen_at" | "heals" | "theirs" | "ours" | "told_at">): Write<"moved"> =>
  guarded(
    "moved",
    change(
      findings,
      finding,
      { set: { ...seen, state: "open" }, remove: ["gone_at"] },
      when.all(when.equals("state", finding.state), asRead(finding)),
    ),
  );
/** Nobody has said anything new of it since it was read. */
const asRead = ({ seen_at }: Finding): Guard => (seen_at === undefined ? when.missing("seen_at") : when.equals("seen_at", seen_at));

export const Reconciliation = z.object({
  merchant_id: z.string(),
  connection_id: z.string(),
  /** Business date of the merchant on which the compared time begins. */
  date: z.string(),
  from: z.string(),
  to: z.string(),
  /** Objects looked at: the provider's that are ours, those of other business on the same account, and lines of our journal. */
  sessions: z.int(),
  refunds: z.int(),
  disputes: z.int().default(0),
  foreign: z.int(),
  journal_lines: z.int(),
  /** Differences too young to be told from delay. */
  moving: z.int(),
  found: z.partialRecord(z.enum(differenceKinds), z.int()),
  sums: z.array(z.object({ currency: z.string(), theirs: Side, ours: Side })),
  /** Fingerprint of the result: the same again is not written again. */
  digest: z.string(),
  finished_at: z.string(),
});
export type Reconciliation = z.infer<typeof Reconciliation>;

export const reconciliationPartition = (merchant_id: string, date: string): string => `RECONCILIATION#${merchant_id}#${date}`;

export const reconciliations = entity({
  name: "reconciliation",
  prefix: "RECONCILIATION",
  about: "How a comparison of one connection's books with ours came out: counts, and sums per currency on both sides.",
  schema: Reconciliation,
  key: (id: { merchant_id: string; date: string; connection_id: string; from: string; to: string }) => ({
    pk: reconciliationPartition(id.merchant_id, id.date),
    sk: `${id.connection_id}#${id.from}#${id.to}`,
  }),
});

export const saveReconciliation = (result: Reconciliation): Write<never> => replace(reconciliations, result, result);

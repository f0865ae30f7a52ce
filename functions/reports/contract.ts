import * as z from "zod";
import { command } from "../../platform/contract/command.ts";
import { Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";

/** Operations that move no money and come with every sale: the journal is not even woken for them. */
export const unjournaled = ["order_placed", "hold_expired"] as const;

/** Days of one command: a week of a busy merchant stays within one run. */
export const daysMax = 7;

export const reportProblems = problems({
  window_invalid: {
    status: 400,
    sentence: {
      en: "The days must follow each other, have begun, and be a week at most. Nothing was compared.",
      fr: "Les jours doivent se suivre, avoir commencé et ne pas dépasser une semaine. Rien n’a été comparé.",
      zh: "日期必须先后有序、已经开始，且不超过一周。未进行任何核对。",
    },
  },
  nothing_connected: {
    status: 404,
    sentence: {
      en: "This merchant has no payment connection, so there is nothing to compare.",
      fr: "Ce marchand n’a aucune connexion de paiement\u00a0: il n’y a rien à comparer.",
      zh: "该商户没有支付连接，因此没有可核对的内容。",
    },
  },
  books_closed: {
    status: 502,
    sentence: {
      en: "The payment provider did not show all of its records. What was found so far is kept; compare the same days again later.",
      fr: "Le fournisseur de paiement n’a pas montré tous ses relevés. Ce qui a été trouvé est conservé; comparez les mêmes jours plus tard.",
      zh: "支付服务商未能提供全部记录。已发现的差异已保留；请稍后重新核对同样的日期。",
    },
  },
  operation_unknown: {
    status: 404,
    sentence: {
      en: "There is no such operation. Give its id as the log has it, without what stands before #. Nothing was entered.",
      fr: "Cette opération n’existe pas. Donnez son identifiant tel qu’il figure au journal, sans ce qui précède le #. Rien n’a été inscrit.",
      zh: "没有此操作。请按日志提供其编号，不含 # 之前的部分。未登记任何内容。",
    },
  },
});

const BusinessDate = z.iso.date().meta({ id: "BusinessDate" });
export const Evidence = z.record(z.string(), z.union([z.string(), z.number()]));
/** Minor units. */
export const Side = z.object({ captured: z.int(), refunded: z.int(), net: z.int() });

export const ReconciliationView = z.object({
  connection_id: z.string(),
  from: z.string(),
  to: z.string(),
  sessions: z.int(),
  refunds: z.int(),
  disputes: z.int(),
  /** Objects of the merchant's other business on the same account. */
  foreign: z.int(),
  journal_lines: z.int(),
  /** Differences too young to be told from delay. */
  moving: z.int(),
  /** How many of each kind. */
  found: z.record(z.string(), z.int()),
  sums: z.array(z.object({ currency: z.string(), theirs: Side, ours: Side })),
  finished_at: z.string(),
});

export const FindingView = z.object({
  id: z.string(),
  connection_id: z.string(),
  kind: z.string(),
  object_id: z.string(),
  happened_at: z.string(),
  order_id: z.string().optional(),
  heals: z.boolean(),
  ends: z.array(z.string()),
  theirs: Evidence,
  ours: Evidence,
  state: z.enum(["open", "gone"]),
  found_at: z.string(),
  seen_at: z.string().optional(),
  gone_at: z.string().optional(),
  /** When the alarm told of it. */
  told_at: z.string().optional(),
});

export const reconcileNow = command({
  id: "reconcileNow",
  summary: "Compare the provider's books of some days with ours, in both directions; the days are the merchant's, both included",
  body: z.strictObject({ merchant_id: Slug, from: BusinessDate, to: BusinessDate }),
  result: z.object({ reconciliations: z.array(ReconciliationView) }),
  errors: {
    window_invalid: reportProblems.window_invalid,
    nothing_connected: reportProblems.nothing_connected,
    books_closed: reportProblems.books_closed,
  },
});

export const listFindings = command({
  id: "listFindings",
  summary: "The differences of one day of a merchant with their evidence, a hundred at a time, and how the comparisons of that day came out",
  /** `after`: `next` of the answer before. */
  body: z.strictObject({ merchant_id: Slug, date: BusinessDate, after: z.string().max(64).optional() }),
  result: z.object({ findings: z.array(FindingView), next: z.string().optional(), reconciliations: z.array(ReconciliationView) }),
  errors: {},
});

export const enterOperation = command({
  id: "enterOperation",
  summary: "Enter an operation into the journal that its reader has set aside; what is entered already stays as it is",
  body: z.strictObject({ operation_id: z.string().min(1).max(64) }),
  result: z.object({ operation_id: z.string() }),
  errors: { operation_unknown: reportProblems.operation_unknown },
});

// Every guard that the flows write under, and what comes of dropping it alone: the checker sees it; or another guard of the same transaction always
// stands in the way; or it is said here why nobody is harmed, or why no story tries it. Without all guards of a transaction the checker always sees it.
// A guard that the stories meet and that is not here fails the run.
import type { Nemesis } from "./faults.ts";
import { nameOfWrites, siteOf } from "./ports/table.ts";
import type { Planting } from "./world-model.ts";

/** Where a dropped guard is looked for: in stories with this flow, or in every order of steps of a case. */
export type Where = { readonly flow: string } | { readonly case: string };
/** `seen`: the checker sees that it is gone. `beside`: it is never the last that stands in the way. `untried`: it fails too seldom to be tried. */
export type Standing = "seen" | "beside" | { readonly harmless: string } | { readonly untried: string };
export interface Guard {
  /** As `siteOf` names it, or the name of a transaction: all guards of it. */
  readonly name: string;
  readonly whole?: true;
  readonly where: Where;
  readonly standing: Standing;
}

const inFlow = (flow: string): Where => ({ flow });
const inCase = (name: string): Where => ({ case: name });

interface Transaction {
  readonly seen?: readonly string[];
  readonly beside?: readonly string[];
  /** Guards that fail too seldom in stories, by the case in which they do: beside others … */
  readonly cases?: Readonly<Record<string, readonly string[]>>;
  /** … or alone. */
  readonly seenIn?: Readonly<Record<string, readonly string[]>>;
  /** Where all of its guards are dropped. Default: the flow. */
  readonly together?: Where;
}
const inCases = (cases: NonNullable<Transaction["cases"]>, name: string, standing: Standing): readonly Guard[] =>
  Object.entries(cases).flatMap(([of, guards]) => guards.map((guard): Guard => ({ name: `${name}: ${guard}`, where: inCase(of), standing })));
const transaction = (
  name: string,
  flow: string,
  { seen = [], beside = [], cases = {}, seenIn = {}, together = inFlow(flow) }: Transaction,
): readonly Guard[] => [
  { name, whole: true, where: together, standing: "seen" },
  ...seen.map((guard): Guard => ({ name: `${name}: ${guard}`, where: inFlow(flow), standing: "seen" })),
  ...beside.map((guard): Guard => ({ name: `${name}: ${guard}`, where: inFlow(flow), standing: "beside" })),
  ...inCases(cases, name, "beside"),
  ...inCases(seenIn, name, "seen"),
];
const single = (name: string, where: Where, standing: Standing): Guard => ({ name, where, standing });

const transactions: readonly Guard[] = [
  ...transaction("order_placed", "sale", {
    beside: ["create OP", "create ORDER", "erase POOL or unit_taken", "change UNIT or unit_taken"],
  }),
  ...transaction("order_paid", "sale", {
    beside: ["create OP", "change ORDER or not_awaiting_payment", "change ORDER or not_unpaid", "change PAYMENT or payment_mismatch"],
    cases: { "late delivery, reserve of the last unit": ["erase POOL or unit_taken", "change UNIT or unit_taken"] },
    seenIn: { "recall, delivery": ["change UNIT or unit_not_held"] },
  }),
  ...transaction("order_needs_attention", "desk", {
    beside: ["create OP", "change ORDER or not_awaiting_payment", "change PAYMENT or payment_not_open"],
  }),
  ...transaction("hold_expired", "lapse", {
    seenIn: {
      "recall, release": ["change UNIT or unit_not_held"],
      "first page, release": ["change PAYMENT or payment_moved"],
      "first payment, release": ["create PAYMENT or payment_exists"],
    },
    beside: ["create OP", "change ORDER or not_awaiting_payment", "create POOL or unit_not_held"],
  }),
  ...transaction("refund_requested", "refund", {
    seen: ["change ORDER or order_moved"],
    beside: [
      "create OP",
      "create REFUND or refund_exists",
      "change PAYMENT or order_moved",
      "change UNIT or order_moved",
      "create POOL or unit_not_held",
    ],
    seenIn: { "recall, refund at the desk": ["change UNIT or unit_not_held"] },
    cases: { "late delivery, late delivery, sold out": ["change ORDER or not_unpaid", "change PAYMENT or payment_not_open"] },
  }),
  ...transaction("order_refunded", "refund", {
    beside: ["create OP", "change PAYMENT or order_moved", "change REFUND or refund_moved"],
    seenIn: { "paying back, refund of a part": ["change ORDER or order_moved"] },
  }),
  ...transaction("refund_failed", "refund", {
    beside: ["create OP", "change PAYMENT or order_moved", "change REFUND or refund_moved"],
    seenIn: { "failed refund, dispute": ["change ORDER or order_moved"] },
  }),
  ...transaction("dispute_inquired", "dispute", {
    seen: ["change ORDER or order_moved"],
    beside: ["create OP", "change UNIT or order_moved"],
  }),
  ...transaction("dispute_opened", "dispute", {
    beside: ["create OP", "change UNIT or order_moved"],
    seenIn: { "units given, dispute": ["change ORDER or order_moved"] },
  }),
  ...transaction("dispute_won", "dispute", {
    beside: ["create OP", "change UNIT or order_moved"],
    seenIn: { "end of the bank's question, refund of a part": ["change ORDER or order_moved"] },
  }),
  ...transaction("dispute_lost", "dispute", { beside: ["create OP", "change PAYMENT or order_moved", "change UNIT or order_moved"] }),
  single("dispute_lost: change ORDER or order_moved", inFlow("dispute"), {
    harmless:
      "beside an open dispute nothing is claimed: what it overtakes is the end of a refund, after which there is less to look after, not more",
  }),
  ...transaction("units_given", "desk", {
    cases: {
      "units given, the same again": ["create OP"],
      "units given, refund": ["check PAYMENT or order_moved"],
      "units given, reserve of the last unit": ["erase POOL or unit_taken", "change UNIT or unit_taken"],
    },
    seenIn: { "recall, units given": ["change UNIT or unit_not_held"], "units given, dispute": ["change ORDER or order_moved"] },
    together: inCase("units given, units given"),
  }),
  ...transaction("exception_settled", "desk", {
    seen: ["change ORDER or order_moved"],
    beside: ["create OP", "create POOL or unit_not_held"],
    seenIn: { "recall, settled elsewhere": ["change UNIT or unit_not_held"] },
  }),
  ...transaction("unit_replaced", "replace", {
    seen: ["change ORDER or order_changed"],
    beside: ["create OP", "change UNIT or unit_not_sold", "change UNIT or unit_taken", "erase POOL or unit_taken"],
  }),
  ...transaction("batch_recalled", "replace", {
    beside: ["create OP", "erase POOL or unit_moved"],
    seenIn: { "recall, delivery": ["change UNIT or unit_moved"] },
  }),
  ...transaction("unit_retired", "replace", {
    seen: ["change UNIT or unit_moved"],
    beside: ["create OP", "erase POOL or unit_moved"],
  }),
];

const singles: readonly Guard[] = [
  single("create PAYMENT or payment_exists", inFlow("sale"), "seen"),
  single("change PAYMENT {checkout_url,session_id,status,updated_at} or session_exists", inFlow("sale"), "seen"),
  single("change PAYMENT {keys_spent,provider_key,updated_at} or payment_moved", inFlow("lapse"), {
    harmless: "whoever gives up a key that was given up already opens one more session, which nobody is shown",
  }),
  single("change REFUND {sent_at} or refund_moved", inFlow("refund"), "seen"),
  single("change REFUND {provider_refund_id,status,updated_at} or refund_moved", inFlow("refund"), "seen"),
  single("change REFUND {asked_at} or refund_moved", inFlow("refund"), "seen"),
  single("change REFUND {keys_spent,provider_key,sent_at,updated_at} or refund_moved", inFlow("refund"), "seen"),
  single(
    "change REFUND {-sent_at,keys_spent,provider_key,refusals,updated_at} or refund_moved",
    inCase("paying back, paying back, quarrel unheard of"),
    { harmless: "two who heard one refusal write the same, each over the refund as it was read" },
  ),
  single("create MESSAGE or claimed", inFlow("sale"), "seen"),
  single(
    "change MESSAGE {-error_code,account_sid,attempt,claim,claimed_at,status,updated_at,words} or claimed",
    inCase("second attempt, second attempt"),
    "seen",
  ),
  single("change MESSAGE {sid,status,updated_at} or too_late", inFlow("sale"), "seen"),
  single("change MESSAGE {error_code,status,updated_at} or too_late", inFlow("sale"), {
    untried: "a report is faster than a text's giving up in one story of a thousand; the same guard of its other writer is tried",
  }),
  single("change MESSAGE {error_code,status,updated_at} or taken_over", inFlow("sale"), {
    untried: "a claim outlives the function that holds it: only one that goes on beyond its own time finds it taken over",
  }),
  single("change MESSAGE {sid,status,updated_at} or not_its_news", inFlow("sale"), "seen"),
  single("create INBOX or seen_before", inFlow("sale"), {
    harmless: "an event that is written anew is heard once more, or, where nobody says any more whose it is, found by the night's comparison",
  }),
  single("change INBOX {due_at} or moved", inFlow("sale"), "seen"),
  single("change ORDER {due_at} or moved", inCase("sweep, delivery"), "seen"),
  single("change ORDER {due_at,due_shard} or order_moved", inCase("silence about a refund, refund of a part"), {
    harmless: "the order is looked at once more",
  }),
  single("change ORDER {-due_at,-due_shard} or order_moved", inCase("nothing owed any more, refund of a part"), "seen"),
  single("create JOURNAL or known", inFlow("night"), { harmless: "a line derives from its operation, which never changes" }),
  single("create FINDING or known", inCase("comparison of the books, another of them"), {
    harmless: "a finding is named by what differs: who notes it again may have a person told of it twice",
  }),
  single("create NIGHT or known", inFlow("night"), { harmless: "two who begin a place's nights begin them alike" }),
  ...["{gone_at,state}", "{-gone_at,heals,ours,seen_at,state,theirs}", "{-gone_at,heals,ours,seen_at,state,theirs,told_at}"].map((changes) =>
    single(`change FINDING ${changes} or moved`, inFlow("night"), { untried: "no two comparisons of the stories meet over one known difference" }),
  ),
  ...["{due_at}", "{due_at,looks}", "{-looks,due_at,next_date,next_from}"].map((changes) =>
    single(`change NIGHT ${changes} or moved`, inFlow("night"), {
      untried: "no two runs of the night meet in the stories; that a day moves on once when two do is a unit test of the reports",
    }),
  ),
  ...["create OP", "create RECONCILIATION"].map((guard) =>
    single(`window_reconciled: ${guard}`, inFlow("night"), {
      untried: "a comparison is written under what it found: who comes to the same has written nothing new",
    }),
  ),
  single("batch_recalled alone: create OP", inCase("recall that finds nothing, the same again"), "seen"),
  ...["order_placed: change PERSON", "change INBOX {heard}", "change INBOX {-due_at,-due_shard,heard}"].map((name) =>
    single(name, inFlow("sale"), { untried: "it asks for nothing that could have changed" }),
  ),
  single("change INBOX {due_at,due_shard,order_id} or named_before", inFlow("dispute"), {
    untried: "whose an event is does not change: whoever names it later names the same order",
  }),
  single("change ORDER {after_sale,attention_note,dispute} or order_moved", inFlow("dispute"), {
    harmless: "it notes how the provider says now that an ended dispute stands, and whoever asks next notes the same",
  }),
];

export const guards: readonly Guard[] = [...transactions, ...singles];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The guard dropped, and whoever writes under it made to meet others. */
export const dropping = ({ name, whole }: Guard): { readonly planting: Planting; readonly nemesis: readonly Nemesis[] } => ({
  planting: { evaluate: (write, _item, holds, among) => holds || (whole ? nameOfWrites(among) : siteOf(write, among)) === name },
  nemesis: [
    { at: new RegExp(`^(transact|write) ${escaped(name.replace(/: .*| \{.*/, ""))}`), fault: "slow", chance: 0.5 },
    { at: /starts fulfil-order/, fault: "duplicate", chance: 0.4 },
  ],
});

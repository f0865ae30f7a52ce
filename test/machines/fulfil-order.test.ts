import { describe, expect, it } from "@jest/globals";
import type { Json, TaskState } from "../../local/workflow/definition.ts";
import { machineIn } from "./definitions.ts";
import { edgesOf, edgesTaken } from "./edges.ts";
import { type Script, type Turn, walk } from "./world.ts";

const machine = machineIn("fulfilment/fulfil-order.asl.json");
const order = { merchant_id: "lees", order_id: "ORD1" };
const facts = { state: "captured", amount: 6000, currency: "CAD", external_ids: ["pi_1"], refunded: null };

const settled: Turn = { answers: { settlement: "settled", facts } };
const delivered: Turn = { answers: { delivered: true } };
const sent: Turn = { answers: { message_id: "MSG1" } };
const released: Turn = { answers: { released: true } };
const paidBack: Turn = { answers: { refund: "refunded" } };
const weighed: Turn = { answers: { dispute: "open" } };
const nothingOwed: Turn = { answers: { refund: "nothing_owed" } };
const sale: Script = { Confirm: [settled], Deliver: [delivered], Send: [sent] };
const answer = (settlement: Json): Script => ({ Confirm: [{ answers: { settlement, facts } }] });

interface Scenario {
  readonly title: string;
  readonly script: Script;
  /** What the event that started the run may be about. */
  readonly news?: string;
  /** The states after Confirm, in order. */
  readonly through: readonly string[];
  readonly ends: { readonly output: Json } | { readonly error: string };
}
const toBack = ["Settled?", "Pay back", "Paid back?", "The money goes back"];
const throughDispute = ["Settled?", "Weigh the dispute", "Pay back", "Paid back?", "The money goes back"];
const toSend = ["Settled?", "Deliver", "Delivered?", "Send"];
const done = { ...order, delivered: true, sent: true };
const unsent = (error: string): Json => ({ ...order, delivered: true, sent: false, error });

const stories: readonly Scenario[] = [
  { title: "delivers and texts a settled sale (S7)", script: sale, through: toSend, ends: { output: done } },
  ...(["done", "pending"] as const).map(
    (settlement): Scenario => ({
      title: `leaves ${settlement} money to the sweep and touches no stock`,
      script: answer(settlement),
      through: ["Settled?", "Nothing to deliver yet"],
      ends: { output: { ...order, settlement } },
    }),
  ),
  {
    title: "releases a hold that is over, and gives nothing (G-16)",
    script: { ...answer("lapsed"), "Release the hold": [released] },
    through: ["Settled?", "Release the hold"],
    ends: { output: { ...order, released: true } },
  },
  {
    title: "pays back what was owed before it started",
    script: { ...answer("refund_owed"), "Pay back": [paidBack] },
    through: toBack,
    ends: { output: { ...order, refund: "refunded" } },
  },
  {
    title: "pays back money that came too late for any unit",
    script: { ...sale, Deliver: [{ answers: { delivered: false, reason: "refund_owed" } }], "Pay back": [paidBack] },
    through: ["Settled?", "Deliver", "Delivered?", "Pay back", "Paid back?", "The money goes back"],
    ends: { output: { ...order, refund: "refunded" } },
  },
  ...(["pending", "nothing_owed"] as const).map(
    (refund): Scenario => ({
      title: `leaves a refund that is ${refund} as it is`,
      script: { ...answer("refund_owed"), "Pay back": [{ answers: { refund } }] },
      through: toBack,
      ends: { output: { ...order, refund } },
    }),
  ),
  {
    title: "weighs the dispute that a refund comes upon, and leaves the refund to wait for its end (I8)",
    script: {
      ...answer("refund_owed"),
      "Pay back": [{ answers: { refund: "disputed" } }, { answers: { refund: "pending" } }],
      "Weigh the dispute": [weighed],
    },
    through: ["Settled?", "Pay back", "Paid back?", "Weigh the dispute", "Pay back", "Paid back?", "The money goes back"],
    ends: { output: { ...order, refund: "pending" } },
  },
  {
    title: "weighs it once a run, whatever the provider goes on to say: the order waits for the sweep",
    script: { ...answer("disputed"), "Weigh the dispute": [weighed], "Pay back": [{ answers: { refund: "disputed" } }] },
    through: throughDispute,
    ends: { output: { ...order, refund: "disputed" } },
  },
  {
    title: "calls a person when the provider refuses to pay back",
    script: { ...answer("refund_owed"), "Pay back": [{ answers: { refund: "failed" } }] },
    through: ["Settled?", "Pay back", "Paid back?", "A person decides"],
    ends: { error: "PersonNeeded" },
  },
  {
    title: "fails loudly on an end of a refund that it does not know",
    script: { ...answer("refund_owed"), "Pay back": [{ answers: { refund: "perhaps" } }] },
    through: ["Settled?", "Pay back", "Paid back?"],
    ends: { error: "States.NoChoiceMatched" },
  },
  {
    title: "weighs a dispute, then drives the refunds that waited for it",
    script: { ...answer("disputed"), "Weigh the dispute": [weighed], "Pay back": [nothingOwed] },
    through: throughDispute,
    ends: { output: { ...order, refund: "nothing_owed" } },
  },
  {
    title: "weighs a dispute that was faster than the sale it is about, once the sale is delivered",
    news: "dispute",
    script: { Confirm: [settled], Deliver: [delivered], "Weigh the dispute": [weighed], "Pay back": [nothingOwed] },
    through: ["Settled?", "Deliver", "Delivered?", "Weigh the dispute", "Pay back", "Paid back?", "The money goes back"],
    ends: { output: { ...order, refund: "nothing_owed" } },
  },
  {
    title: "fails on an error of weighing that no retry names: the order waits for the sweep",
    script: { ...answer("disputed"), "Weigh the dispute": [{ fails: "TypeError" }] },
    through: ["Settled?", "Weigh the dispute"],
    ends: { error: "TypeError" },
  },
  {
    title: "fails on an error of a release that no retry names: the units stay held",
    script: { ...answer("lapsed"), "Release the hold": [{ fails: "TypeError" }] },
    through: ["Settled?", "Release the hold"],
    ends: { error: "TypeError" },
  },
  {
    title: "fails on an error of paying back that no retry names: the debt stays recorded",
    script: { ...answer("refund_owed"), "Pay back": [{ fails: "TypeError" }] },
    through: ["Settled?", "Pay back"],
    ends: { error: "TypeError" },
  },
  {
    title: "fails loudly on a settlement it does not know",
    script: answer("maybe"),
    through: ["Settled?"],
    ends: { error: "States.NoChoiceMatched" },
  },
  {
    title: "hands a sale that could not be delivered to a person, with the reason",
    script: { ...sale, Deliver: [{ answers: { delivered: false, reason: "out_of_stock" } }] },
    through: ["Settled?", "Deliver", "Delivered?", "A person decides"],
    ends: { error: "PersonNeeded" },
  },
  ...(["refunded", "settled"] as const).map(
    (reason): Scenario => ({
      title: `calls nobody where another run was faster: the matter is ${reason}`,
      script: { ...sale, Deliver: [{ answers: { delivered: false, reason } }] },
      through: ["Settled?", "Deliver", "Delivered?", "It has ended"],
      ends: { output: { ...order, delivered: false, reason } },
    }),
  ),
  {
    title: "hands it over without a reason as well",
    script: { ...sale, Deliver: [{ answers: { delivered: false } }] },
    through: ["Settled?", "Deliver", "Delivered?", "A person decides"],
    ends: { error: "PersonNeeded" },
  },
  {
    title: "fails loudly when Deliver says neither yes nor no",
    script: { ...sale, Deliver: [{ answers: {} }] },
    through: ["Settled?", "Deliver", "Delivered?"],
    ends: { error: "States.NoChoiceMatched" },
  },
  {
    title: "keeps a delivered sale when the SMS cannot be sent (F10)",
    script: { ...sale, Send: [{ fails: "CarrierRefused" }] },
    through: [...toSend, "The outbox sends it"],
    ends: { output: unsent("CarrierRefused") },
  },
  {
    title: "fails on an error of Confirm that no retry names, and writes nothing",
    script: { Confirm: [{ fails: "TypeError" }] },
    through: [],
    ends: { error: "TypeError" },
  },
  {
    title: "fails on an error of Deliver that no retry names",
    script: { ...sale, Deliver: [{ fails: "TypeError" }] },
    through: ["Settled?", "Deliver"],
    ends: { error: "TypeError" },
  },
];

// Every retry of every step: each error name once, then each retrier until it has no attempt left.
interface Step {
  readonly good: Turn;
  readonly script: Script;
  readonly through: readonly string[];
  readonly output: Json;
}
const steps: Readonly<Record<string, Step>> = {
  Confirm: { good: settled, script: sale, through: toSend, output: done },
  Deliver: { good: delivered, script: sale, through: toSend, output: done },
  Send: { good: sent, script: sale, through: toSend, output: done },
  "Release the hold": { good: released, script: answer("lapsed"), through: ["Settled?", "Release the hold"], output: { ...order, released: true } },
  "Weigh the dispute": {
    good: weighed,
    script: { ...answer("disputed"), "Pay back": [nothingOwed] },
    through: throughDispute,
    output: { ...order, refund: "nothing_owed" },
  },
  "Pay back": { good: paidBack, script: answer("refund_owed"), through: toBack, output: { ...order, refund: "refunded" } },
};
const failing = (error: string): Turn => (error === "States.Timeout" ? { answers: null, takesSeconds: 60 } : { fails: error });

const retries: readonly Scenario[] = Object.entries(steps).flatMap(([step, { good, script, through, output }]) =>
  ((machine.States[step] as TaskState).Retry ?? []).flatMap((retrier, index): Scenario[] => {
    const error = retrier.ErrorEquals.at(-1) as string;
    const always = Array.from({ length: (retrier.MaxAttempts ?? 3) + 1 }, () => failing(error));
    return [
      ...retrier.ErrorEquals.map(
        (name): Scenario => ({
          title: `asks ${step} again after ${name}`,
          script: { ...script, [step]: [failing(name), good] },
          through,
          ends: { output },
        }),
      ),
      {
        title: `stops asking ${step} when Retry[${index}] is spent on ${error}`,
        script: { ...script, [step]: always },
        through: step === "Send" ? [...toSend, "The outbox sends it"] : through.slice(0, through.indexOf(step) + 1),
        ends: step === "Send" ? { output: unsent(error) } : { error },
      },
    ];
  }),
);
const scenarios = [...stories, ...retries];

describe("fulfil-order", () => {
  it.each(scenarios)("$title", async ({ script, through, ends, news }) => {
    const { run, states, calls } = await walk(machine, news === undefined ? order : { ...order, news }, script);
    expect(states).toEqual(["Confirm", ...through]);
    if ("output" in ends) expect(run).toMatchObject({ status: "SUCCEEDED", output: ends.output });
    else expect(run).toMatchObject({ status: "FAILED", error: ends.error });
    const scripted = [...new Set(["Confirm", ...through.filter((state) => state in steps)])];
    expect(calls.length).toBe(scripted.flatMap((state) => script[state] ?? []).length);
  });

  it("is walked along every edge by the scenarios above, and along no other", async () => {
    const taken = new Set<string>();
    for (const { script, news } of scenarios) {
      const { history } = await walk(machine, news === undefined ? order : { ...order, news }, script);
      for (const edge of edgesTaken(machine, history)) taken.add(edge);
    }
    const edges = edgesOf(machine);
    expect(edges.size).toBeGreaterThan(40);
    expect([...edges].filter((edge) => !taken.has(edge))).toEqual([]);
    expect([...taken].filter((edge) => !edges.has(edge))).toEqual([]);
  });

  it("would notice an edge that no scenario takes", async () => {
    const { history } = await walk(machine, order, sale);
    const taken = edgesTaken(machine, history);
    expect([...taken]).toEqual(["Confirm -> Settled?", "Settled? [0] -> Deliver", "Deliver -> Delivered?", "Delivered? [1] -> Send", "Send -> end"]);
    expect([...edgesOf(machine)].filter((edge) => !taken.has(edge))).toContain("Send Catch[0] -> The outbox sends it");
  });

  it("gives each function the order's reference, and Deliver the provider's facts unchanged", async () => {
    const { calls } = await walk(machine, { ...order, from: "webhook" }, sale);
    expect(calls.map(({ functionArn, payload }) => ({ functionArn, payload }))).toEqual([
      { functionArn: expect.stringContaining("{ConfirmFunctionArn}"), payload: { ...order, news: null } },
      { functionArn: expect.stringContaining("{DeliverFunctionArn}"), payload: { ...order, facts } },
      { functionArn: expect.stringContaining("{SendFunctionArn}"), payload: order },
    ]);
  });

  it("enters five states and calls three functions for a sale, and never waits (S16)", async () => {
    const { states, calls, pausesSeconds } = await walk(machine, order, sale);
    expect(states).toEqual(["Confirm", "Settled?", "Deliver", "Delivered?", "Send"]);
    expect(calls.length).toBe(3);
    expect(pausesSeconds).toEqual([]);
    expect(Object.values(machine.States).filter(({ Type }) => Type === "Wait")).toEqual([]);
  });

  it("ends inside the five minutes of an Express run even when every retry of every step is used and slow", async () => {
    // Every attempt of every retrier is lost, each as late as its state allows; the last one answers.
    const slowest = (step: string, good: Turn): Turn[] => {
      const { Retry = [], TimeoutSeconds: takesSeconds } = machine.States[step] as TaskState;
      const lost = Retry.flatMap(({ ErrorEquals, MaxAttempts = 3 }) =>
        Array.from({ length: MaxAttempts }, () => failing(ErrorEquals.at(-1) as string)),
      );
      return [...lost, good].map((turn) => ({ takesSeconds, ...turn }));
    };
    const { run, tookSeconds } = await walk(machine, order, {
      Confirm: slowest("Confirm", settled),
      Deliver: slowest("Deliver", delivered),
      Send: slowest("Send", sent),
    });
    expect(run.status).toBe("SUCCEEDED");
    expect(tookSeconds).toBeGreaterThan(180);
    expect(tookSeconds).toBeLessThan(300);
  });

  it("gives all steps one retry policy, with full jitter", () => {
    const policies = Object.keys(steps).map((step) => ((machine.States[step] as TaskState).Retry ?? []).map(({ Comment: _, ...policy }) => policy));
    for (const policy of policies) expect(policy).toEqual(policies[0]);
    expect(policies[0]?.map(({ JitterStrategy }) => JitterStrategy)).toEqual(["FULL", "FULL"]);
  });
});

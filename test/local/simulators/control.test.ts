import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { noFaults } from "../../../local/simulators/delivery/faults.ts";
import { openStage, postJson, press, type Stage, washCard } from "./stage.ts";

let stage: Stage;
const ran: string[] = [];
beforeAll(async () => {
  stage = await openStage({
    controls: {
      executions: () => [
        { arn: "arn:1", stateMachine: "FulfilOrder", startedAt: "2026-11-21T12:00:00Z", status: "SUCCEEDED", states: ["Confirm", "Deliver", "Send"] },
      ],
      queues: () => Promise.reject(new Error("the queue engine is gone")),
      denied: () => [{ at: "2026-11-21T12:00:00Z", principal: "storefront", action: "dynamodb:PutItem", resource: "ORDER#<x>" }],
      schedules: () => ["sweep"],
      runSchedule: (id) => (id === "sweep" ? Promise.resolve(ran.push(id)) : Promise.reject(new Error(`no schedule ${id}`))),
    },
  });
});
afterAll(() => stage.close());

const url = (path: string): string => stage.simulators.url + path;

describe("the control page", () => {
  it("shows what the host runs, and a part that fails hides no other", async () => {
    const page = await (await fetch(url("/control"))).text();
    for (const said of ["Confirm → Deliver → Send", "ORDER#&lt;x&gt;", "the queue engine is gone", "Run now"]) expect(page).toContain(said);
    expect(page).not.toContain("<script");
  });

  it("pays and expires without a browser", async () => {
    const { id } = await stage.stripe.checkout.sessions.create(washCard());
    const pay = (card: string, more: object = {}) => postJson(url(`/control/stripe/sessions/${id}/pay`), { card, ...more });
    expect((await pay("4000000000000002")).body).toMatchObject({ kind: "declined", decline_code: "generic_decline" });
    expect((await pay("4000002500003155", { authenticate: "fail" })).body).toMatchObject({ kind: "declined" });
    expect((await pay("4000002500003155", { authenticate: "complete" })).body).toMatchObject({ kind: "paid" });
    expect((await pay("4242424242424242")).body).toMatchObject({ kind: "already_paid" });
    expect((await postJson(url(`/control/stripe/sessions/${id}/expire`), {})).status).toBe(409);
    expect((await postJson(url("/control/stripe/sessions/nobody/pay"), {})).status).toBe(404);
  });

  it("tells a checker the whole truth", async () => {
    const truth = (await (await fetch(url("/control/stripe/truth"))).json()) as Record<string, unknown[]>;
    expect(Object.keys(truth)).toEqual(["sessions", "payment_intents", "charges", "refunds", "disputes", "events"]);
    expect(truth.sessions).toHaveLength(1);
  });

  it("sets faults by form, where an empty box means off, and puts all to rest", async () => {
    await postJson(url("/control/stripe/faults"), { duplicate_new_id: true });
    const set = await press(url("/control/stripe/faults"), { form: "1", forget_next: "2", topic: "" });
    expect([set.status, set.headers.get("location")]).toEqual([303, "/control?said=Faults%20are%20set."]);
    expect(stage.simulators.control.stripe.faults()).toEqual({ ...noFaults, forget_next: 2 });
    expect(await (await fetch(url("/control"))).text()).toContain("Faults are set for Stripe.");
    await press(url("/control/stripe/faults"), { form: "1", clear: "true", forget_next: "2" });
    expect(stage.simulators.control.stripe.faults()).toEqual(noFaults);
  });

  it("changes only the fault that is named", async () => {
    await postJson(url("/control/twilio/faults"), { delay_ms: 20, api_fail_status: 429 });
    const { body } = await postJson(url("/control/twilio/faults"), { delay_ms: 0 });
    expect(body).toEqual({ ...noFaults, api_fail_status: 429 });
    await postJson(url("/control/twilio/faults"), { clear: true });
  });

  it("runs a schedule now, and says when it cannot", async () => {
    expect((await postJson(url("/control/schedules/sweep/run"), {})).status).toBe(200);
    expect(ran).toEqual(["sweep"]);
    expect(await postJson(url("/control/schedules/nothing/run"), {})).toMatchObject({ status: 500, body: { error: "Error: no schedule nothing" } });
  });

  it("lets no other site press its buttons", async () => {
    const answer = await fetch(url("/control/stripe/faults"), {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
      body: new URLSearchParams({ forget_next: "9" }),
    });
    expect(answer.status).toBe(403);
    expect(stage.simulators.control.stripe.faults()).toEqual(noFaults);
  });
});

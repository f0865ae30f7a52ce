// The control page's addresses. JSON in, JSON out; the page's own forms answer 303 back to the page.
import * as z from "zod";
import { html, json, redirect } from "../pages/html.ts";
import { note, page } from "../pages/look.ts";
import type { Stripe } from "../stripe/core.ts";
import { moves, openings } from "../stripe/disputes.ts";
import type { PayOutcome } from "../stripe/pay.ts";
import type { Twilio } from "../twilio/core.ts";
import type { WireAnswer, WireRequest } from "../wire/wire.ts";
import { type HostControls, hostState } from "./host-controls.ts";
import { type ControlState, controlPage } from "./page.ts";

export interface Controlled {
  readonly stripe: Stripe;
  readonly twilio: Twilio;
  readonly controls: HostControls;
}

const shown = 50;
const stateOf = async ({ stripe, twilio, controls }: Controlled): Promise<ControlState> => ({
  stripe: { faults: stripe.faults(), deliveries: stripe.deliveries.newest(shown), truth: stripe.truth(shown) },
  twilio: { faults: twilio.faults(), deliveries: twilio.deliveries.newest(shown), messages: twilio.messages(shown) },
  host: await hostState(controls),
});

const PayBody = z.strictObject({
  card: z.string().default("4242424242424242"),
  email: z.string().optional(),
  /** Pays as a bank debit does: complete and unpaid first, then this. */
  later: z.enum(["succeeds", "fails"]).optional(),
  /** Answers the bank's question in the same step. */
  authenticate: z.enum(["complete", "fail"]).optional(),
});
const DisputeBody = z.strictObject({ status: z.enum(openings).optional(), amount: z.coerce.number().int().min(1).optional() });
const EndBody = z.strictObject({ outcome: z.enum(["succeeds", "fails"]) });
const MoveBody = z.strictObject({ status: z.enum(moves) });
const RedeliverBody = z.strictObject({ id: z.string().optional() });
/** The checkboxes of the form: absent when not ticked. */
const flags = ["api_key_revoked", "duplicate_new_id"] as const;

type Body = { readonly fields: Record<string, unknown>; readonly isForm: boolean };
const bodyOf = ({ headers, body }: WireRequest): Body => {
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const { form, ...fields } = Object.fromEntries(new URLSearchParams(body));
    return { fields, isForm: form !== undefined };
  }
  return { fields: body.trim() === "" ? {} : z.record(z.string(), z.unknown()).parse(JSON.parse(body)), isForm: false };
};

/** A page elsewhere must not press our buttons. Tools send no Origin; browsers always do on a POST. */
const fromElsewhere = ({ headers }: WireRequest): boolean => {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  if (!URL.canParse(origin) || new URL(origin).host !== host) return true;
  // A name of somebody else's that points here is not us, though it calls itself so.
  const { hostname } = new URL(origin);
  return hostname !== "localhost" && !/^[\d.]+$/.test(hostname) && !hostname.startsWith("[");
};

const statusOf: Readonly<Record<PayOutcome["kind"], number>> = {
  paid: 200,
  pending: 200,
  already_paid: 200,
  declined: 200,
  challenge: 200,
  invalid_card: 400,
  no_challenge: 409,
  expired: 409,
  unknown: 404,
};

const command = async (controlled: Controlled, request: WireRequest): Promise<WireAnswer> => {
  const { stripe, twilio, controls } = controlled;
  const { fields, isForm } = bodyOf(request);
  const done = (status: number, body: unknown, said: string): WireAnswer =>
    isForm ? redirect(`/control?said=${encodeURIComponent(said)}`) : json(status, body);
  const [, , subject, action, id, verb] = request.path.split("/");

  if ((subject === "stripe" || subject === "twilio") && action === "faults" && id === undefined) {
    const provider = subject === "stripe" ? stripe : twilio;
    const change = isForm
      ? "clear" in fields
        ? { clear: true }
        : { ...Object.fromEntries(flags.map((flag) => [flag, "false"])), ...fields }
      : fields;
    return done(200, provider.setFaults(change), "Faults are set.");
  }
  if ((subject === "stripe" || subject === "twilio") && action === "webhooks" && id === "redeliver") {
    const provider = subject === "stripe" ? stripe : twilio;
    const count = provider.redeliver(RedeliverBody.parse(fields).id);
    return done(200, { redelivered: count }, `${count} sent again.`);
  }
  if (subject === "stripe" && action === "sessions" && id !== undefined && verb === "pay") {
    const { authenticate, card, email, later } = PayBody.parse(fields);
    const first = stripe.pay(id, { card, ...(email === undefined ? {} : { email }), ...(later === undefined ? {} : { later }) });
    const outcome = first.kind === "challenge" && authenticate !== undefined ? stripe.authenticate(id, authenticate) : first;
    return done(statusOf[outcome.kind], outcome, `Pay: ${outcome.kind.replace("_", " ")}.`);
  }
  if (subject === "stripe" && action === "sessions" && id !== undefined && verb === "expire") {
    const expired = stripe.expire(id);
    return done(expired ? 200 : 409, { expired }, expired ? "The session is expired." : "The session was not open.");
  }
  if (subject === "stripe" && action === "payments" && id !== undefined && verb === "dispute") {
    const dispute = stripe.dispute(id, DisputeBody.parse(fields));
    return done(dispute ? 200 : 409, dispute ?? { error: "There is no money to dispute." }, dispute ? "The payment is disputed." : "Not disputed.");
  }
  if (subject === "stripe" && action === "disputes" && id !== undefined && verb === "move") {
    const dispute = stripe.moveDispute(id, MoveBody.parse(fields).status);
    return done(dispute ? 200 : 409, dispute ?? { error: "The dispute is decided, or unknown." }, `Dispute: ${dispute?.status ?? "unchanged"}.`);
  }
  if (subject === "stripe" && action === "refunds" && id !== undefined && verb === "end") {
    const refund = stripe.endRefund(id, EndBody.parse(fields).outcome);
    return done(refund ? 200 : 409, refund ?? { error: "The refund has ended, or is unknown." }, `Refund: ${refund?.status ?? "unchanged"}.`);
  }
  if (subject === "schedules" && action !== undefined && id === "run") {
    if (!controls.runSchedule) return done(404, { error: "No schedule is known here." }, "No schedule is known here.");
    const schedule = decodeURIComponent(action);
    const result = await controls.runSchedule(schedule);
    const failed = typeof result === "object" && result !== null && "ok" in result && result.ok === false;
    return done(failed ? 502 : 200, { ran: schedule, result: result ?? null }, `${schedule} ${failed ? "failed" : "ran"}.`);
  }
  return json(404, { error: "There is nothing at this address." });
};

const problem = (request: WireRequest, status: number, message: string): WireAnswer =>
  request.headers.accept?.includes("text/html")
    ? page(
        {
          title: "Control",
          language: "en",
          status,
          body: html`<main><h1>That did not work</h1>${note("bad", message)}<a class="pay" href="/control">Back</a></main>`,
        },
        "Control page of the simulators — only on this machine",
      )
    : json(status, { error: message });

export const answerControl = async (controlled: Controlled, request: WireRequest): Promise<WireAnswer> => {
  try {
    if (request.method === "GET") {
      if (request.path === "/control") return controlPage(await stateOf(controlled), new URLSearchParams(request.query).get("said")?.slice(0, 200));
      if (request.path === "/control/state") return json(200, await stateOf(controlled));
      if (request.path === "/control/stripe/truth") return json(200, controlled.stripe.truth());
      if (request.path === "/control/twilio/truth") return json(200, { messages: controlled.twilio.messages(10_000) });
      return problem(request, 404, "There is nothing at this address.");
    }
    if (request.method !== "POST") return problem(request, 405, "Only GET and POST are known here.");
    if (fromElsewhere(request)) return problem(request, 403, "This came from another site and was refused. Nothing was changed.");
    return await command(controlled, request);
  } catch (fault) {
    if (fault instanceof z.ZodError) return problem(request, 400, z.prettifyError(fault));
    if (fault instanceof SyntaxError || fault instanceof URIError) return problem(request, 400, fault.message);
    return problem(request, 500, String(fault));
  }
};

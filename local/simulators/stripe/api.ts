// One API call: key, route, permission, idempotency, parameters, effect, answer. The order is Stripe's.
// https://docs.stripe.com/api/idempotent_requests
import { faultsOf, takeFault } from "../delivery/faults.ts";
import { canonical, readForm } from "../wire/form.ts";
import { type Begun, letters, type WireAnswer, type WireRequest } from "../wire/wire.ts";
import type { Context } from "./context.ts";
import { faultAnswer, invalid, jsonAnswer, Refusal, type StripeFault } from "./errors.ts";
import { apiVersion } from "./events.ts";
import { authenticate, authorize, type StripeKey } from "./keys.ts";
import { answerKind, type SavedAnswer } from "./records.ts";
import { findRoute, type Route } from "./routes.ts";

/** Stripe may forget a key after this long; ours does, so that nobody relies on more. */
const answersKeptMs = 24 * 3600 * 1000;
const keyLengthMax = 255;

type Answer = { readonly status: number; readonly body: unknown };

interface Call {
  readonly context: Context;
  readonly request: WireRequest;
  readonly requestId: string;
  readonly version: string;
}

const finish = ({ requestId, version, request }: Call, answer: WireAnswer, more: Readonly<Record<string, string>> = {}): WireAnswer => {
  const key = request.headers["idempotency-key"];
  return {
    ...answer,
    headers: {
      ...answer.headers,
      "request-id": requestId,
      "stripe-version": version,
      ...(key === undefined ? {} : { "idempotency-key": key }),
      ...more,
    },
  };
};

/** Stripe fails inside: what it did by then stands, and whoever asks with the same key is told the same. */
const broken: StripeFault = { status: 500, type: "api_error", message: "An unknown error occurred" };

const refused = (call: Call, fault: StripeFault): Begun => ({ answer: finish(call, faultAnswer(fault)) });

/** The parameters: of the query for GET and DELETE, of the body for POST. */
const formOf = ({ method, query, body }: WireRequest): Record<string, unknown> => {
  try {
    return readForm(method === "POST" ? body : query);
  } catch (fault) {
    throw invalid(`Invalid request: the parameter ${String((fault as Error).message)} is malformed.`);
  }
};

const checkedVersion = (version: string): string => {
  if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) throw invalid(`Invalid Stripe API version: ${version}`);
  return version;
};

const replayed = (call: Call, saved: SavedAnswer, key: string, asked: string): WireAnswer => {
  const other = (message: string): WireAnswer => finish(call, faultAnswer({ status: 400, type: "idempotency_error", message }));
  const hint = `Try using a key other than '${key}' if you meant to execute a different request.`;
  if (saved.path !== `${call.request.method} ${call.request.path}`) {
    return other(
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${call.request.path}' vs '${saved.path.split(" ")[1] ?? ""}'). ${hint}`,
    );
  }
  if (saved.request !== asked)
    return other(`Keys for idempotent requests can only be used with the same parameters they were first used with. ${hint}`);
  return finish(call, saved.answer, { "idempotent-replayed": "true", "original-request": saved.request_id });
};

const perform = (call: Call, key: StripeKey, found: { route: Route; id: string }, form: Record<string, unknown>): Answer => {
  const { context, requestId, request } = call;
  const cause = { id: requestId, idempotency_key: request.headers["idempotency-key"] ?? null };
  return found.route.run({ context, account: key.account, id: found.id, form, cause });
};

export const beginCall = (context: Context, request: WireRequest): Begun => {
  const { store, ports, atWork } = context;
  const asked = request.headers["stripe-version"];
  const call: Call = { context, request, requestId: `req_${letters(ports, 14)}`, version: asked ?? apiVersion };
  try {
    const key = authenticate(context.keys, request.headers.authorization);
    if (faultsOf(store, "stripe").api_key_revoked)
      throw invalid("Expired API Key provided. Create a new one in the Dashboard.", { status: 401, code: "api_key_expired" });
    checkedVersion(call.version);
    const connected = request.headers["stripe-account"];
    if (connected !== undefined && connected !== key.account) {
      throw invalid(
        `The provided key does not have access to account '${connected}' (or that account does not exist). Application access may have been revoked.`,
        { status: 403, code: "account_invalid" },
      );
    }
    const found = findRoute(request.method, request.path);
    if (!found) {
      throw invalid(
        `Unrecognized request URL (${request.method}: ${request.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
        { status: 404 },
      );
    }
    authorize(key, found.route.permission);
    const form = formOf(request);

    const idempotencyKey = request.method === "POST" ? request.headers["idempotency-key"] : undefined;
    if (idempotencyKey === undefined) {
      const run = (): WireAnswer => {
        try {
          const prepared = found.route.check(form, context);
          const { status, body } = store.transaction(() => perform(call, key, found, prepared));
          return finish(call, jsonAnswer(status, body));
        } catch (fault) {
          if (fault instanceof Refusal) return finish(call, faultAnswer(fault.fault));
          throw fault;
        }
      };
      return { run, drop: () => undefined };
    }

    if (idempotencyKey.length === 0 || idempotencyKey.length > keyLengthMax)
      throw invalid(`Idempotency keys may be at most ${keyLengthMax} characters.`);
    const savedId = `${key.account} ${idempotencyKey}`;
    if (atWork.has(savedId)) {
      return refused(call, {
        status: 409,
        type: "idempotency_error",
        code: "idempotency_key_in_use",
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${idempotencyKey}. Please try again later.`,
      });
    }
    const fingerprint = canonical(form);
    const saved = store.get(answerKind, savedId);
    if (saved && saved.saved_at + answersKeptMs > ports.now()) return { answer: replayed(call, saved, idempotencyKey, fingerprint) };

    // Parameters are checked before the key is taken: nothing is saved when validation fails.
    const prepared = found.route.check(form, context);
    atWork.add(savedId);
    const save = (answer: WireAnswer): WireAnswer => {
      const path = `${request.method} ${request.path}`;
      store.put(answerKind, savedId, { request: fingerprint, path, answer, request_id: call.requestId, saved_at: ports.now() }, { by: key.account });
      return finish(call, answer);
    };
    const { api_break_done } = faultsOf(store, "stripe");
    const breaks = store.transaction(() => takeFault(store, "stripe", "api_break_next"));
    const run = (): WireAnswer => {
      try {
        return store.transaction(() => {
          if (breaks && !api_break_done) return save(faultAnswer(broken));
          const { status, body } = perform(call, key, found, prepared);
          return save(breaks ? faultAnswer(broken) : jsonAnswer(status, body));
        });
      } catch (fault) {
        // A refusal after execution began is an answer like another: saved and replayed.
        if (fault instanceof Refusal) return store.transaction(() => save(faultAnswer(fault.fault)));
        throw fault;
      } finally {
        atWork.delete(savedId);
      }
    };
    return { run, drop: () => void atWork.delete(savedId) };
  } catch (fault) {
    if (fault instanceof Refusal) return refused(call, fault.fault);
    throw fault;
  }
};

// Refusals in Stripe's shape: `{ error: { type, code, message, param, doc_url } }` with a request id in a header.
import type { WireAnswer } from "../wire/wire.ts";

export type ErrorType = "invalid_request_error" | "idempotency_error" | "api_error" | "card_error";

export interface StripeFault {
  readonly status: number;
  readonly type: ErrorType;
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
}

/** Thrown inside the core, answered at its edge. */
export class Refusal extends Error {
  readonly fault: StripeFault;
  constructor(fault: StripeFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export const invalid = (message: string, detail: { code?: string; param?: string; status?: number } = {}): Refusal => {
  const { status = 400, ...rest } = detail;
  return new Refusal({ status, type: "invalid_request_error", message, ...rest });
};

export const missing = (noun: string, id: string, param = "id"): Refusal =>
  invalid(`No such ${noun}: '${id}'`, { status: 404, code: "resource_missing", param });

export const jsonAnswer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-cache, no-store", ...headers },
  body: JSON.stringify(body, null, 2),
});

export const faultAnswer = (fault: StripeFault): WireAnswer => {
  const { status, type, message, code, param } = fault;
  const error = {
    ...(code === undefined ? {} : { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}` }),
    message,
    ...(param === undefined ? {} : { param }),
    type,
  };
  return jsonAnswer(status, { error });
};

// What every command does alike: write its operation, and turn the outcome of its transaction into an answer.
import type { Instant } from "../clock/clock.ts";
import type { Outcome, Write } from "../table/model.ts";
import { contentOf, operationId, type Principal, record } from "./operation.ts";

interface Commanded {
  readonly kind: string;
  readonly principal: Principal;
  readonly key: string;
  readonly body: unknown;
  readonly merchant_id: string;
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The operation of a command; its id is made of principal, kind and key. */
export const commanded = ({ kind, principal, key, body, merchant_id, subject, details }: Commanded, at: Instant): Write<never> =>
  record({
    id: operationId(principal, kind, key),
    kind,
    at,
    principal_type: principal.type,
    principal_id: principal.id,
    merchant_id,
    subject,
    content: contentOf(body),
    details: details ?? {},
  });

export type Answered<T, R extends string> =
  | { readonly kind: "ok"; readonly result: T; readonly repeated?: boolean }
  | { readonly kind: "refused"; readonly refusal: R | "key_reused" };

/** A repeat with the same body is the same answer; with another body it is refused. */
export const answered = <T, R extends string>(outcome: Outcome<R>, body: unknown, result: T): Answered<T, R> => {
  switch (outcome.kind) {
    case "committed":
      return { kind: "ok", result };
    case "repeated":
      return outcome.operation.content === contentOf(body) ? { kind: "ok", result, repeated: true } : { kind: "refused", refusal: "key_reused" };
    case "refused":
      return { kind: "refused", refusal: outcome.refusal };
  }
};

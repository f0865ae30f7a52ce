// Faults on request, in the shapes that the services give them.
import type { ClassifiedCall } from "../iam/classify.ts";
import { type Service, ServiceError } from "./call.ts";

/**
 * `conflict`: another transaction holds the item (DynamoDB). `throttle`: too many requests. `error`: the service failed before it did
 * anything. `lost`: the call is done, the answer never arrives.
 */
export interface Fault {
  readonly kind: "conflict" | "throttle" | "error" | "lost";
}
export interface FaultyCall extends ClassifiedCall {
  /** Undefined: the host itself. */
  readonly roleId: string | undefined;
}
export type Faults = (call: FaultyCall) => Fault | undefined;

/** The error of a fault that keeps the call from being done; undefined for a lost answer. */
export function faultError(service: Service, { operation, body }: ClassifiedCall, { kind }: Fault): ServiceError | undefined {
  switch (kind) {
    case "lost":
      return undefined;
    case "error":
      return new ServiceError(service === "dynamodb" ? "InternalServerError" : "InternalFailure", "Internal server error", 500);
    case "throttle":
      return throttled(service);
    case "conflict":
      return operation === "TransactWriteItems"
        ? cancelled(body.TransactItems)
        : new ServiceError("TransactionConflictException", "Transaction is ongoing for the item");
  }
}

function throttled(service: Service): ServiceError {
  switch (service) {
    case "dynamodb":
      return new ServiceError("ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded.");
    case "lambda":
      return new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    default:
      return new ServiceError("ThrottlingException", "Rate exceeded");
  }
}

/** The conflict is on the first item. */
function cancelled(items: unknown): ServiceError {
  const reasons = (Array.isArray(items) ? items : []).map((_, index) =>
    index === 0 ? { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" } : { Code: "None" },
  );
  const codes = reasons.map((reason) => reason.Code).join(", ");
  return new ServiceError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

// People behind the counter: commands invoked on operator functions, each with its own rights, as `aws lambda invoke` would.
import { newKey } from "./buyer.ts";

/** What an operator function answers, and how an invocation of it can fail. */
export interface OperatorAnswer<Result = Readonly<Record<string, unknown>>> {
  readonly ok: boolean;
  readonly repeated?: boolean;
  readonly result?: Result;
  /** Of a refusal. */
  readonly code?: string;
  /** Of a function that failed. */
  readonly errorType?: string;
}
export type Invoke = (functionName: string, event: unknown) => Promise<unknown>;
export type Operate = <Result>(to: string, command: string, body: object, key?: string) => Promise<OperatorAnswer<Result>>;

/** @param invoke answers `{ok: true, payload}` with the function's own answer, or `{ok: false, errorType}` */
export const operatorsOf =
  (invoke: Invoke, by = "flow-test"): Operate =>
  async <Result>(to: string, command: string, body: object, key = newKey()) => {
    const invocation = (await invoke(to, { command, key, by, body })) as { ok: boolean; payload?: unknown; errorType?: string };
    if (!invocation.ok) return { ok: false, errorType: invocation.errorType ?? "unknown" };
    const { payload } = invocation;
    return (typeof payload === "string" ? JSON.parse(payload) : payload) as OperatorAnswer<Result>;
  };

export const merchant_id = "lees";

export interface RefundResult {
  readonly refund_id: string;
  readonly status: string;
  readonly amount: number;
  readonly full: boolean;
  readonly lines: readonly { readonly line: number; readonly quantity: number; readonly units: readonly string[] }[];
}
export interface RefundWish {
  readonly lines?: readonly { readonly line: number; readonly quantity: number }[];
  readonly amount?: number;
}
/** Neither lines nor amount: all that is left. */
export const refundOrder = (operate: Operate, order_id: string, wish: RefundWish = {}, key?: string): Promise<OperatorAnswer<RefundResult>> =>
  operate<RefundResult>("fulfil-operator", "refundOrder", { merchant_id, order_id, reason: "customer_request", ...wish }, key);

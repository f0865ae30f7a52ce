import { reconcileNights } from "./night.ts";
import { reconcilePorts } from "./reconcile-ports.ts";

const ports = reconcilePorts();

/** @param run what Lambda says of this run */
export const handler = (_event: unknown, run: { readonly getRemainingTimeInMillis: () => number }) =>
  reconcileNights({ ...ports, secondsLeft: () => run.getRemainingTimeInMillis() / 1000 });

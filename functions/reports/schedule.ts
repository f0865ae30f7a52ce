import { reconcileNights } from "./night.ts";
import { reconcilePorts } from "./reconcile-ports.ts";

const ports = reconcilePorts();

export const handler = () => reconcileNights(ports);

// The ports of sending, the same for the workflow's step and for the outbox.
import { optional, required } from "../../platform/config/config.ts";
import * as runtime from "../../platform/runtime.ts";
import { stageSecret } from "../../platform/secrets/secrets.ts";
import { twilioOf } from "../notifications/index.ts";
import type { OrderSendPorts } from "./send.ts";

export const sendPorts = (): OrderSendPorts => ({
  table: runtime.table(),
  clock: runtime.clock,
  random: runtime.random,
  sealer: runtime.sealer(),
  textingOf: twilioOf(optional("SIMULATED_PROVIDERS")),
  publicOrigin: runtime.publicOrigin(),
  linkSecret: stageSecret(required("LINK_SECRET_ID")),
});

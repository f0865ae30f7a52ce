import { stepEntry } from "../../platform/edge/step.ts";
import * as runtime from "../../platform/runtime.ts";
import { OrderRefInput } from "./inputs.ts";
import { send } from "./send.ts";
import { sendPorts } from "./send-ports.ts";

const ports = sendPorts();

export const handler = stepEntry("send", OrderRefInput, runtime.log(), async (ref) => {
  await send(ref, ports);
  return { sent: true };
});

// The carrier: reports each text's delivery to the callback, signed as Twilio signs; early, late, twice or never.
import { twilioSignature } from "../../../local/simulators/twilio/core.ts";
import type { World } from "../world-model.ts";
import type { TextMessage } from "./twilio.ts";

/** The carrier's report comes by itself, sometimes before our own note that the text was sent. */
export const reportDelivery = (world: World, message: TextMessage): void => {
  const { scheduler, dice, ports, reach, reports } = world;
  reports.open += 1;
  const { pathname, searchParams } = new URL(message.callback_url);
  const status = dice.chance(0.1) ? "undelivered" : "delivered";
  const waitMs = dice.pick([dice.between(50, 20_000), dice.between(60_000, 200_000)]);
  scheduler.spawn("Twilio", async () => {
    await scheduler.sleep(waitMs, "until the carrier reports");
    const fields = { MessageSid: message.sid, MessageStatus: status };
    const signature = twilioSignature("text-token-0001", message.callback_url, fields);
    const report = {
      channel_id: pathname.split("/").at(-1) ?? "",
      message: searchParams.get("message") ?? "",
      raw: Buffer.from(new URLSearchParams(fields).toString()),
      signature,
    };
    const fault = await scheduler.turn("reports the text's delivery", ["drop", "duplicate"]);
    world.texts.reported.push({ sid: message.sid, status });
    const times = fault === "drop" ? 0 : fault === "duplicate" ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const ended = await world.invoke("notifications-callback", () => world.verbs.recordDelivery(report, ports));
      if (ended.kind === "answered" && ended.value.kind === "recorded") reach.saw("delivery report recorded");
    }
    reports.open -= 1;
  });
};

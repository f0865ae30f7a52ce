// Sending a text once: claim, send, record. After an unknown outcome the provider is asked before anything is sent again.
import { type Clock, type Instant, secondsBetween } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import { hashId } from "../../platform/ids/ids.ts";
import type { Random } from "../../platform/random/random.ts";
import type { Table } from "../../platform/table/model.ts";
import { InProgress, ProviderUnknown } from "../../platform/workflow/again.ts";
import { channels, openToken, smsChannelId } from "./channel-table.ts";
import { claim, type Message, type MessageId, messages, reclaim, recordFate } from "./message-table.ts";
import type { Text, Texting, TextingOf } from "./texting.ts";

export interface SendPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealer: Sealer;
  readonly textingOf: TextingOf;
  readonly publicOrigin: string;
}

/** How long a sender may take before another believes it dead: more than a function's time. */
export const claimSeconds = 45;
export const attemptsMax = 2;

/**
 * @param write makes the words and finds the number; called only when there is something to send. Undefined: there is nothing to tell any more
 * Throws InProgress or ProviderUnknown where a retry should follow.
 */
export const sendOnce = async (
  id: MessageId,
  write: () => Promise<{ readonly to: string; readonly body: string } | undefined>,
  ports: SendPorts,
): Promise<void> => {
  const { table, clock } = ports;
  const known = await table.get(messages, id, { consistent: true });
  if (known && known.status !== "sending") return;
  if (known && secondsBetween(known.claimed_at as Instant, clock.now()) < claimSeconds) throw new InProgress("another sender has it");

  const channel = await table.get(channels, { channel_id: smsChannelId });
  if (!channel) throw new Error("the stage has no SMS channel: an operator sets it with saveSmsChannel");
  const texting = ports.textingOf(channel, await openToken(ports.sealer, channel));
  const written = await write();
  if (!written) return;
  const text: Text = { ...written, callback_url: callbackUrl(ports.publicOrigin, channel.id, id) };

  const attempt = known ? await secondAttempt(known, text, texting, ports) : await firstAttempt(id, channel.id, text, ports);
  if (attempt === "over") return;
  const sent = await texting.send(text);
  if (sent.kind === "unknown") throw new ProviderUnknown("the SMS provider did not answer");
  const fate = sent.kind === "accepted" ? { status: "sent" as const, sid: sent.sid } : { status: "failed" as const, error_code: sent.code };
  await table.write(recordFate(id, fate, clock.now()));
};

const fingerprintOf = (body: string): string => hashId("words", body);

const firstAttempt = async (id: MessageId, channel_id: string, { body }: Text, { table, clock, random }: SendPorts): Promise<"ours"> => {
  const now = clock.now();
  const words = fingerprintOf(body);
  const outcome = await table.write(
    claim({ ...id, channel_id, status: "sending", attempt: 1, claim: random.secret(), claimed_at: now, words, updated_at: now }),
  );
  if (outcome.kind === "refused") throw new InProgress("another sender was faster");
  return "ours";
};

/** The holder of the claim died or lost the answer. Was it sent? Only a clear no is followed by a second text. */
const secondAttempt = async (stale: Message, text: Text, texting: Texting, { table, clock, random }: SendPorts): Promise<"ours" | "over"> => {
  // What was sent then, if it was: the words of now may be others.
  const sought = stale.words ?? fingerprintOf(text.body);
  const found = await texting.find({ to: text.to, isIt: (body) => fingerprintOf(body) === sought }, stale.claimed_at as Instant);
  if (found.kind === "unknown") throw new ProviderUnknown("the SMS provider did not say whether it was sent");
  const now = clock.now();
  if (found.kind === "found") {
    await table.write(recordFate(stale, { status: "sent", sid: found.sid }, now));
    return "over";
  }
  if (stale.attempt >= attemptsMax) {
    await table.write(recordFate(stale, { status: "failed", error_code: "gave_up" }, now));
    return "over";
  }
  const outcome = await table.write(
    reclaim(stale, {
      ...stale,
      attempt: stale.attempt + 1,
      claim: random.secret(),
      claimed_at: now,
      words: fingerprintOf(text.body),
      updated_at: now,
    }),
  );
  if (outcome.kind === "refused") throw new InProgress("another sender was faster");
  return "ours";
};

/** The callback names its message; the whole address is under the provider's signature. */
export const callbackUrl = (publicOrigin: string, channelId: string, id: MessageId): string =>
  `${publicOrigin}/api/notifications/sms/${channelId}?message=${[id.merchant_id, id.order_id, id.kind, ...(id.about === undefined ? [] : [id.about])].join(".")}`;

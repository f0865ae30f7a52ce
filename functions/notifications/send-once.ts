// Sending a text once: claim, send, record. After an unknown outcome the provider is asked before anything is sent again.
import { type Clock, type Instant, secondsBetween } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import { hashId } from "../../platform/ids/ids.ts";
import type { Random } from "../../platform/random/random.ts";
import type { Table } from "../../platform/table/model.ts";
import { InProgress, ProviderUnknown } from "../../platform/workflow/again.ts";
import { type Account, accountsOf, type Channel, channels, openToken, smsChannelId } from "./channel-table.ts";
import { claim, giveBack, type Message, type MessageId, messages, nothingToTell, reclaim, recordFate } from "./message-table.ts";
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

/** What a message is to say, asked for only where it is owed still. */
export interface Telling {
  /** The number, E.164. */
  readonly to: () => Promise<string>;
  /** Undefined: there is nothing to tell any more, and never will be by this message. */
  readonly words: () => Promise<string | undefined>;
}

/**
 * Sends a message unless it was sent, and ends its record where nothing is left to tell.
 * Throws InProgress or ProviderUnknown where a retry should follow; an Error with the provider's code where it took nothing and nobody is to
 * blame but us: the queue asks again, and its dead letters call a person.
 */
export const sendOnce = async (id: MessageId, telling: Telling, ports: SendPorts): Promise<void> => {
  const { table, clock } = ports;
  const known = await table.get(messages, id, { consistent: true });
  if (known && known.status !== "sending" && known.status !== "not_sent") return;
  if (known?.status === "sending" && secondsBetween(known.claimed_at as Instant, clock.now()) < claimSeconds)
    throw new InProgress("another sender has it");

  const body = await telling.words();
  if (!known && body === undefined) return;

  const channel = await table.get(channels, { channel_id: smsChannelId });
  if (!channel) throw new Error("the stage has no SMS channel: an operator sets it with saveSmsChannel");
  const to = await telling.to();
  if (known?.status === "sending" && (await isOver(known, { to, body }, channel, ports))) return;
  if (body === undefined) return void (await table.write(recordFate(id, { status: "failed", error_code: nothingToTell }, clock.now())));
  const text: Text = { to, body, callback_url: callbackUrl(ports.publicOrigin, channel.id, id) };
  const texting = await textingFrom(channel, ports);
  const held = known ? await takeOver(known, channel, text, ports) : await firstAttempt(id, channel, text, ports);
  const sent = await texting.send(text);
  switch (sent.kind) {
    case "accepted":
      return void (await table.write(recordFate(id, { status: "sent", sid: sent.sid }, clock.now())));
    case "rejected":
      return void (await table.write(recordFate(id, { status: "failed", error_code: sent.code }, clock.now())));
    case "not_sent":
      await table.write(giveBack(held, sent.code, clock.now()));
      throw new Error(`the SMS provider took nothing: ${sent.code}`);
    case "unknown":
      throw new ProviderUnknown("the SMS provider did not answer");
  }
};

const fingerprintOf = (body: string): string => hashId("words", body);

const textingFrom = async (account: Account, { textingOf, sealer }: SendPorts): Promise<Texting> =>
  textingOf(account, await openToken(sealer, account));

const firstAttempt = async (id: MessageId, channel: Channel, { body }: Text, { table, clock, random }: SendPorts): Promise<Message> => {
  const now = clock.now();
  const words = fingerprintOf(body);
  const { account_sid, id: channel_id } = channel;
  const first: Message = {
    ...id,
    channel_id,
    account_sid,
    status: "sending",
    attempt: 1,
    claim: random.secret(),
    claimed_at: now,
    words,
    updated_at: now,
  };
  const outcome = await table.write(claim(first));
  if (outcome.kind === "refused") throw new InProgress("another sender was faster");
  return first;
};

/** The holder of the claim died or lost the answer. Was it sent? Only a clear no is followed by a second text. */
const isOver = async (
  stale: Message,
  { to, body }: { readonly to: string; readonly body: string | undefined },
  channel: Channel,
  ports: SendPorts,
): Promise<boolean> => {
  const { table, clock } = ports;
  // Where that attempt was made: the account of now knows nothing of it.
  const account = accountsOf(channel).find(({ account_sid }) => account_sid === (stale.account_sid ?? channel.account_sid));
  if (!account) throw new Error("a text may have gone out from an account that the channel does not know any more");
  const texting = await textingFrom(account, ports);
  // What was sent then, if it was: the words of now may be others, or none.
  const sought = stale.words ?? (body === undefined ? undefined : fingerprintOf(body));
  const found = await texting.find({ to, isIt: (words) => fingerprintOf(words) === sought }, stale.claimed_at as Instant);
  if (found.kind === "unknown") throw new ProviderUnknown("the SMS provider did not say whether it was sent");
  if (found.kind === "none" && (body === undefined || stale.attempt < attemptsMax)) return false;
  const fate = found.kind === "found" ? { status: "sent" as const, sid: found.sid } : { status: "failed" as const, error_code: "gave_up" };
  await table.write(recordFate(stale, fate, clock.now()));
  return true;
};

/** A claim that was given back is taken up where it was left; one that nobody finished counts as an attempt. */
const takeOver = async (stale: Message, { account_sid }: Channel, { body }: Text, { table, clock, random }: SendPorts): Promise<Message> => {
  const now = clock.now();
  const attempt = stale.status === "not_sent" ? stale.attempt : stale.attempt + 1;
  const next: Message = {
    ...stale,
    account_sid,
    status: "sending",
    attempt,
    claim: random.secret(),
    claimed_at: now,
    words: fingerprintOf(body),
    updated_at: now,
  };
  const outcome = await table.write(reclaim(stale, next));
  if (outcome.kind === "refused") throw new InProgress("another sender was faster");
  return next;
};

/** The callback names its message; the whole address is under the provider's signature. */
export const callbackUrl = (publicOrigin: string, channelId: string, id: MessageId): string =>
  `${publicOrigin}/api/notifications/sms/${channelId}?message=${[id.merchant_id, id.order_id, id.kind, ...(id.about === undefined ? [] : [id.about])].join(".")}`;

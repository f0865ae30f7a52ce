// The SMS provider reports delivery. Signed over our own address (from configuration, never from the request's host) and its fields.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import type { Table } from "../../platform/table/model.ts";
import { accountsOf, channels, openToken } from "./channel-table.ts";
import { type Fate, MessageKind, recordReport } from "./message-table.ts";
import { signedByTwilio } from "./twilio-signature.ts";

export interface DeliveryPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly publicOrigin: string;
}
export interface DeliveryReport {
  readonly channel_id: string;
  /** `merchant.order.kind`, or `….about` where there can be several of a kind, as we wrote it into the callback address. */
  readonly message: string;
  readonly raw: Buffer;
  readonly signature: string | undefined;
}
export type DeliveryOutcome = { readonly kind: "recorded" } | { readonly kind: "refused"; readonly refusal: "channel_unknown" | "callback_invalid" };

/** Twilio's final words; the ones in between (queued, sending, sent) tell us nothing new. */
const fates: Readonly<Record<string, Fate["status"]>> = { delivered: "delivered", undelivered: "undelivered", failed: "undelivered" };

export const recordDelivery = async (report: DeliveryReport, { table, clock, sealer, publicOrigin }: DeliveryPorts): Promise<DeliveryOutcome> => {
  const channel = await table.get(channels, { channel_id: report.channel_id });
  if (!channel) return { kind: "refused", refusal: "channel_unknown" };
  const url = `${publicOrigin}/api/notifications/sms/${report.channel_id}?message=${report.message}`;
  const fields = Object.fromEntries(new URLSearchParams(report.raw.toString("utf8")));
  // Each account signs with its own token, also what it still has to say after another has taken its place.
  const account = accountsOf(channel).find(({ account_sid }) => account_sid === fields.AccountSid) ?? channel;
  if (!signedByTwilio(await openToken(sealer, account), report.signature, url, fields)) {
    return { kind: "refused", refusal: "callback_invalid" };
  }
  const status = fates[fields.MessageStatus ?? ""];
  const [merchant_id, order_id, word, about, ...rest] = report.message.split(".");
  const kind = MessageKind.safeParse(word).data;
  const sid = fields.MessageSid;
  if (!status || !sid || !merchant_id || !order_id || !kind || rest.length > 0) return { kind: "recorded" };
  const fate = { status, sid, ...(fields.ErrorCode && { error_code: fields.ErrorCode }) };
  await table.write(recordReport({ merchant_id, order_id, kind, about }, fate, clock.now()));
  return { kind: "recorded" };
};

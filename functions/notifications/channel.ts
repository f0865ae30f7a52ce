// A channel: the account that texts go out from, its token sealed. One serves the whole stage for now: `sms`.
import * as z from "zod";
import type { Clock } from "../../platform/clock/clock.ts";
import { Sealed, type Sealer } from "../../platform/crypto/sealer.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { entity, replace, type Table } from "../../platform/table/model.ts";
import type * as contract from "./contract.ts";

export const Channel = z.object({
  id: z.string(),
  account_sid: z.string(),
  from: z.string(),
  endpoint: z.enum(["official", "simulated"]),
  auth_token: Sealed,
  saved_at: z.string(),
});
export type Channel = z.infer<typeof Channel>;

export const channels = entity({
  name: "channel",
  prefix: "CHANNEL",
  about: "The account that texts go out from, its token sealed.",
  schema: Channel,
  key: (id: { channel_id: string }) => ({ pk: `CHANNEL#${id.channel_id}`, sk: "CHANNEL" }),
});

export const smsChannelId = "sms";
const tokenName = "auth_token";

export const openToken = (sealer: Sealer, channel: Channel): Promise<string> => sealer.open("channel", tokenName, channel.auth_token);

export interface ChannelPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly sealer: Sealer;
}

export const saveSmsChannel = async (
  { body, ...by }: CommandRequest<typeof contract.saveSmsChannel>,
  { table, clock, sealer }: ChannelPorts,
): Promise<CommandAnswer<typeof contract.saveSmsChannel>> => {
  const { channel_id: id, auth_token: token, ...facts } = body;
  const [auth_token] = await sealer.seal("channel", id, [{ name: tokenName, text: token }]);
  if (!auth_token) throw new Error("nothing was sealed");
  const content = { ...facts, id };
  const outcome = await table.transact([
    replace(channels, { channel_id: id }, { ...facts, id, auth_token, saved_at: clock.now() }),
    commanded({ kind: "channel_saved", ...by, body: content, merchant_id: "-", subject: id }, clock.now()),
  ]);
  return answered(outcome, content, { channel_id: id });
};

// A channel: the account that texts go out from, its token sealed. One serves the whole stage for now: `sms`.
import * as z from "zod";
import { Sealed, type Sealer } from "../../platform/crypto/sealer.ts";
import { create, entity, guarded, replace, type Write, when } from "../../platform/table/model.ts";

export const Account = z.object({
  account_sid: z.string(),
  from: z.string(),
  endpoint: z.enum(["official", "simulated"]),
  auth_token: Sealed,
});
export type Account = z.infer<typeof Account>;

export const Channel = z.object({
  ...Account.shape,
  id: z.string(),
  /** The account before this one: texts that went out from it are still looked up and reported there. */
  previous: Account.optional(),
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

export const openToken = (sealer: Sealer, account: Account): Promise<string> => sealer.open("channel", tokenName, account.auth_token);

/** The channel's accounts, the one that texts go out from now first. */
export const accountsOf = ({ previous, ...current }: Channel): readonly Account[] => (previous ? [current, previous] : [current]);

/** Writes the channel over the one that was read, if that still stands. */
export const putChannel = (channel: Channel, before: Channel | undefined): Write<"channel_moved"> => {
  const id = { channel_id: channel.id };
  const write = before ? { ...replace(channels, id, channel), guard: when.equals("saved_at", before.saved_at) } : create(channels, id, channel);
  return guarded("channel_moved", write);
};

export const sealToken = async (sealer: Sealer, channelId: string, token: string): Promise<Sealed> => {
  const [sealed] = await sealer.seal("channel", channelId, [{ name: tokenName, text: token }]);
  if (!sealed) throw new Error("nothing was sealed");
  return sealed;
};

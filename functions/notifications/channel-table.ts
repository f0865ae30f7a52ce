// A channel: the account that texts go out from, its token sealed. One serves the whole stage for now: `sms`.
import * as z from "zod";
import { Sealed, type Sealer } from "../../platform/crypto/sealer.ts";
import { entity } from "../../platform/table/model.ts";

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

export const sealToken = async (sealer: Sealer, channelId: string, token: string): Promise<Sealed> => {
  const [sealed] = await sealer.seal("channel", channelId, [{ name: tokenName, text: token }]);
  if (!sealed) throw new Error("nothing was sealed");
  return sealed;
};

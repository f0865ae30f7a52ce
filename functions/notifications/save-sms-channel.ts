// An operator sets the account that texts go out from.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { answered, commanded } from "../../platform/operation/command.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { Account, accountsOf, channels, putChannel, sealToken } from "./channel-table.ts";
import type * as contract from "./contract.ts";

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
  const before = await table.get(channels, { channel_id: id }, { consistent: true });
  const [last] = before ? accountsOf(before) : [];
  const previous = last?.account_sid === facts.account_sid ? before?.previous : last && Account.parse(last);
  const auth_token = await sealToken(sealer, id, token);
  const outcome = await table.transact([
    putChannel({ ...facts, id, auth_token, ...(previous && { previous }), saved_at: clock.now() }, before),
    // Fingerprinted with its token, which nobody can guess from a hash: the same key with a corrected token is another request.
    commanded({ kind: "channel_saved", ...by, body, merchant_id: "-", subject: id }, clock.now()),
  ]);
  if (outcome.kind === "refused") throw new TableBusy("somebody else saved the channel meanwhile");
  return answered(outcome, body, { channel_id: id });
};

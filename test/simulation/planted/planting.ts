// How a bug is planted: around a port or in place of a verb.
import type { Sent } from "../../../functions/notifications/texting.ts";
import type { PaymentProvider } from "../../../functions/payments/provider.ts";
import type { Table, Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import type { Verbs } from "../product.ts";
import type { Planting, World } from "../world-model.ts";

export interface PlantedBug {
  readonly name: string;
  /** It takes more than a dozen stories to see it: the wide run looks for it. */
  readonly hides?: true;
  /** What somebody did. */
  readonly about: string;
  /** Invariants that may be the first to see it. */
  readonly breaks: readonly string[];
  /** The flow that it lives in; default: the sale. */
  readonly flow?: string;
  /** The conditions under which it is looked for. */
  readonly profile: string;
  /** Stories come to it too seldom: it is looked for in every order of steps of this case. */
  readonly inCase?: string;
  /** Where it hides, and what brings it out. */
  readonly nemesis?: readonly Nemesis[];
  readonly planting: Planting;
}

export type Transaction = readonly Write[];
/** A table whose transactions are changed on their way; what comes back may be another transaction, or several. */
export const transacting = (change: (writes: Transaction, table: Table, world: World) => Promise<unknown>): NonNullable<Planting["table"]> => {
  return (table, world) => ({ ...table, transact: ((writes: Transaction) => change(writes, table, world)) as Table["transact"] });
};
/** A table in which guards with these meanings always hold. */
export const unguarded =
  (...refusals: readonly string[]): NonNullable<Planting["evaluate"]> =>
  (write, _item, holds) =>
    holds || refusals.includes(write.refusal ?? "");

export const provider = (change: (real: PaymentProvider, world: World) => Partial<PaymentProvider>): NonNullable<Planting["providers"]> => {
  return (providers, world) => (connection, secrets) => {
    const real = providers(connection, secrets);
    return { ...real, ...change(real, world) };
  };
};
/** The text provider's adapter, and what is heard of its answers. */
export const sendingAnswers =
  (hear: (sent: Sent) => Sent): NonNullable<Planting["textingOf"]> =>
  (textingOf) =>
  (channel, token) => {
    const real = textingOf(channel, token);
    return { ...real, send: async (text) => hear(await real.send(text)) };
  };
export const withVerbs =
  (change: (verbs: Verbs, world: World) => Partial<Verbs>): NonNullable<Planting["verbs"]> =>
  (verbs, world) => ({ ...verbs, ...change(verbs, world) });

export const isOperation = (write: Write): boolean => write.op === "create" && write.proof === true;
export const isToken = (write: Write): boolean => write.entity.prefix === "POOL";

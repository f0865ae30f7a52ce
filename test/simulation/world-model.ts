// The world as everybody sees it: what it is made of, and where a bug can be planted in it.

import type { TextingOf } from "../../functions/notifications/texting.ts";
import type { Providers } from "../../functions/payments/provider.ts";
import type { Store } from "../../local/simulators/store/store.ts";
import type { Stripe } from "../../local/simulators/stripe/core.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Commit, MemoryTable, Snapshot } from "../../platform/table/memory.ts";
import type { Table, Write } from "../../platform/table/model.ts";
import type { Dice } from "./dice.ts";
import type { Policy } from "./faults.ts";
import type { Courier, Told } from "./ports/courier.ts";
import type { JournalPort } from "./ports/journal.ts";
import type { OutboxPort } from "./ports/outbox.ts";
import type { Quarrels } from "./ports/quarrels.ts";
import type { TextBooks } from "./ports/twilio.ts";
import type { WorkflowPort } from "./ports/workflow.ts";
import type { Ports, Verbs } from "./product.ts";
import type { Profile } from "./profiles.ts";
import type { Reach } from "./reach.ts";
import type { Ended, Execution, Scheduler } from "./scheduler.ts";
import type { Shop, Stock } from "./shop.ts";

/** Where a bug can be planted: around ports and in place of verbs, never inside product code. */
export interface Planting {
  /** Decides whether a guard holds. @param among all writes of the same call */
  readonly evaluate?: (write: Write, item: Readonly<Record<string, unknown>> | undefined, holds: boolean, among: readonly Write[]) => boolean;
  readonly table?: (table: Table, world: World) => Table;
  readonly providers?: (providers: Providers, world: World) => Providers;
  readonly textingOf?: (textingOf: TextingOf) => TextingOf;
  readonly verbs?: (verbs: Verbs, world: World) => Verbs;
  readonly forgetfulOutbox?: boolean;
}

export interface WorldOptions {
  readonly dice: Dice;
  readonly profile: Profile;
  readonly policy: Policy;
  readonly stock: readonly Stock[];
  readonly reach: Reach;
  readonly planting: Planting;
  readonly choose?: (count: number) => number;
  /** Steps that take a turn, for enumerations of a few. Default: all. */
  readonly takesTurn?: (label: string) => boolean;
  readonly commits: (commit: Commit, snapshot: Snapshot, by: Execution | undefined, world: World) => void;
}

export interface World {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly profile: Profile;
  readonly reach: Reach;
  readonly twin: MemoryTable;
  readonly stripe: Stripe;
  readonly store: Store;
  readonly texts: TextBooks;
  readonly workflow: WorkflowPort;
  readonly outbox: OutboxPort;
  readonly journal: JournalPort;
  readonly quarrels: Quarrels;
  readonly courier: Courier;
  readonly shop: Shop;
  readonly clock: Clock;
  readonly verbs: Verbs;
  readonly logLines: readonly string[];
  /** Texts whose delivery the carrier has not reported yet. */
  readonly reports: { open: number };
  /** Units that a hold gave back, by key. */
  readonly released: Set<string>;
  /** The ports of the functions, all in one. */
  readonly ports: Ports;
  /** Runs a function as its trigger would. */
  invoke<T>(name: string, work: () => Promise<T>, tags?: readonly string[]): Promise<Ended<T>>;
  /** Posts to the payment webhook. Answers the HTTP status, undefined when none came. */
  postWebhook(told: Told, tags?: readonly string[]): Promise<number | undefined>;
  /** Starts the workflow, as a function outside the sweep does. */
  readonly fulfilOrder: ReturnType<WorkflowPort["startedBy"]>;
  /** When the schedule looks next. */
  looksAt(): number;
  /** Starts what runs by itself: the schedule of the sweep. */
  begin(): void;
}

// A delivery is one fact on its way to one address: kept until it arrived, was given up or was forgotten on purpose.
// Everything here is pure over the store; sockets are in pump.ts, and the simulation delivers by calling the handler.

import type { Kind, Store } from "../store/store.ts";
import { kind } from "../store/store.ts";
import type { Ports } from "../wire/wire.ts";
import { hex } from "../wire/wire.ts";
import { type Faults, faultsOf, type Provider, takeFault } from "./faults.ts";

export interface Attempt {
  /** ms since the epoch */
  readonly at: number;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  readonly error?: string;
  readonly tampered?: true;
}

export interface Delivery {
  readonly id: string;
  readonly provider: Provider;
  /** Event type or message status. */
  readonly topic: string;
  /** Event id or message sid. */
  readonly subject: string;
  /** Where it goes, as the shop registered it (before the origin is replaced). */
  readonly url: string;
  /** What the provider needs to make the request again at each attempt. */
  readonly memo: Readonly<Record<string, string>>;
  readonly state: "waiting" | "delivered" | "given_up" | "forgotten";
  readonly created_at: number;
  readonly due_at?: number;
  /** How often it was sent; `attempts` keeps the latest. */
  readonly tries: number;
  readonly attempts: readonly Attempt[];
  readonly note?: string;
}

/** One attempt, ready to be sent. */
export interface Outgoing {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The control page asked for this attempt to break on the way. */
  readonly broken: boolean;
  readonly tampered: boolean;
}
export type Arrival = { readonly status: number } | { readonly error: string };

/** What sends: the pump on the machine, the scheduler in the simulation. */
export interface Courier {
  /** Does what time alone brings about (sessions expire, messages are delivered). */
  advance(): void;
  /** When `advance` or a delivery is next owed, ms since the epoch. */
  nextDue(): number | undefined;
  due(limit: number): Delivery[];
  prepare(delivery: Delivery): Outgoing;
  settle(id: string, arrival: Arrival, tampered?: boolean): void;
}

/** The note of a held delivery: it is sent only when the one before it has landed. */
export const reordered = "reordered";
/** Deliveries held back together, the latest first, until `until` (ms since the epoch) at most. */
const batchKind: Kind<{ readonly until: number; readonly ids: readonly string[] }> = kind("reordered_batch");

/** Attempts kept per delivery: enough to read, bounded. */
const attemptsKept = 30;

export interface DeliveryRules {
  readonly provider: Provider;
  /** ms to wait before the next attempt, or undefined to give up. `attempts` counts those already made. */
  readonly retryAfter: (attempts: number, arrival: Arrival) => number | undefined;
}

export const arrived = (arrival: Arrival): boolean => "status" in arrival && arrival.status >= 200 && arrival.status < 300;

export const deliveryKindOf = (provider: Provider): Kind<Delivery> => kind(`${provider}_delivery`);

export const deliveries = (store: Store, ports: Ports, rules: DeliveryRules) => {
  const { provider } = rules;
  const deliveryKind = deliveryKindOf(provider);
  const save = (delivery: Delivery): void =>
    store.put(deliveryKind, delivery.id, delivery, {
      by: delivery.subject,
      due: delivery.state === "waiting" ? delivery.due_at : undefined,
    });

  /**
   * Holds a delivery back until the last of its batch is there; then all go, last first.
   * A batch that stays incomplete goes after `reorder_hold_ms`, last first too.
   */
  const hold = (delivery: Delivery, { reorder_next: left, reorder_hold_ms }: Faults): void => {
    const now = ports.now();
    const known = store.get(batchKind, provider);
    const batch = known && known.until > now ? known : { until: now + reorder_hold_ms, ids: [] };
    const ids = [delivery.id, ...batch.ids];
    save({ ...delivery, due_at: batch.until + left });
    if (left > 1) {
      store.put(batchKind, provider, { ...batch, ids });
      return;
    }
    store.erase(batchKind, provider);
    for (const [place, id] of ids.entries()) {
      const held = store.get(deliveryKind, id);
      if (held?.state === "waiting") save({ ...held, due_at: now + place });
    }
  };

  /** Schedules a fact, through the faults that are set. `again` makes the copy that travels under a new id. */
  const schedule = (fact: Pick<Delivery, "topic" | "subject" | "url" | "memo">, again?: () => Pick<Delivery, "subject" | "memo">): void => {
    const faults = faultsOf(store, provider);
    const touched = faults.topic === "" || faults.topic === fact.topic;
    const now = ports.now();
    const base = { provider, ...fact, created_at: now, tries: 0, attempts: [] };
    const newId = (): string => `dlv_${hex(ports, 12)}`;
    if (touched && takeFault(store, provider, "forget_next")) {
      save({ ...base, id: newId(), state: "forgotten", note: "forgotten on request" });
      return;
    }
    const due_at = now + faults.delay_ms;
    if (touched && takeFault(store, provider, "reorder_next")) hold({ ...base, id: newId(), state: "waiting", due_at, note: reordered }, faults);
    else save({ ...base, id: newId(), state: "waiting", due_at });
    if (touched && takeFault(store, provider, "duplicate_next")) {
      for (let copy = 0; copy < faults.duplicate_copies; copy++) {
        const copied = faults.duplicate_new_id && again ? again() : {};
        save({ ...base, ...copied, id: newId(), state: "waiting", due_at, note: "duplicate" });
      }
    }
  };

  const settle = (id: string, arrival: Arrival, tampered = false): void =>
    store.transaction(() => {
      const delivery = store.get(deliveryKind, id);
      if (delivery?.state !== "waiting") return;
      const attempt: Attempt = { at: ports.now(), ...arrival, ...(tampered ? { tampered: true } : {}) };
      const tries = delivery.tries + 1;
      const attempts = [...delivery.attempts, attempt].slice(-attemptsKept);
      if (arrived(arrival)) {
        save({ ...delivery, tries, attempts, state: "delivered" });
        return;
      }
      const wait = rules.retryAfter(tries, arrival);
      if (wait === undefined) save({ ...delivery, tries, attempts, state: "given_up" });
      else save({ ...delivery, tries, attempts, due_at: ports.now() + wait });
    });

  /** Takes the attempt faults that apply; call once per attempt. */
  const attemptFaults = (delivery: Delivery): { broken: boolean; tampered: boolean } =>
    store.transaction(() => {
      const { topic } = faultsOf(store, provider);
      if (topic !== "" && topic !== delivery.topic) return { broken: false, tampered: false };
      const broken = takeFault(store, provider, "fail_next");
      return { broken, tampered: !broken && takeFault(store, provider, "tamper_next") };
    });

  return {
    schedule,
    settle,
    attemptFaults,
    due: (limit: number): Delivery[] => store.due(deliveryKind, ports.now(), limit),
    nextDue: (): number | undefined => store.nextDue(deliveryKind),
    newest: (limit: number): Delivery[] => store.newest(deliveryKind, { limit }),
    /** Sends again, whatever became of it: one delivery by its id, or all that are not delivered. */
    redeliver: (id?: string): number =>
      store.transaction(() => {
        const found = id === undefined ? store.newest(deliveryKind, { limit: 1000 }) : [store.get(deliveryKind, id)];
        const owed = found.filter((delivery) => delivery !== undefined).filter((delivery) => id !== undefined || delivery.state !== "delivered");
        for (const delivery of owed.reverse()) save({ ...delivery, state: "waiting", due_at: ports.now() });
        return owed.length;
      }),
  };
};
export type Deliveries = ReturnType<typeof deliveries>;

/** The shop's origin may change between starts: the path and query stay, the origin is where the shop is now. */
export const atOrigin = (url: string, origin: string): string => {
  const { pathname, search } = new URL(url);
  return new URL(pathname + search, origin).href;
};

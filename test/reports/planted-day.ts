// A day of sound business with differences strewn among it, one by one, each known by kind and object; and how a comparison of it is run and read.
import { type DifferenceKind, differenceKinds } from "../../functions/reports/difference.ts";
import type { Finding } from "../../functions/reports/finding-table.ts";
import * as product from "../../functions/reports/reconcile.ts";
import { type Instant, plusSeconds } from "../../platform/clock/clock.ts";
import { type World, window, zone } from "./world.ts";

export interface Planted {
  readonly kind: DifferenceKind;
  readonly object_id: string;
}

const words = ["open", "won", "lost"] as const;
const dispute = (id: string) => ({ id: `dp_${id}`, status: "open" as const, amount: 6000 });
/** Ended here, and otherwise over there: won or lost is never moved back. */
const contradictions = [
  ["won", "lost"],
  ["lost", "won"],
  ["won", "open"],
  ["lost", "open"],
] as const;

/** A dispute that both sides know, in one of its states, or that need not be known any more. */
export const soundDispute = async (world: World, id: string, at: Instant, variant: number): Promise<void> => {
  const status = words[variant % 3] ?? "open";
  await world.disputed(id, at, { ...dispute(id), status }, { status });
  // Another one of the same payment that was won moves nothing, and nothing moves what was lost.
  const another = status === "lost" ? "open" : "won";
  if (variant % 2 === 0) world.books.addDispute(world.quarrel(id, at, { dispute_id: `dp_more_${id}`, status: another }));
};

/** One difference of a kind. @param variant even and odd ones differ in how */
export const plant = async (world: World, kind: DifferenceKind, id: string, at: Instant, variant: number): Promise<Planted> => {
  const even = variant % 2 === 0;
  const { books } = world;
  switch (kind) {
    case "paid_not_delivered":
      await world.waiting(id, at, even ? "awaiting_payment" : "expired", world.settled(id, at));
      return { kind, object_id: `cs_${id}` };
    case "paid_unknown":
      if (even) books.add(world.settled(id, at));
      else {
        await world.lapsed(id, at);
        books.add(world.settled(id, at, { session_id: `cs_other_${id}` }));
      }
      return { kind, object_id: even ? `cs_${id}` : `cs_other_${id}` };
    case "capture_missing":
      await world.sale(id, at);
      if (even) books.sessions.delete(`cs_${id}`);
      else books.add(world.unpaid(id, at, "dead"));
      return { kind, object_id: `cs_${id}` };
    case "amount_differs":
      await world.sale(id, at);
      books.add(world.settled(id, at, even ? { amount: 6001 } : { currency: "USD" }));
      return { kind, object_id: `cs_${id}` };
    case "captured_twice":
      await world.sale(id, at);
      books.add(world.settled(id, at, { session_id: `cs_again_${id}`, intent_id: `pi_again_${id}` }));
      return { kind, object_id: `cs_again_${id}` };
    case "refund_unknown": {
      await world.sale(id, at);
      const { refund_id: _ours, ...byHand } = world.backThere(id, at);
      books.addRefund(even ? byHand : world.backThere(id, at));
      return { kind, object_id: `re_${id}` };
    }
    case "refund_missing":
      await world.returned(id, at, even ? {} : { status: "pending" });
      return { kind, object_id: `re_${id}` };
    case "refund_differs":
      await world.returned(id, at, even ? { status: "pending" } : {}, even ? {} : { amount: 5999 });
      return { kind, object_id: `re_${id}` };
    case "session_outlives_order": {
      // The order's own session, or one that it does not know.
      const session_id = even ? `cs_${id}` : `cs_other_${id}`;
      await world.lapsed(id, at);
      books.add({ ...world.unpaid(id, at, "open"), session_id });
      return { kind, object_id: session_id };
    }
    case "dispute_missing": {
      const word = words[Math.floor(variant / 2) % 3] ?? "open";
      const ended = word === "open" ? "won" : word;
      if (even) await world.disputed(id, at, undefined, { status: word });
      else await world.disputed(id, at, { ...dispute(id), status: "open" }, { status: ended });
      return { kind, object_id: `dp_${id}` };
    }
    case "dispute_differs": {
      const [ours, theirs] = contradictions[variant % contradictions.length] ?? ["won", "lost"];
      if (variant % 5 === 4) await world.disputed(id, at, dispute(id), { amount: 5999 });
      else await world.disputed(id, at, { ...dispute(id), status: ours }, { status: theirs });
      return { kind, object_id: `dp_${id}` };
    }
    case "dispute_absent":
      await world.disputed(id, at, { ...dispute(id), status: words[variant % 3] ?? "open" });
      return { kind, object_id: `dp_${id}` };
    case "session_dead":
      await world.waiting(id, at, "awaiting_payment", world.unpaid(id, at, "dead"));
      return { kind, object_id: `cs_${id}` };
  }
};

const night = { type: "system", id: "reports" } as const;

export const run = async (world: World, reconcile = product.reconcile, over = window, connection_id = world.connection_id) => {
  const outcome = await reconcile({ merchant_id: "lees", connection_id, zone }, over, night, world.shop.ports);
  if (outcome.kind === "refused") throw new Error(outcome.refusal);
  return outcome.result;
};
export const nameOf = ({ kind, object_id }: Planted): string => `${kind} ${object_id}`;
export const namesOf = (world: World, state: Finding["state"] = "open"): readonly string[] =>
  world.shop
    .of<Finding>("FINDING")
    .filter((finding) => finding.state === state)
    .map(nameOf)
    .sort();

/** Every third refund that differs is of another day. */
export const isOlder = (variant: number): boolean => variant % 3 === 1;

/** A refund of weeks ago, of which a bank sent the money back since. */
const plantOlder = async (world: World, id: string, at: Instant): Promise<Planted> => {
  await world.returned(id, plusSeconds(at, -86_400 * 21), {}, { status: "failed" });
  return { kind: "refund_differs", object_id: `re_${id}` };
};

/** Sound business through another connection to the same account: whoever takes it for this one's sees every sale twice. */
const soundElsewhere = async (world: World, connection_id: string, id: string, at: Instant): Promise<void> => {
  const through = { connection_id };
  await world.sale(`s${id}`, at, through);
  await world.returned(`r${id}`, at, through, {}, through);
  await world.disputed(`d${id}`, at, { ...dispute(`d${id}`), status: "won" }, { status: "won" }, through);
};

/** A day of sound business with differences strewn among it; some of it through another connection to the same account. */
export const plantedDay = async (world: World, size: number, bad: number): Promise<readonly Planted[]> => {
  const another = await world.connectAgain();
  const stepSeconds = Math.floor((22 * 3600) / size);
  const planted: Planted[] = [];
  const every = Math.floor(size / bad);
  for (let i = 0; i < size; i++) {
    const at = plusSeconds(window.from, i * stepSeconds);
    const id = `o${i}`;
    if (i % every === 0 && planted.length < bad) {
      const kind = differenceKinds[planted.length % differenceKinds.length] as DifferenceKind;
      const variant = Math.floor(planted.length / differenceKinds.length);
      planted.push(await (kind === "refund_differs" && isOlder(variant) ? plantOlder(world, id, at) : plant(world, kind, id, at, variant)));
    } else if (i % 20 === 7) await world.lapsed(id, at);
    else if (i % 50 === 9) await world.returned(id, at, {}, {});
    else if (i % 50 === 11) await soundDispute(world, id, at, Math.floor(i / 50));
    else await world.sale(id, at);
    if (i % 50 === 13) await soundElsewhere(world, another, id, at);
    // Weeks ago, and as it should be.
    if (i % 50 === 21) await world.returned(`w${id}`, plusSeconds(at, -86_400 * 21), {}, {});
    if (i % 50 === 23) await soundDispute(world, `w${id}`, plusSeconds(at, -86_400 * 90), Math.floor(i / 50));
    // The merchant's other business on the same account.
    if (i % 50 === 3) {
      const { merchant_id: _m, order_id: _o, payment_id: _p, ...foreign } = world.settled(`x${i}`, at);
      world.books.add(foreign);
    }
  }
  return planted;
};

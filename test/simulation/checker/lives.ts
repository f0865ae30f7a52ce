// States and what may follow them, written down a second time from the design: the product's own tables are not asked.
import type { Invariant } from "./books.ts";
import { prefixOf } from "./books.ts";

const lives: Readonly<Record<string, { readonly begins: readonly string[]; readonly next: Readonly<Record<string, readonly string[]>> }>> = {
  ORDER: {
    begins: ["awaiting_payment"],
    next: {
      awaiting_payment: ["paid", "expired", "refund_pending", "attention"],
      expired: ["paid", "refund_pending", "attention"],
      refund_pending: ["refunded", "paid", "attention"],
      paid: ["refund_pending"],
      refunded: ["paid", "attention"],
      attention: ["refund_pending", "paid"],
    },
  },
  REFUND: { begins: ["requested"], next: { requested: ["pending", "succeeded", "failed"], pending: ["succeeded", "failed"], succeeded: ["failed"] } },
  PAYMENT: {
    begins: ["created", "cancelled"],
    next: {
      cancelled: ["captured"],
      created: ["pending", "failed", "cancelled"],
      pending: ["authorized", "captured", "failed", "cancelled"],
      authorized: ["captured", "cancelled", "failed"],
      captured: ["lost"],
      // Lost for good; a refund that was made before may still end, and its amounts say so.
      lost: [],
    },
  },
  UNIT: {
    begins: ["available"],
    next: {
      available: ["reserved", "sold", "defective", "expired", "archived"],
      reserved: ["available", "sold", "defective", "expired", "archived"],
      sold: ["defective", "archived"],
      defective: ["archived"],
      expired: ["archived"],
    },
  },
  MESSAGE: {
    begins: ["sending"],
    next: {
      sending: ["sending", "not_sent", "sent", "delivered", "undelivered", "failed"],
      not_sent: ["sending", "sent", "delivered", "undelivered", "failed"],
      sent: ["delivered", "undelivered"],
    },
  },
};

const declaredTransitions: Invariant = {
  id: "I10",
  about: "only declared transitions; a last state is the last",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      const life = lives[prefixOf(key.pk)];
      if (!life || !after) return [];
      const to = String(after.status);
      if (!before) return life.begins.includes(to) ? [] : [`${key.pk} begins as ${to}`];
      const from = String(before.status);
      // Touched without a step: only while something may still follow.
      if (from === to) return life.next[from] || prefixOf(key.pk) === "UNIT" ? [] : [`${key.pk} is ${from} for good and was written again`];
      return life.next[from]?.includes(to) ? [] : [`${key.pk} went from ${from} to ${to}`];
    }),
};

/** A free unit is sold at once only with its token, in one commit; a payment begins cancelled only when nobody can open a page with it. */
const shortCuts: Invariant = {
  id: "I10",
  about: "short cuts of a life are taken with what belongs to them",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      const prefix = prefixOf(key.pk);
      const sold = prefix === "UNIT" && before?.status === "available" && after?.status === "sold";
      const taken = commit.changes.some((one) => prefixOf(one.key.pk) === "POOL" && !one.after && one.before?.unit_id === after?.id);
      if (sold && !taken) return [`unit ${after.id} was sold and its token is there`];
      const opens = prefix === "PAYMENT" && !before && after?.status === "cancelled" && after.session_id !== undefined;
      return opens ? [`payment ${after.id} begins cancelled and has a page`] : [];
    }),
};

const nothingErased: Invariant = {
  id: "I34",
  about: "financial and stock records are never deleted, operations never changed",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      if (!after) return prefixOf(key.pk) === "POOL" ? [] : [`${key.pk} was deleted`];
      return before && prefixOf(key.pk) === "OP" ? [`${key.pk} was overwritten`] : [];
    }),
};

/** Half a place is none: no index would have it, and whoever asks whether it waits would think so. */
const wholePlaces: Invariant = {
  id: "I14",
  about: "what waits for a look or for a person is on the index: both parts of its place, or neither",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, after }) =>
      [
        ["due_shard", "due_at"],
        ["desk_of", "desk_place"],
      ].flatMap(([of = "", at = ""]) => ((after?.[of] === undefined) !== (after?.[at] === undefined) ? [`${key.pk} has ${of} or ${at} alone`] : [])),
    ),
};

export const lifeInvariants: readonly Invariant[] = [declaredTransitions, shortCuts, nothingErased, wholePlaces];

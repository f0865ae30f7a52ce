// Situations that a campaign must have met, and how often in a thousand stories at the least. A run that met less has shown less than it
// says, and fails.
import type { Reach } from "./reach.ts";

export const requiredPerThousand: Readonly<Record<string, number>> = {
  // Stock
  "order_placed: refused unit_taken": 50,
  "sold out to a buyer who came while there was stock": 100,
  "refused: out_of_stock": 200,
  "transaction conflict": 20,
  "write throttled": 20,
  "lost response of order_placed": 2,
  "died around the hold": 8,
  // Keys
  "replay found the operation": 200,
  "order_placed: repeated": 100,
  "refused: key_reused": 50,
  "sent twice by the client library": 15,
  "a function that nobody waits for wrote": 40,
  // Checkout
  "create PAYMENT or payment_exists: refused payment_exists": 30,
  "change PAYMENT or session_exists: refused session_exists": 50,
  "lost response of the session's creation": 5,
  "died between the session's creation and its record": 10,
  "provider still at work on the key": 10,
  "lost response of change PAYMENT or session_exists": 1,
  // Money
  "pays: already_paid": 40,
  "pays: expired": 1,
  "another sum was captured": 20,
  "committed order_needs_attention": 15,
  // The end of a hold
  "sweep ended a hold": 400,
  "payment crossed the end of the hold": 80,
  "release refused: paid": 8,
  "the end of a hold met a lost session": 30,
  "died around the release": 6,
  "unit held again after its release": 120,
  "checkout reopened near the end": 120,
  "checkout closed near the end": 40,
  // Late money
  "money after the hold": 100,
  "late money took another unit": 80,
  "committed refund_requested": 30,
  "committed order_refunded": 20,
  "refund pending": 8,
  // Refunds
  "refundOrder: repeated": 40,
  "refundOrder: key_reused": 12,
  "refundOrder: not_refundable": 40,
  "refundOrder: nothing_to_refund": 200,
  "refundOrder: refund_too_large": 50,
  "refundOrder: quantity_too_large": 20,
  "refundOrder: refund_whole_only": 60,
  "two people refund one order at once": 100,
  "refund_requested: refused order_moved": 8,
  "refund_requested: repeated": 15,
  "a refund was claimed while another was under way": 100,
  "the last of several refunds ended the order": 100,
  "money that never fitted went back": 40,
  "paid on a second tab: already_paid": 50,
  "pieces were refunded whose numbers were worthless already": 60,
  "refunded before the text was begun": 50,
  "refunded after a text that nobody heard was sent": 20,
  "died around a refund": 8,
  "refund unknown, then found": 15,
  "a refund was found by its name, after a day of silence": 12,
  "order_refunded: repeated": 15,
  "refund_failed: repeated": 20,
  "change REFUND or refund_moved: refused refund_moved": 15,
  "a refund went from requested to failed": 60,
  "a refund went from pending to succeeded": 100,
  "a refund went from pending to failed": 50,
  "a refund went from succeeded to failed": 80,
  "a full refund came to nothing": 80,
  "a refunded order was paid again: its refund came back": 40,
  "a refund that came to nothing was asked for again": 40,
  "a refund that came back was found by comparing books": 15,
  "late money was found by comparing books": 10,
  // Disputes
  "committed dispute_opened": 120,
  "committed dispute_won": 80,
  "committed dispute_lost": 65,
  "dispute_opened: repeated": 45,
  "dispute_won: repeated": 35,
  "dispute_lost: repeated": 25,
  "dispute was faster than the sale": 90,
  "dispute had ended before it was known to be open": 80,
  "dispute was found by comparing books": 50,
  "sweep found the end of a dispute": 10,
  "news of a dispute was older than its state": 700,
  "news of a dispute was never sent": 70,
  "funds reinstated, and not won": 80,
  "inquiry opened": 80,
  "inquiry closed": 35,
  "inquiry became a dispute": 45,
  "two disputes at once": 18,
  "second dispute after a won one": 18,
  "dispute of an order with another unit": 14,
  "dispute of money that went back in part": 14,
  "dispute opened while a refund was under way": 35,
  "dispute lost while a refund was claimed": 14,
  "refund disputed": 22,
  "a refund waits for the end of a dispute": 15,
  "a refund came after a won dispute": 14,
  "a refund ended unsent with a lost dispute": 14,
  "died while a dispute was weighed": 10,
  "refundOrder: disputed": 400,
  "replaceUnit: unit_disputed": 75,
  "retireUnit: unit_disputed": 75,
  // Books
  "reconcileNow: done": 200,
  "provider's books stayed closed": 10,
  "journal's batch delivered again": 20,
  "a difference was noted": 20,
  "a difference was gone": 10,
  // Events
  "webhook delivered twice": 3,
  "webhook delivered again": 30,
  "webhook lost for ever": 50,
  "one fact under two event ids": 5,
  "event after the order was paid": 500,
  "forged event refused": 2000,
  "stranger's event named another's order": 100,
  "all events told again": 60,
  "create INBOX or seen_before: refused seen_before": 3,
  // Workflow and sweep
  "two workflows at once": 20,
  "workflow run lost": 15,
  "workflow run failed": 20,
  "workflow start refused": 80,
  "workflow of an order that was finished": 100,
  "confirm did not see the session yet": 1,
  "sweep rescued an order": 100,
  "change ORDER or moved: refused moved": 1,
  "due index behind the table": 3,
  "stale read": 5,
  // Delivery
  "order_paid: repeated": 4,
  "lost response of order_paid": 0.5,
  "died around the delivery": 1,
  // Outbox and texts
  "dispatcher died": 10,
  "stream batch delivered again": 20,
  "message on the queue twice": 5,
  "message received by two at once": 20,
  "change MESSAGE or claimed: refused claimed": 0.2,
  "message delivered again": 150,
  "create MESSAGE or claimed: refused claimed": 150,
  "lost response of a text": 2,
  "died between a text and its record": 0.5,
  "second attempt at a text": 4,
  "look-up found no text": 4,
  "look-up found the text": 1,
  "delivery reported before the text was noted as sent": 8,
  "change MESSAGE or too_late: refused too_late": 5,
  "text rejected": 10,
  // Replacements
  "replacement took the last unit": 60,
  "replacement was replaced": 25,
  "two hands replaced one unit at once": 15,
  "unit_replaced: refused order_changed": 20,
  "unit_replaced: repeated": 20,
  "replaceUnit: key_reused": 12,
  "nothing left to replace with: refunded instead": 40,
  "unit replaced beside a refunded one": 8,
  "payer of a unit quarrels": 20,
  "died around a replacement": 10,
  // Recalls, and units by hand
  "recall met a reservation": 25,
  "recall met a sold unit": 25,
  "recall met a unit that was out": 80,
  "recall finished by its key after a crash": 8,
  "batch_recalled: refused unit_moved": 8,
  "batch_recalled: repeated": 12,
  "retireUnit: unit_reserved": 60,
  "retireUnit: unit_sold": 8,
  "retireUnit: transition_refused": 50,
  "unit_retired: refused unit_moved": 12,
  "unit_retired: repeated": 10,
  // What is told of a replacement
  "replaced before the first text was begun": 8,
  "replaced while the first text was being sent": 15,
  "order_paid: number was replaced while its text was being sent": 8,
  "unit_replaced: number was replaced while its text was being sent": 10,
  "text of a replaced unit overtook the first text": 12,
  "page shows the number that no text could tell": 20,
};

/** A situation counts as rare, and as met, from here on: a hundred times in 10,000 stories. */
const countedPerThousand = 10;
const wholeRun = 10_000;

/**
 * How often a run must have met what is met so often in a thousand stories. Less than half of the rate is asked, since a run may be unlucky;
 * of a whole run never less than a hundred of what counts, of a small one at least one where five are to be expected.
 */
const leastOf = (perThousand: number, stories: number): number => {
  const expected = (perThousand * stories) / 1000;
  const counted = perThousand >= countedPerThousand && stories >= wholeRun ? (countedPerThousand * stories) / 1000 : 0;
  return Math.max(Math.floor(expected / 2), counted, expected >= 5 ? 1 : 0);
};

/** What was met too seldom in so many stories. */
export const missed = (reach: Reach, stories: number): readonly string[] =>
  Object.entries(requiredPerThousand).flatMap(([situation, perThousand]) => {
    const least = leastOf(perThousand, stories);
    const met = reach.of(situation);
    return met >= least ? [] : [`${situation}: ${met} times, at least ${least} asked`];
  });

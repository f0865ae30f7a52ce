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
  "late money was found by comparing books": 10,
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
};

/** What was met too seldom in so many stories: less than half of the rate is asked of a run, since it may be unlucky. */
export const missed = (reach: Reach, stories: number): readonly string[] =>
  Object.entries(requiredPerThousand).flatMap(([situation, perThousand]) => {
    const least = Math.floor((perThousand * stories) / 1000 / 2);
    const met = reach.of(situation);
    return met >= least ? [] : [`${situation}: ${met} times, at least ${least} asked`];
  });

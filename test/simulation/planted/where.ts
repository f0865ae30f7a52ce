// Where the searches without chance must find planted bugs too: a search that sees none of them has proved nothing.
import type { Share } from "../share.ts";

/** Bug and compact story: one fault brings it out, or … */
export const bugsOfFaults: readonly (readonly [bug: string, compact: string])[] = [
  ["hold in two steps", "sale"],
  ["delivery in two steps", "sale"],
  ["delivery without guards", "sale"],
  ["outbox marks first", "sale"],
  ["second text without a look-up", "sale"],
  ["release without guards", "hold that ends"],
  ["silence taken for closed", "hold that ends"],
  ["refund with a key of its own each time", "refund"],
  ["refund made before it is recorded", "late money, sold out"],
];
/** … two. A delivery is told twice by a call that is sent twice or abandoned: the smaller set that pairs are made of leaves those out. */
export const bugsOfPairs = bugsOfFaults.filter(([bug]) => bug !== "delivery without guards");
/** They are found in a part of the faults. */
export const narrow: Share = { every: 6, part: 0 };

/** Bug and case: an order of steps brings it out. */
export const bugsOfOrders: readonly (readonly [bug: string, of: string])[] = [
  ["hold without guards", "two buyers, one unit"],
  ["half an order", "two buyers of two, three units"],
  ["sold out to the second tap", "two taps of one buyer, the last unit"],
  ["delivery without guards", "two deliveries of one payment"],
  ["release before the page is dead", "payment, end of the hold, event"],
  ["release without guards", "release, release"],
  ["message not claimed", "text of the workflow, text of the queue"],
  ["two claims on the same money", "refund of a part, refund of a part"],
  ["recall takes what a buyer just took", "recall, reserve"],
];

import { describe, expect, it } from "@jest/globals";
import type { Item } from "./raw-table.ts";
import { recount } from "./recount.ts";
import { at, type Books, operation, order, refund, right, set, truthOf, violations } from "./right-books.ts";

// The recount is what the other suites trust: each thing it is to see is planted here once.

it("books that are right have no violation, and are counted", () => {
  expect(violations(right())).toEqual([]);
  const counted = recount(right().items as Item[], truthOf(right()), { imported: 3, settled: true });
  expect(counted).toMatchObject({ available: 1, reserved: 1, sold: 1, paid: 1, awaiting: 1, serials: ["S-gone"] });
});

it("refunds, disputes and units that were replaced are no violation", () => {
  const part = right();
  Object.assign(at(part, "ORDER#m#done"), { refunded: 1000, refunds_open: 1, due_at: "2026-11-21T00:00:00.000000Z" });
  part.items.push(refund("r1", "done", "pending", 1000), refund("r0", "done", "failed", 6000));
  expect(violations(part)).toEqual([]);

  const back = right();
  Object.assign(at(back, "ORDER#m#done"), { status: "refunded", refunded: 6000 });
  Object.assign(at(back, "UNIT#m#gone"), { status: "archived" });
  back.items.push(refund("r1", "done", "succeeded", 6000));
  expect(violations(back)).toEqual([]);

  const quarrel = right();
  Object.assign(at(quarrel, "ORDER#m#done"), { dispute: { id: "dp_1", status: "open" }, due_at: "2026-11-21T00:00:00.000000Z" });
  Object.assign(at(quarrel, "UNIT#m#gone"), { frozen_by: "dp_1" });
  expect(violations(quarrel)).toEqual([]);
  Object.assign(at(quarrel, "ORDER#m#done"), { dispute: { status: "lost" }, due_at: undefined });
  Object.assign(at(quarrel, "UNIT#m#gone"), { status: "archived", frozen_by: undefined });
  Object.assign(at(quarrel, "PAYMENT#m#done"), { status: "lost" });
  expect(violations(quarrel)).toEqual([]);

  const replaced = right();
  Object.assign(at(replaced, "UNIT#m#gone"), { status: "defective" });
  Object.assign(at(replaced, "UNIT#m#free"), { status: "sold", order_id: "done" });
  Object.assign(at(replaced, "ORDER#m#done"), { lines: [{ listing_item_id: "card", quantity: 1, units: ["free"] }] });
  replaced.items = replaced.items.filter(({ pk }) => !pk.startsWith("POOL#"));
  expect(violations(replaced)).toEqual([]);
});

describe("the recount sees", () => {
  const planted: readonly [string, (books: Books) => void, RegExp][] = [
    [
      "a unit in two orders",
      (books) => books.items.push(order("other", "awaiting_payment", ["held"]), operation("order_placed", "other")),
      /I1: unit held is in orders/,
    ],
    [
      "a serial number that two units share",
      (books) => {
        Object.assign(at(books, "UNIT#m#held"), { serial_number: "S-gone", status: "sold", order_id: "done" });
        at(books, "ORDER#m#done").lines = [{ listing_item_id: "card", quantity: 2, units: ["gone", "held"] }];
      },
      /I1: a serial number was given twice/,
    ],
    ["a unit that is gone", (books) => void books.items.shift(), /I3: 2 units are stored/],
    ["a token of a unit that is held", (books) => void books.items.push({ pk: "POOL#m#card#here", sk: "held" }), /tokens and available units differ/],
    ["a free unit without a token", (books) => void books.items.splice(1, 1), /tokens and available units differ/],
    ["a token in another pool", set("POOL#m#card#here", { pk: "POOL#m#card#there" }), /tokens and available units differ/],
    [
      "units held for a checkout that is over",
      (books) => {
        books.sessions = [{ status: "expired", metadata: { order_id: "open" } }];
      },
      /I4: the session of order open is over/,
    ],
    ["a unit held for nobody", set("UNIT#m#held", { order_id: "nobody" }), /I4: reserved unit held belongs to no order/],
    [
      "a unit sold to an order that is not paid",
      set("UNIT#m#held", { status: "sold" }),
      /I5: unit held is sold to an order that is awaiting_payment/,
    ],
    ["a paid order whose unit is only held", set("UNIT#m#gone", { status: "reserved" }), /I2: order done is paid without its units/],
    ["a paid order with a defective unit", set("UNIT#m#gone", { status: "defective" }), /I2: order done is paid without its units/],
    ["a unit frozen without a dispute", set("UNIT#m#gone", { frozen_by: "dp_1" }), /I10: unit gone is frozen/],
    [
      "a dispute that freezes nothing",
      set("ORDER#m#done", { dispute: { id: "dp_1", status: "open" }, due_at: "2026" }),
      /I10: unit gone is not frozen/,
    ],
    ["a state that the text does not know (G-16)", set("UNIT#m#gone", { status: "frozen" }), /I10: unit gone is frozen/],
    ["a refund that no record tells of", set("ORDER#m#done", { refunded: 1000 }), /I8: order done says 1000 is refunded, its refunds 0/],
    [
      "more given back than was captured",
      (books) => {
        Object.assign(at(books, "ORDER#m#done"), { refunded: 7000 });
        books.items.push(refund("r1", "done", "succeeded", 7000));
      },
      /I8: order done gives back 7000 of 6000/,
    ],
    [
      "a refund on its way that nobody looks at again",
      (books) => {
        Object.assign(at(books, "ORDER#m#done"), { refunded: 1000, refunds_open: 1 });
        books.items.push(refund("r1", "done", "requested", 1000));
      },
      /I6: order done waits for its provider/,
    ],
    ["a payment lost without a dispute", set("PAYMENT#m#done", { status: "lost" }), /I5, I9: order done is paid without its exact money/],
    ["a paid order without its payment", set("PAYMENT#m#done", { status: "pending" }), /I5, I9: order done is paid without its exact money/],
    ["a capture of another amount", set("PAYMENT#m#done", { captured: 5999 }), /I5, I9/],
    ["a capture in another currency", set("PAYMENT#m#done", { captured_currency: "USD" }), /I5, I9/],
    ["a captured payment of an order that waits", set("PAYMENT#m#open", { status: "captured" }), /I6: the payment of order open/],
    ["a waiting order that nobody looks at again", (books) => void delete at(books, "ORDER#m#open").due_at, /not on the due index/],
    [
      "an order that was paid twice",
      (books) => void books.items.push({ ...operation("order_paid", "done"), pk: "OP#again" }),
      /I32: order done is paid and was paid 2 times/,
    ],
    ["an order without its record", (books) => void books.items.splice(5, 1), /I32: order open was placed 0 times/],
    [
      "money for an order that is not there",
      (books) => void Object.assign(books.intents[0]!.metadata, { order_id: "lost" }),
      /I6: pi_done is money for an order that is not there/,
    ],
    [
      "money that no order answers for",
      (books) => void books.intents.push({ ...books.intents[0]!, id: "pi_open", metadata: { order_id: "open" } }),
      /I6: pi_open is captured, order open is awaiting_payment/,
    ],
    [
      "two charges for one order",
      (books) => void books.intents.push({ ...books.intents[0]!, id: "pi_twice" }),
      /I7: order done costs 6000, captured is 12000/,
    ],
    ["a paid order that the provider knows nothing of", (books) => void books.intents.pop(), /I7: order done costs 6000/],
  ];
  it.each(planted)("%s", (_what, plant, sentence) => {
    const books = right();
    plant(books);
    expect(violations(books)).toContainEqual(expect.stringMatching(sentence));
  });

  it("nothing wrong in money that is still on its way, while things are not settled", () => {
    const books = right();
    books.intents.push({ ...books.intents[0]!, id: "pi_open", metadata: { order_id: "open" } });
    expect(violations(books, false)).toEqual([]);
  });
});

import { expect, it } from "@jest/globals";
import type { Message } from "../../functions/notifications/index.ts";
import { textsView } from "../../functions/storefront/texts-view.ts";

const paid_at = "2026-11-21T18:00:00.000000Z";
const now = "2026-11-21T18:00:05.000000Z";
const message = (status: Message["status"], error_code?: string): Message => ({
  merchant_id: "lees",
  order_id: "0000000000000000",
  kind: "order_paid",
  channel_id: "sms",
  status,
  attempt: 1,
  claim: "claim",
  claimed_at: paid_at,
  updated_at: paid_at,
  ...(error_code !== undefined && { error_code }),
});
const seen = (...messages: Message[]) => textsView({ status: "paid", paid_at }, messages, now);

it("says nothing of a text that had nothing left to tell", () => {
  expect(seen(message("failed", "nothing_to_tell"))).toEqual({ state: "none" });
  expect(seen(message("failed", "nothing_to_tell"), message("delivered"))).toEqual({ state: "delivered" });
});

it("says of a text that the provider did not take that it is late, not that the phone could not be reached (I26)", () => {
  expect(seen(message("not_sent", "21606"))).toEqual({ state: "pending", why: "late" });
  expect(seen(message("sending"))).toEqual({ state: "pending" });
  expect(seen(message("failed", "21211"))).toEqual({ state: "failed" });
  expect(seen(message("failed", "21610"))).toEqual({ state: "failed", why: "opted_out" });
});

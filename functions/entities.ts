// Every kind of record in the table; docs/table.md is made from it.
import { operations } from "../platform/operation/operation.ts";
import { listings } from "./catalogue/listing-table.ts";
import { batches } from "./inventory/batch-table.ts";
import { tokens, units } from "./inventory/unit-table.ts";
import { locations, merchants, nodes } from "./merchants/merchant-table.ts";
import { channels } from "./notifications/channel-table.ts";
import { messages } from "./notifications/message-table.ts";
import { orders } from "./orders/order-table.ts";
import { connections, routes } from "./payments/connection-table.ts";
import { inbox } from "./payments/inbox-table.ts";
import { payments } from "./payments/payment-table.ts";
import { refunds } from "./payments/refund-table.ts";
import { people } from "./people/person-table.ts";
import { findings, reconciliations } from "./reports/finding-table.ts";
import { journalLines, nights } from "./reports/journal-table.ts";

export const entities = [
  operations,
  merchants,
  locations,
  nodes,
  listings,
  units,
  tokens,
  batches,
  people,
  orders,
  connections,
  routes,
  payments,
  refunds,
  inbox,
  channels,
  messages,
  journalLines,
  nights,
  findings,
  reconciliations,
] as const;

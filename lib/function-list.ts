// Every function of the platform as data: where it enters, what it may touch, and what people notice when it fails.
// The stack turns each row into a function with its own role; the bundler reads `id` and `entry`; tests read the permissions.

/** First words of partition keys, always followed by `#`. Kinds with different writers never share a partition. */
export type Prefix =
  | "MERCHANT"
  | "LOCATION"
  | "NODE"
  | "LISTING"
  | "UNIT"
  | "POOL"
  | "BATCH"
  | "ORDER"
  | "PERSON"
  | "PAYMENT"
  | "REFUND"
  | "CONNECTION"
  | "ROUTE"
  | "INBOX"
  | "OP"
  | "MESSAGE"
  | "CHANNEL"
  | "JOURNAL"
  | "NIGHT"
  | "FINDING"
  | "RECONCILIATION";

/** What a data key protects; part of the encryption context, so a role opens only its own kind of secret. */
export type Purpose = "person" | "connection" | "unit" | "channel";

/** Settings that are not implied by a permission. */
export type Setting = "PUBLIC_ORIGIN" | "CHECKOUT_ORIGIN" | "SIMULATED_PROVIDERS";

export interface TableAccess {
  /** GetItem and BatchGetItem. */
  readonly gets?: readonly Prefix[];
  /** Query of one partition. */
  readonly queries?: readonly Prefix[];
  readonly puts?: readonly Prefix[];
  readonly updates?: readonly Prefix[];
  readonly deletes?: readonly Prefix[];
  /** Conditions of a transaction on items that it does not write (ConditionCheckItem). */
  readonly checks?: readonly Prefix[];
  /** Query of the sparse `due` index, which holds keys only. */
  readonly dueIndex?: true;
  /** Query of the sparse `desk` index, which holds keys only. */
  readonly deskIndex?: true;
}

export interface FunctionSpec {
  readonly id: string;
  /** Path of the entry file from the repository's root; it exports `handler`. */
  readonly entry: string;
  readonly trigger: "http" | "workflow" | "queue" | "schedule" | "stream" | "operator";
  /** One sentence for the alarm: what a person notices while this function fails. */
  readonly felt: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly table?: TableAccess;
  /** Purposes whose data keys it may open (kms:Decrypt). */
  readonly opens?: readonly Purpose[];
  /** Purposes for which it may make data keys (kms:GenerateDataKey). */
  readonly seals?: readonly Purpose[];
  readonly secrets?: readonly ("origin" | "link")[];
  readonly startsFulfilment?: true;
  readonly sendsTo?: readonly ("OrderEvents" | "OutboxDeadLetters" | "SweepDeadLetters" | "JournalDeadLetters" | "ReconcileDeadLetters")[];
  readonly settings?: readonly Setting[];
}

/** Below the 12 s that the workflow waits for a step, so that a repeat never runs beside a first try that is still at work. */
const stepSeconds = 10;

/** The sender works in the workflow and again from the outbox, with the same rights. */
const send = {
  memoryMb: 512,
  table: { gets: ["ORDER", "PERSON", "MESSAGE", "CHANNEL", "UNIT"], puts: ["MESSAGE"], updates: ["MESSAGE"] },
  opens: ["person", "channel"],
  secrets: ["link"],
  settings: ["PUBLIC_ORIGIN", "SIMULATED_PROVIDERS"],
} as const satisfies Partial<FunctionSpec>;

/** Comparing books reads everything that is money and writes none of it. */
const compared = {
  table: {
    gets: ["CONNECTION", "ORDER", "PAYMENT", "REFUND", "FINDING", "RECONCILIATION", "OP"],
    queries: ["JOURNAL", "FINDING", "LOCATION"],
    puts: ["FINDING", "RECONCILIATION", "OP"],
    updates: ["FINDING"],
  },
  opens: ["connection"],
  settings: ["SIMULATED_PROVIDERS"],
} as const satisfies Partial<FunctionSpec>;

export const functionList = [
  {
    id: "storefront",
    entry: "functions/storefront/http.ts",
    trigger: "http",
    felt: "People who scan a sticker or open their order see an error instead of the shop.",
    memoryMb: 512,
    timeoutSeconds: 10,
    table: { gets: ["LISTING", "ORDER", "UNIT", "MESSAGE", "PAYMENT"], queries: ["POOL", "MESSAGE", "REFUND"] },
    secrets: ["origin", "link"],
    settings: ["PUBLIC_ORIGIN", "CHECKOUT_ORIGIN"],
  },
  {
    id: "orders",
    entry: "functions/orders/http.ts",
    trigger: "http",
    felt: "Buyers press Pay and cannot place an order or reach the checkout.",
    memoryMb: 512,
    timeoutSeconds: 25,
    table: {
      gets: ["LISTING", "OP", "ORDER", "PAYMENT", "CONNECTION", "ROUTE"],
      queries: ["POOL"],
      puts: ["ORDER", "OP", "PAYMENT"],
      updates: ["UNIT", "PERSON", "PAYMENT"],
      deletes: ["POOL"],
    },
    seals: ["person"],
    opens: ["connection"],
    secrets: ["origin", "link"],
    settings: ["PUBLIC_ORIGIN", "SIMULATED_PROVIDERS"],
  },
  {
    id: "payments-webhook",
    entry: "functions/payments/webhook.ts",
    trigger: "http",
    felt: "Buyers have paid but their number does not appear until the sweep finds the payment.",
    memoryMb: 512,
    timeoutSeconds: 15,
    table: { gets: ["CONNECTION", "INBOX"], puts: ["INBOX"], updates: ["INBOX"] },
    opens: ["connection"],
    secrets: ["origin"],
    startsFulfilment: true,
    settings: ["PUBLIC_ORIGIN", "SIMULATED_PROVIDERS"],
  },
  {
    id: "fulfil-confirm",
    entry: "functions/fulfilment/steps-confirm.ts",
    trigger: "workflow",
    felt: "Buyers have paid and wait, because payments cannot be confirmed with the provider.",
    memoryMb: 512,
    timeoutSeconds: stepSeconds,
    table: { gets: ["ORDER", "PAYMENT", "CONNECTION"] },
    opens: ["connection"],
    settings: ["SIMULATED_PROVIDERS"],
  },
  {
    id: "fulfil-deliver",
    entry: "functions/fulfilment/steps-deliver.ts",
    trigger: "workflow",
    felt: "Buyers have paid and their number is not handed over.",
    memoryMb: 512,
    timeoutSeconds: stepSeconds,
    table: { gets: ["ORDER", "PAYMENT", "OP"], queries: ["POOL"], puts: ["OP", "REFUND"], updates: ["ORDER", "UNIT", "PAYMENT"], deletes: ["POOL"] },
  },
  {
    id: "fulfil-release",
    entry: "functions/fulfilment/steps-release.ts",
    trigger: "workflow",
    felt: "Cards of people who did not pay stay held, and a shop may seem sold out.",
    memoryMb: 512,
    timeoutSeconds: stepSeconds,
    table: { gets: ["ORDER", "PAYMENT", "CONNECTION", "OP"], puts: ["POOL", "PAYMENT", "OP"], updates: ["ORDER", "UNIT", "PAYMENT"] },
    opens: ["connection"],
    settings: ["SIMULATED_PROVIDERS"],
  },
  {
    id: "fulfil-pay-back",
    entry: "functions/fulfilment/steps-pay-back.ts",
    trigger: "workflow",
    felt: "People who are owed a refund wait for it.",
    memoryMb: 512,
    timeoutSeconds: stepSeconds,
    table: {
      gets: ["ORDER", "PAYMENT", "REFUND", "CONNECTION", "OP"],
      queries: ["REFUND"],
      puts: ["OP"],
      updates: ["ORDER", "PAYMENT", "REFUND"],
    },
    opens: ["connection"],
    settings: ["SIMULATED_PROVIDERS"],
  },
  {
    id: "fulfil-dispute",
    entry: "functions/fulfilment/steps-dispute.ts",
    trigger: "workflow",
    felt: "Disputed payments are not noticed: their numbers stay valid, and a refund could go out beside the dispute.",
    memoryMb: 512,
    timeoutSeconds: stepSeconds,
    table: { gets: ["ORDER", "PAYMENT", "UNIT", "CONNECTION", "OP"], puts: ["OP"], updates: ["ORDER", "PAYMENT", "UNIT"] },
    opens: ["connection"],
    settings: ["SIMULATED_PROVIDERS"],
  },
  {
    id: "fulfil-send",
    entry: "functions/fulfilment/steps-send.ts",
    trigger: "workflow",
    felt: "Buyers see their number on the screen but get no SMS.",
    timeoutSeconds: stepSeconds,
    ...send,
  },
  {
    id: "fulfil-events",
    entry: "functions/fulfilment/events.ts",
    trigger: "queue",
    felt: "What should follow a sale (a late SMS, a notice) does not happen.",
    timeoutSeconds: 30,
    ...send,
    table: { ...send.table, gets: [...send.table.gets, "OP"] },
  },
  {
    id: "fulfil-sweep",
    entry: "functions/fulfilment/schedule.ts",
    trigger: "schedule",
    felt: "Paid orders whose notice from the provider was lost stay undelivered.",
    memoryMb: 512,
    timeoutSeconds: 50,
    table: { gets: ["ORDER", "INBOX"], updates: ["ORDER", "INBOX"], dueIndex: true },
    startsFulfilment: true,
    // Lambda sends what fails to the failure destination with the function's role.
    sendsTo: ["SweepDeadLetters"],
  },
  {
    id: "notifications-callback",
    entry: "functions/notifications/webhook.ts",
    trigger: "http",
    felt: "Staff cannot see whether an SMS arrived; sales are not affected.",
    memoryMb: 256,
    timeoutSeconds: 10,
    table: { gets: ["CHANNEL", "MESSAGE"], updates: ["MESSAGE"] },
    opens: ["channel"],
    secrets: ["origin"],
    settings: ["PUBLIC_ORIGIN"],
  },
  {
    id: "outbox",
    entry: "platform/outbox/dispatch.ts",
    trigger: "stream",
    felt: "Events of sales are held up: late SMS and notices come later than they should.",
    memoryMb: 256,
    timeoutSeconds: 30,
    sendsTo: ["OrderEvents", "OutboxDeadLetters"],
  },
  {
    id: "fulfil-stock-operator",
    entry: "functions/fulfilment/operator-stock.ts",
    trigger: "operator",
    felt: "An operator cannot give a buyer another unit for a defective one.",
    memoryMb: 256,
    timeoutSeconds: 60,
    table: { gets: ["ORDER", "UNIT", "OP"], queries: ["POOL"], puts: ["OP"], updates: ["ORDER", "UNIT"], deletes: ["POOL"] },
  },
  {
    id: "reports-journal",
    entry: "functions/reports/events.ts",
    trigger: "stream",
    felt: "Our journal of money falls behind, so the night's comparison with the provider sees less.",
    memoryMb: 256,
    timeoutSeconds: 60,
    table: { gets: ["OP"], queries: ["LOCATION"], puts: ["JOURNAL", "NIGHT"] },
    sendsTo: ["JournalDeadLetters"],
  },
  {
    id: "reports-reconcile",
    entry: "functions/reports/schedule.ts",
    trigger: "schedule",
    felt: "Differences between a provider's books and ours are not noticed in the night.",
    memoryMb: 512,
    timeoutSeconds: 900,
    table: {
      gets: [...compared.table.gets, "NIGHT"],
      queries: compared.table.queries,
      puts: compared.table.puts,
      updates: [...compared.table.updates, "NIGHT"],
      dueIndex: true,
    },
    opens: compared.opens,
    startsFulfilment: true,
    sendsTo: ["ReconcileDeadLetters"],
    settings: compared.settings,
  },
  {
    id: "reports-operator",
    entry: "functions/reports/operator.ts",
    trigger: "operator",
    felt: "An operator cannot compare a provider's books with ours, or see what was found.",
    memoryMb: 512,
    timeoutSeconds: 900,
    table: {
      gets: [...compared.table.gets, "ROUTE"],
      queries: [...compared.table.queries, "NIGHT", "RECONCILIATION"],
      puts: compared.table.puts,
      updates: compared.table.updates,
    },
    opens: compared.opens,
    startsFulfilment: true,
    settings: compared.settings,
  },
  {
    id: "merchants-operator",
    entry: "functions/merchants/operator.ts",
    trigger: "operator",
    felt: "An operator cannot add or change a merchant, a location or a sticker.",
    memoryMb: 256,
    timeoutSeconds: 60,
    table: { gets: ["OP"], puts: ["MERCHANT", "LOCATION", "NODE", "OP"], checks: ["MERCHANT", "LOCATION"] },
  },
  {
    id: "catalogue-operator",
    entry: "functions/catalogue/operator.ts",
    trigger: "operator",
    felt: "An operator cannot publish or change a listing.",
    memoryMb: 256,
    timeoutSeconds: 60,
    table: { gets: ["MERCHANT", "LOCATION", "NODE", "OP"], puts: ["LISTING", "OP"] },
  },
  {
    id: "inventory-operator",
    entry: "functions/inventory/operator.ts",
    trigger: "operator",
    felt: "An operator cannot import units or recall them, so a listing may run out of stock or sell what it should not.",
    memoryMb: 512,
    timeoutSeconds: 300,
    table: {
      gets: ["LISTING", "UNIT", "BATCH", "OP"],
      puts: ["UNIT", "POOL", "BATCH", "OP"],
      updates: ["UNIT"],
      deletes: ["POOL"],
      checks: ["LOCATION"],
    },
    seals: ["unit"],
  },
  {
    id: "fulfil-operator",
    entry: "functions/fulfilment/operator.ts",
    trigger: "operator",
    felt: "An operator cannot refund an order.",
    memoryMb: 512,
    timeoutSeconds: 60,
    table: {
      gets: ["ORDER", "PAYMENT", "UNIT", "REFUND", "OP"],
      puts: ["REFUND", "POOL", "OP"],
      updates: ["ORDER", "PAYMENT", "UNIT"],
    },
    startsFulfilment: true,
  },
  {
    id: "fulfil-desk-operator",
    entry: "functions/fulfilment/operator-desk.ts",
    trigger: "operator",
    felt: "Nobody can see the orders that a person must look at, or end what keeps them there.",
    memoryMb: 512,
    timeoutSeconds: 60,
    table: {
      gets: ["ORDER", "PAYMENT", "UNIT", "OP"],
      queries: ["REFUND", "POOL"],
      puts: ["POOL", "OP"],
      updates: ["ORDER", "UNIT"],
      deletes: ["POOL"],
      checks: ["PAYMENT"],
      deskIndex: true,
    },
  },
  {
    id: "payments-operator",
    entry: "functions/payments/operator.ts",
    trigger: "operator",
    felt: "An operator cannot connect a payment provider or choose where a merchant is paid.",
    memoryMb: 512,
    timeoutSeconds: 60,
    table: { gets: ["MERCHANT", "CONNECTION", "OP"], puts: ["CONNECTION", "ROUTE", "OP"], updates: ["CONNECTION"] },
    seals: ["connection"],
    // A connection that gets another key keeps the secret of its webhook.
    opens: ["connection"],
    settings: ["PUBLIC_ORIGIN", "SIMULATED_PROVIDERS"],
  },
  {
    id: "notifications-operator",
    entry: "functions/notifications/operator.ts",
    trigger: "operator",
    felt: "An operator cannot connect an SMS channel.",
    memoryMb: 256,
    timeoutSeconds: 60,
    table: { gets: ["OP"], puts: ["CHANNEL", "OP"] },
    seals: ["channel"],
  },
] as const satisfies readonly FunctionSpec[];

export type FunctionId = (typeof functionList)[number]["id"];

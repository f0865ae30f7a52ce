// Checkout sessions: open until paid, expired by time or expired by the merchant. Only an open one can be paid or ended.
import type Stripe from "stripe";
import { letters } from "../wire/wire.ts";
import type { Context } from "./context.ts";
import { invalid, missing } from "./errors.ts";
import { byItself, type Cause, emit, seconds } from "./events.ts";
import { intentKind, type SessionRecord, sessionKind } from "./records.ts";
import type { PlannedLine, PlannedSession } from "./session-params.ts";

/** Stores a session; an open one is due when it expires, a debit under way when it settles. */
export const saveSession = (context: Context, record: SessionRecord): void =>
  context.store.put(sessionKind, record.object.id, record, {
    by: record.account,
    due: record.object.status === "open" ? record.object.expires_at * 1000 : record.settles?.at,
  });

const lineItem = (context: Context, line: PlannedLine, currency: string, created: number): Stripe.LineItem => {
  const amount = line.unit_amount * line.quantity;
  return {
    id: `li_1${letters(context.ports, 23)}`,
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency,
    description: line.name,
    metadata: line.metadata,
    price: {
      id: `price_1${letters(context.ports, 23)}`,
      object: "price",
      active: false,
      billing_scheme: "per_unit",
      created,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: `prod_${letters(context.ports, 14)}`,
      recurring: null,
      tax_behavior: line.tax_behavior,
      tiers_mode: null,
      transform_quantity: null,
      type: "one_time",
      unit_amount: line.unit_amount,
      unit_amount_decimal: null,
    },
    quantity: line.quantity,
  };
};

export const createSession = (context: Context, account: string, plan: PlannedSession): SessionRecord => {
  const created = seconds(context);
  const id = `cs_test_a1${letters(context.ports, 56)}`;
  const object: Stripe.Checkout.Session = {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: plan.allowed_payment_method_types ?? null,
    amount_subtotal: plan.amount,
    amount_total: plan.amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: plan.cancel_url ?? null,
    client_reference_id: plan.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created,
    currency: plan.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: "if_required",
    customer_details: null,
    customer_email: plan.customer_email ?? null,
    discounts: [],
    expires_at: plan.expires_at,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: plan.locale ?? null,
    managed_payments: null,
    metadata: plan.metadata ?? {},
    mode: "payment",
    origin_context: null,
    // As since 2022-08-01: the intent is made when the buyer first tries to pay.
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "if_required",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_status: "unpaid",
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: plan.submit_type ?? null,
    subscription: null,
    success_url: plan.success_url,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted_page",
    url: `${context.checkoutOrigin}/pay/${id}`,
    wallet_options: null,
  };
  const line_items = plan.lines.map((line) => lineItem(context, line, plan.currency, created));
  const { metadata = {}, description = null } = plan.payment_intent_data ?? {};
  const record: SessionRecord = { account, object, line_items, intent: { metadata, description } };
  saveSession(context, record);
  return record;
};

const expire = (context: Context, record: SessionRecord, cause: Cause): SessionRecord => {
  const object: Stripe.Checkout.Session = { ...record.object, status: "expired", url: null };
  const expired = { ...record, object };
  saveSession(context, expired);
  const intent = typeof object.payment_intent === "string" ? context.store.get(intentKind, object.payment_intent) : undefined;
  if (intent && intent.object.status !== "succeeded") {
    const canceled: Stripe.PaymentIntent = {
      ...intent.object,
      status: "canceled",
      canceled_at: seconds(context),
      cancellation_reason: "expired",
      next_action: null,
    };
    context.store.put(intentKind, canceled.id, { ...intent, object: canceled }, { by: intent.account });
    emit(context, record.account, "payment_intent.canceled", canceled, cause);
  }
  emit(context, record.account, "checkout.session.expired", object, cause);
  return expired;
};

/** A session as it is now: one whose time has passed is expired by being looked at, if nothing did it before. */
export const openSession = (context: Context, id: string): SessionRecord | undefined => {
  const record = context.store.get(sessionKind, id);
  if (record?.object.status !== "open" || context.ports.now() < record.object.expires_at * 1000) return record;
  return context.store.transaction(() => expire(context, record, byItself));
};

/** @throws Refusal 404 when the account has no such session */
export const findSession = (context: Context, account: string, id: string): SessionRecord => {
  const record = openSession(context, id);
  if (!record || record.account !== account) throw missing("checkout.session", id, "session");
  return record;
};

/** @throws Refusal 400 when the session is not open */
export const expireByMerchant = (context: Context, account: string, id: string, cause: Cause): SessionRecord => {
  const record = findSession(context, account, id);
  if (record.object.status !== "open") {
    throw invalid(
      'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `' +
        String(record.object.status) +
        "`.",
      { param: "session" },
    );
  }
  return expire(context, record, cause);
};

/** From the control page: ends an open session at once. */
export const expireSession = (context: Context, id: string): boolean =>
  context.store.transaction(() => {
    const record = openSession(context, id);
    if (record?.object.status !== "open") return false;
    expire(context, record, byItself);
    return true;
  });

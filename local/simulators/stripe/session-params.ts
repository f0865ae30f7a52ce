// What POST /v1/checkout/sessions takes, for one payment on the hosted page.
import * as z from "zod";
import { invalid } from "./errors.ts";
import { currency, expand, ignored, integer, metadata, notSimulated, readParams, refuse, text, webAddress } from "./params.ts";

/** Stripe's bounds, seconds from creation. https://docs.stripe.com/api/checkout/sessions/create */
export const sessionLifeMin = 30 * 60;
export const sessionLifeMax = 24 * 3600;
/** Stripe's bounds on one charge, minor units: 50 cents and 999,999.99. */
const amountMin = 50;
const amountMax = 99_999_999;

const off = (value: unknown): boolean => typeof value === "object" && value !== null && "enabled" in value && value.enabled === "false";

const LineItem = z.strictObject({
  price_data: z
    .strictObject({
      currency,
      unit_amount: integer(0, amountMax),
      product_data: z.strictObject({
        name: text(250).refine((name) => name.trim() !== "", "You passed an empty string."),
        description: text(500).optional(),
        images: z.array(webAddress).max(8).optional(),
        metadata: metadata.optional(),
        tax_code: ignored,
        tax_details: ignored,
        unit_label: ignored,
      }),
      tax_behavior: z.enum(["inclusive", "exclusive", "unspecified"]).optional(),
      product: notSimulated(),
      recurring: notSimulated(),
      unit_amount_decimal: notSimulated(),
    })
    .optional(),
  price: z.string().optional(),
  quantity: integer(0, 999_999).optional(),
  metadata: metadata.optional(),
  adjustable_quantity: notSimulated(off),
  tax_rates: notSimulated(),
  dynamic_tax_rates: notSimulated(),
});

const SessionParams = z.strictObject({
  mode: z.enum(["payment", "setup", "subscription"]),
  line_items: z.array(LineItem).min(1).max(100).optional(),
  success_url: webAddress.optional(),
  cancel_url: webAddress.optional(),
  client_reference_id: text(200).optional(),
  customer_email: text(800).optional(),
  currency: currency.optional(),
  expires_at: integer().optional(),
  locale: text(10).optional(),
  metadata: metadata.optional(),
  allowed_payment_method_types: z.array(text(40)).max(100).optional(),
  /** Gone since 2026-09-30.endive. https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions */
  payment_method_types: z
    .unknown()
    .superRefine((value, context) => {
      const message = "The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types` instead.";
      if (value !== undefined) refuse(context, { code: "payment_method_types_no_longer_supported", message });
    })
    .optional(),
  payment_intent_data: z
    .strictObject({
      capture_method: z.enum(["automatic", "automatic_async", "manual"]).optional(),
      description: text(1000).optional(),
      metadata: metadata.optional(),
      receipt_email: ignored,
      setup_future_usage: ignored,
      shipping: ignored,
      statement_descriptor: text(22).optional(),
      statement_descriptor_suffix: text(22).optional(),
      transfer_group: ignored,
      application_fee_amount: notSimulated(),
      on_behalf_of: notSimulated(),
      transfer_data: notSimulated(),
    })
    .optional(),
  submit_type: z.enum(["auto", "book", "donate", "pay", "subscribe"]).optional(),
  ui_mode: text(20).optional(),
  expand,
  // Change what is paid: refused unless switched off.
  adaptive_pricing: notSimulated(off),
  allow_promotion_codes: notSimulated((value) => value === "false"),
  automatic_tax: notSimulated(off),
  customer: notSimulated(),
  customer_account: notSimulated(),
  discounts: notSimulated(),
  managed_payments: notSimulated(off),
  optional_items: notSimulated(),
  setup_intent_data: notSimulated(),
  shipping_options: notSimulated(),
  subscription_data: notSimulated(),
  invoice_creation: notSimulated(off),
  // Change how the page looks or what it asks: taken and left aside.
  after_expiration: ignored,
  billing_address_collection: ignored,
  branding_settings: ignored,
  consent_collection: ignored,
  custom_fields: ignored,
  custom_text: ignored,
  customer_creation: ignored,
  customer_update: ignored,
  excluded_payment_method_types: ignored,
  integration_identifier: ignored,
  name_collection: ignored,
  origin_context: ignored,
  payment_method_collection: ignored,
  payment_method_configuration: ignored,
  payment_method_data: ignored,
  payment_method_options: ignored,
  permissions: ignored,
  phone_number_collection: ignored,
  redirect_on_completion: ignored,
  return_url: ignored,
  saved_payment_method_options: ignored,
  shipping_address_collection: ignored,
  tax_id_collection: ignored,
  wallet_options: ignored,
});

export interface PlannedLine {
  readonly name: string;
  readonly description: string | null;
  readonly images: readonly string[];
  readonly unit_amount: number;
  readonly quantity: number;
  readonly metadata: Record<string, string>;
  readonly product_metadata: Record<string, string>;
  readonly tax_behavior: "inclusive" | "exclusive" | "unspecified";
}
export type PlannedSession = Omit<z.infer<typeof SessionParams>, "line_items" | "currency" | "success_url" | "expires_at"> & {
  readonly lines: readonly PlannedLine[];
  readonly currency: string;
  readonly amount: number;
  readonly success_url: string;
  readonly expires_at: number;
};

type RawLine = z.infer<typeof LineItem>;
const planLine = (line: RawLine, place: number): PlannedLine & { currency: string } => {
  const at = `line_items[${place}]`;
  if (line.price !== undefined) throw invalid(`No such price: '${line.price}'`, { code: "resource_missing", param: `${at}[price]` });
  if (!line.price_data) throw invalid(`Missing required param: ${at}[price_data].`, { code: "parameter_missing", param: `${at}[price_data]` });
  if (line.quantity === undefined || line.quantity === 0) {
    throw invalid(`Quantity is required. Add \`quantity\` to \`${at}\``, { code: "parameter_missing", param: `${at}[quantity]` });
  }
  const { product_data, unit_amount, currency, tax_behavior } = line.price_data;
  return {
    name: product_data.name,
    description: product_data.description ?? null,
    images: product_data.images ?? [],
    unit_amount,
    currency,
    quantity: line.quantity,
    metadata: line.metadata ?? {},
    product_metadata: product_data.metadata ?? {},
    tax_behavior: tax_behavior ?? "unspecified",
  };
};

/**
 * Reads and checks a create, as Stripe does before anything is executed or saved.
 * @param created seconds since the epoch
 * @throws Refusal
 */
export const planSession = (form: unknown, created: number): PlannedSession => {
  const params = readParams(SessionParams, form);
  const { mode, ui_mode, line_items, success_url, expires_at = created + sessionLifeMax } = params;
  if (mode !== "payment") throw invalid(`The simulated Stripe does not carry out mode '${mode}'. Nothing was done.`, { param: "mode" });
  if (ui_mode !== undefined && ui_mode !== "hosted_page" && ui_mode !== "hosted") {
    throw invalid(`The simulated Stripe has only the hosted page, not '${ui_mode}'.`, { param: "ui_mode" });
  }
  if (params.payment_intent_data?.capture_method === "manual") {
    throw invalid("The simulated Stripe captures at once; manual capture is not carried out.", { param: "payment_intent_data[capture_method]" });
  }
  if (!line_items) throw invalid("You must specify `line_items` in `payment` mode.", { code: "parameter_missing", param: "line_items" });
  if (success_url === undefined) throw invalid("Missing required param: success_url.", { code: "parameter_missing", param: "success_url" });

  if (expires_at < created + sessionLifeMin) {
    throw invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", { param: "expires_at" });
  }
  if (expires_at > created + sessionLifeMax) {
    throw invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", { param: "expires_at" });
  }

  const lines = line_items.map(planLine);
  const currency = lines[0]?.currency ?? "cad";
  const odd = lines.findIndex((line) => line.currency !== currency);
  if (odd >= 0) {
    throw invalid(`The price specified supports currencies of \`${lines[odd]?.currency ?? ""}\` but the Checkout Session uses \`${currency}\`.`, {
      param: `line_items[${odd}][price_data][currency]`,
    });
  }
  const amount = lines.reduce((total, line) => total + line.unit_amount * line.quantity, 0);
  if (amount > 0 && amount < amountMin) {
    throw invalid("The Checkout Session's total amount due must add up to at least 50 cents.", { code: "amount_too_small", param: "line_items" });
  }
  if (amount === 0) throw invalid("The simulated Stripe does not carry out sessions without an amount.", { param: "line_items" });
  if (amount > amountMax) {
    throw invalid("The Checkout Session's total amount must be no more than 999,999.99.", { code: "amount_too_large", param: "line_items" });
  }
  // The list filters what the account offers, and the simulated account offers cards.
  if (params.allowed_payment_method_types && !params.allowed_payment_method_types.includes("card")) {
    throw invalid("No valid payment method types for this Checkout Session.", { param: "allowed_payment_method_types" });
  }
  return { ...params, lines, currency, amount, success_url, expires_at };
};

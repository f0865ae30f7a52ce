// One attempt on a card, as Stripe's charge object tells it.
import type Stripe from "stripe";
import { letters } from "../wire/wire.ts";
import type { TestCard } from "./cards.ts";
import type { Context } from "./context.ts";
import { seconds } from "./events.ts";

export interface CardAttempt {
  readonly card: TestCard;
  readonly payer: { readonly email?: string; readonly name?: string };
  /** The bank asked the buyer and got its answer. */
  readonly challenged: boolean;
  readonly decline?: { readonly code: string; readonly decline_code?: string; readonly message: string };
}

/** Test cards have no date of their own; this one is always ahead. */
const expiry = { exp_month: 12, exp_year: 2034 } as const;

export const cardCharge = (context: Context, intent: Stripe.PaymentIntent, { card, payer, challenged, decline }: CardAttempt): Stripe.Charge => {
  const paid = decline === undefined;
  return {
    id: `ch_3${letters(context.ports, 23)}`,
    object: "charge",
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: paid ? `txn_3${letters(context.ports, 23)}` : null,
    billing_details: { address: null, email: payer.email ?? null, name: payer.name ?? null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: paid,
    created: seconds(context),
    currency: intent.currency,
    customer: null,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: null,
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: paid ? "approved_by_network" : "declined_by_network",
      reason: decline?.decline_code ?? null,
      risk_level: "normal",
      risk_score: 20,
      seller_message: paid ? "Payment complete." : "The bank did not return any further details with this decline.",
      type: paid ? "authorized" : "issuer_declined",
    },
    paid,
    payment_intent: intent.id,
    payment_method: `pm_1${letters(context.ports, 23)}`,
    payment_method_details: {
      type: "card",
      card: {
        amount_authorized: paid ? intent.amount : null,
        authorization_code: paid ? "123456" : null,
        brand: card.brand,
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
        country: "CA",
        electronic_commerce_indicator: null,
        ...expiry,
        funding: "credit",
        installments: null,
        last4: card.number.slice(-4),
        mandate: null,
        network: card.brand,
        network_transaction_id: null,
        regulated_status: "unregulated",
        three_d_secure: challenged
          ? {
              authentication_flow: "challenge",
              electronic_commerce_indicator: "05",
              exemption_indicator: null,
              result: "authenticated",
              result_reason: null,
              transaction_id: letters(context.ports, 20),
              version: "2.2.0",
            }
          : null,
        transaction_link_id: null,
        wallet: null,
      },
    },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: paid ? "succeeded" : "failed",
    transfer_data: null,
    transfer_group: null,
  };
};

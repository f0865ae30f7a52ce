// Stripe's published test cards and what each does. https://docs.stripe.com/testing

export type CardOutcome =
  | { readonly kind: "approved" }
  | { readonly kind: "challenge" }
  | { readonly kind: "declined"; readonly code: string; readonly decline_code?: string; readonly message: string };

export interface TestCard {
  readonly number: string;
  readonly brand: "visa" | "mastercard" | "amex";
  readonly outcome: CardOutcome;
  /** What becomes of the money later; absent: refunds succeed at once, and nobody disputes it. */
  readonly later?: "refund_pends" | "refund_bounces" | "disputed";
}

const declined = (code: string, message: string, decline_code?: string): CardOutcome => ({
  kind: "declined",
  code,
  message,
  ...(decline_code === undefined ? {} : { decline_code }),
});

/** The first four are offered on the hosted page; the others may be typed. */
export const testCards = [
  { number: "4242424242424242", brand: "visa", outcome: { kind: "approved" } },
  { number: "4000002500003155", brand: "visa", outcome: { kind: "challenge" } },
  { number: "4000000000000002", brand: "visa", outcome: declined("card_declined", "Your card was declined.", "generic_decline") },
  { number: "4000000000009995", brand: "visa", outcome: declined("card_declined", "Your card has insufficient funds.", "insufficient_funds") },
  { number: "5555555555554444", brand: "mastercard", outcome: { kind: "approved" } },
  { number: "378282246310005", brand: "amex", outcome: { kind: "approved" } },
  { number: "4000001240000000", brand: "visa", outcome: { kind: "approved" } },
  { number: "4000002760003184", brand: "visa", outcome: { kind: "challenge" } },
  { number: "4000000000000069", brand: "visa", outcome: declined("expired_card", "Your card has expired.") },
  { number: "4000000000000127", brand: "visa", outcome: declined("incorrect_cvc", "Your card's security code is incorrect.") },
  {
    number: "4000000000000119",
    brand: "visa",
    outcome: declined("processing_error", "An error occurred while processing your card. Try again in a little bit."),
  },
  { number: "4000000000009987", brand: "visa", outcome: declined("card_declined", "Your card was declined.", "lost_card") },
  // A refund is pending first and succeeds later.
  { number: "4000000000007726", brand: "visa", outcome: { kind: "approved" }, later: "refund_pends" },
  // A refund has succeeded first and fails later.
  { number: "4000000000005126", brand: "visa", outcome: { kind: "approved" }, later: "refund_bounces" },
  // The payer disputes the charge as soon as it is made.
  { number: "4000000000000259", brand: "visa", outcome: { kind: "approved" }, later: "disputed" },
] as const satisfies readonly TestCard[];

export const offeredCards: readonly TestCard[] = testCards.slice(0, 4);

/** What becomes of the money of a charge, by the last digits of its card: the test cards that do anything later differ in them. */
export const laterOf = (last4: string | null | undefined): TestCard["later"] =>
  testCards.map((card): TestCard => card).find((card) => card.later !== undefined && card.number.slice(-4) === last4)?.later;

const passesLuhn = (number: string): boolean => {
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
};

/** The card of a typed number; undefined when the number is not a card number at all. A real card is declined in test mode. */
export const cardOf = (typed: string): TestCard | undefined => {
  const number = typed.replace(/[\s-]/g, "");
  if (!/^\d{13,19}$/.test(number) || !passesLuhn(number)) return undefined;
  const known = testCards.find((card) => card.number === number);
  if (known) return known;
  return {
    number,
    brand: "visa",
    outcome: declined("card_declined", "Your card was declined. Your request was in test mode, but used a non test card.", "test_mode_live_card"),
  };
};

// Whose key is it, and what may it do? Restricted keys name their permissions; a live key is never accepted here.
import {
  demoStripeAccount,
  demoStripeKey,
  demoStripeReadOnlyKey,
  demoStripeSecretKey,
  otherStripeAccount,
  otherStripeSecretKey,
} from "../demo-keys.ts";
import { invalid } from "./errors.ts";

export const resources = ["checkout_session", "payment_intent", "charge", "refund", "dispute", "webhook", "account", "event"] as const;
export type Resource = (typeof resources)[number];
/** Write implies read, as on Stripe's own key page. */
export type Permission = `${Resource}_${"read" | "write"}`;

export interface StripeKey {
  readonly key: string;
  readonly account: string;
  /** `all`: a secret key. Otherwise a restricted key with just these. */
  readonly permissions: "all" | readonly Permission[];
}

export interface StripeAccount {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
}

export const demoAccounts: readonly StripeAccount[] = [
  { id: demoStripeAccount, name: "Lees Car Wash", country: "CA", currency: "cad" },
  { id: otherStripeAccount, name: "Another Merchant", country: "CA", currency: "cad" },
];

export const demoKeys: readonly StripeKey[] = [
  {
    key: demoStripeKey,
    account: demoStripeAccount,
    permissions: [
      "checkout_session_write",
      "payment_intent_read",
      "charge_read",
      "refund_write",
      "dispute_read",
      "webhook_write",
      "account_read",
      "event_read",
    ],
  },
  { key: demoStripeSecretKey, account: demoStripeAccount, permissions: "all" },
  {
    key: demoStripeReadOnlyKey,
    account: demoStripeAccount,
    permissions: [
      "checkout_session_read",
      "payment_intent_read",
      "charge_read",
      "refund_read",
      "dispute_read",
      "webhook_read",
      "account_read",
      "event_read",
    ],
  },
  { key: otherStripeSecretKey, account: otherStripeAccount, permissions: "all" },
];

/** As Stripe shows a key in its messages: the kind and the last four characters. */
const masked = (key: string): string => {
  const kind = /^(?:[a-z]{2}_(?:test|live)_)?/.exec(key)?.[0] ?? "";
  const rest = key.slice(kind.length);
  return `${kind}${"*".repeat(Math.max(rest.length - 4, 4))}${rest.slice(-4)}`;
};

const presented = (authorization: string | undefined): string | undefined => {
  if (authorization === undefined) return undefined;
  const [scheme = "", credential = ""] = authorization.trim().split(/\s+/, 2);
  if (/^bearer$/i.test(scheme)) return credential;
  // Basic with the key as user name is how curl examples do it.
  if (/^basic$/i.test(scheme)) return Buffer.from(credential, "base64").toString("utf8").split(":")[0];
  return undefined;
};

/** @throws Refusal 401 for a key that is absent, malformed, unknown, publishable or live */
export const authenticate = (keys: readonly StripeKey[], authorization: string | undefined): StripeKey => {
  const key = presented(authorization);
  if (key === undefined || key === "") {
    throw invalid(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      { status: 401 },
    );
  }
  if (/^(sk|rk)_live_/.test(key)) {
    throw invalid(`This is the simulated Stripe and takes no live keys: ${masked(key)}. Nothing was charged.`, {
      status: 401,
      code: "livemode_mismatch",
    });
  }
  if (/^pk_/.test(key)) {
    throw invalid(
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
      { status: 401, code: "secret_key_required" },
    );
  }
  const known = keys.find((one) => one.key === key);
  if (!known) throw invalid(`Invalid API Key provided: ${masked(key)}`, { status: 401 });
  return known;
};

/** @throws Refusal 403 when a restricted key lacks the permission */
export const authorize = ({ key, account, permissions }: StripeKey, needed: Permission): void => {
  if (permissions === "all" || permissions.includes(needed)) return;
  if (needed.endsWith("_read") && permissions.includes(needed.replace(/_read$/, "_write") as Permission)) return;
  throw invalid(
    `The provided key '${masked(key)}' does not have the required permissions for this endpoint on account '${account}'. Having the 'rak_${needed}' permission would allow this request to continue.`,
    { status: 403 },
  );
};

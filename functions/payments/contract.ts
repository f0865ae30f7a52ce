import * as z from "zod";
import { command } from "../../platform/contract/command.ts";
import { Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";
import { route } from "../../platform/contract/route.ts";
import { merchantProblems } from "../merchants/contract.ts";

export const paymentProblems = problems({
  connection_unknown: {
    status: 404,
    sentence: { en: "There is no such payment connection.", fr: "Cette connexion de paiement n’existe pas.", zh: "没有这个支付连接。" },
  },
  signature_invalid: {
    status: 400,
    sentence: {
      en: "The signature does not match. Nothing was recorded.",
      fr: "La signature ne correspond pas. Rien n’a été enregistré.",
      zh: "签名不匹配，未记录任何内容。",
    },
  },
  key_invalid: {
    status: 400,
    sentence: {
      en: "The provider refuses this key. Nothing was changed. Create a restricted key and try again.",
      fr: "Le fournisseur refuse cette clé. Rien n’a été modifié. Créez une clé restreinte et réessayez.",
      zh: "支付服务商拒绝此密钥，没有任何更改。请创建受限密钥后重试。",
    },
  },
  key_mode_wrong: {
    status: 409,
    sentence: {
      en: "This stage does not take keys of that mode (test or live). Nothing was changed.",
      fr: "Cet environnement n’accepte pas les clés de ce mode (test ou réel). Rien n’a été modifié.",
      zh: "此环境不接受该模式（测试或正式）的密钥，没有任何更改。",
    },
  },
  account_differs: {
    status: 409,
    sentence: {
      en: "This key is of another account than the connection, or the account cannot be told. Nothing was changed. Use a key of the same account, or connect the other one.",
      fr: "Cette clé est celle d’un autre compte que la connexion, ou le compte ne peut être établi. Rien n’a été modifié. Utilisez une clé du même compte, ou connectez l’autre.",
      zh: "此密钥属于与该连接不同的账户，或无法确认其账户，没有任何更改。请使用同一账户的密钥，或连接另一个账户。",
    },
  },
  key_moved: {
    status: 409,
    sentence: {
      en: "Somebody has just changed the key of this connection. Nothing was changed. Look whether payments work, and try again if not.",
      fr: "Quelqu’un vient de changer la clé de cette connexion. Rien n’a été modifié. Vérifiez si les paiements fonctionnent, sinon réessayez.",
      zh: "刚刚有人更改了此连接的密钥，没有任何更改。请检查付款是否正常，否则请重试。",
    },
  },
  provider_down: {
    status: 502,
    sentence: {
      en: "The payment provider does not answer. Nothing was changed. Try again in a minute.",
      fr: "Le fournisseur de paiement ne répond pas. Rien n’a été modifié. Réessayez dans une minute.",
      zh: "支付服务商没有响应，没有任何更改。请一分钟后重试。",
    },
  },
});

/** Why money goes back, chosen by whoever sends it. */
export const RefundReason = z.enum(["customer_request", "not_working", "not_available", "duplicate", "fraud", "goodwill", "other"]);

export const paymentWebhook = route({
  id: "paymentWebhook",
  method: "POST",
  path: "/api/payment/webhook/{connection_id}",
  auth: "webhook",
  idempotency: "none",
  raw: true,
  summary: "A payment provider reports an event; verified by the connection's own secret, stored, then looked up",
  params: z.object({ connection_id: z.string().max(60) }),
  ok: { status: 200, body: z.object({ received: z.boolean() }) },
  errors: {
    connection_unknown: paymentProblems.connection_unknown,
    signature_invalid: paymentProblems.signature_invalid,
    provider_down: paymentProblems.provider_down,
  },
});

/** A restricted key (`rk_…`): checkout sessions, refunds and webhook endpoints write; payment intents, charges and disputes read. */
const RestrictedKey = z.string().regex(/^rk_(test|live)_[A-Za-z0-9_]{8,200}$/);

export const connectProvider = command({
  id: "connectProvider",
  summary: "Connect a merchant's own Stripe account by a restricted key; the key is probed and sealed, the webhook is registered",
  body: z.strictObject({
    merchant_id: Slug,
    provider: z.enum(["stripe"]),
    api_key: RestrictedKey,
    /** The provider itself, or the stage's simulator where the stage has one. */
    endpoint: z.enum(["official", "simulated"]),
  }),
  result: z.object({ connection_id: z.string() }),
  errors: {
    merchant_unknown: merchantProblems.merchant_unknown,
    key_invalid: paymentProblems.key_invalid,
    key_mode_wrong: paymentProblems.key_mode_wrong,
    provider_down: paymentProblems.provider_down,
  },
});

export const rekeyConnection = command({
  id: "rekeyConnection",
  summary: "Give a connection another restricted key of the same account; the key is probed and sealed, the webhook stays",
  body: z.strictObject({ merchant_id: Slug, connection_id: z.string().max(60), api_key: RestrictedKey }),
  result: z.object({ connection_id: z.string() }),
  errors: {
    connection_unknown: paymentProblems.connection_unknown,
    key_invalid: paymentProblems.key_invalid,
    key_mode_wrong: paymentProblems.key_mode_wrong,
    account_differs: paymentProblems.account_differs,
    key_moved: paymentProblems.key_moved,
    provider_down: paymentProblems.provider_down,
  },
});

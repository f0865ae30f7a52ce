// Problems (RFC 9457): a stable code, a status and a sentence a person can act on, in every language we speak.

export const languages = ["en", "fr", "zh"] as const;
export type Language = (typeof languages)[number];

/** One text per language. Merchant texts and our own sentences have the same shape. */
export type Localized = Readonly<Record<Language, string>>;

export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503;
  /** What happened, whether money moved, what to do. */
  readonly sentence: Localized;
}

/** Declares a set of problems; the keys are the stable codes. */
export const problems = <const P extends Record<string, Problem>>(set: P): P => set;

/** Problems that any route may answer; the edge raises them, handlers do not list them. */
export const commonProblems = problems({
  invalid_request: {
    status: 400,
    sentence: {
      en: "Something in the request is not right. Nothing was charged. Check the marked fields and try again.",
      fr: "Un élément de la demande est incorrect. Rien n’a été débité. Vérifiez les champs indiqués et réessayez.",
      zh: "请求中有内容不正确，未扣款。请检查标出的内容后重试。",
    },
  },
  key_missing: {
    status: 400,
    sentence: {
      en: "This request needs an Idempotency-Key header of 16 to 100 characters. Nothing was changed.",
      fr: "Cette demande exige un en-tête Idempotency-Key de 16 à 100 caractères. Rien n’a été modifié.",
      zh: "此请求需要 16 到 100 个字符的 Idempotency-Key 头。没有任何更改。",
    },
  },
  key_reused: {
    status: 422,
    sentence: {
      en: "This key was already used for a different request. Nothing was changed. Reload the page and try again.",
      fr: "Cette clé a déjà servi pour une autre demande. Rien n’a été modifié. Rechargez la page et réessayez.",
      zh: "此密钥已用于另一个请求，没有任何更改。请刷新页面后重试。",
    },
  },
  in_progress: {
    status: 409,
    sentence: {
      en: "The same request is still being worked on. Wait a few seconds; do not pay again.",
      fr: "La même demande est encore en cours. Attendez quelques secondes; ne payez pas de nouveau.",
      zh: "同一请求仍在处理中。请等待几秒，不要重复付款。",
    },
  },
  form_expired: {
    status: 403,
    sentence: {
      en: "This page was open for too long. Nothing was charged. Scan the code again.",
      fr: "Cette page est restée ouverte trop longtemps. Rien n’a été débité. Scannez le code à nouveau.",
      zh: "页面打开时间过长，未扣款。请重新扫码。",
    },
  },
  origin_refused: {
    status: 403,
    sentence: {
      en: "This request came from another site and was refused. Nothing was changed. Open the shop's own page.",
      fr: "Cette demande provient d’un autre site et a été refusée. Rien n’a été modifié. Ouvrez la page de la boutique.",
      zh: "此请求来自其他网站，已被拒绝，没有任何更改。请打开商店自己的页面。",
    },
  },
  not_found: {
    status: 404,
    sentence: {
      en: "There is nothing at this address. Check the link, or scan the code again.",
      fr: "Il n’y a rien à cette adresse. Vérifiez le lien ou scannez le code à nouveau.",
      zh: "此地址没有内容。请检查链接，或重新扫码。",
    },
  },
  too_large: {
    status: 413,
    sentence: {
      en: "The request is too large. Nothing was changed.",
      fr: "La demande est trop volumineuse. Rien n’a été modifié.",
      zh: "请求过大，没有任何更改。",
    },
  },
  busy: {
    status: 503,
    sentence: {
      en: "Many people are buying at this moment. Nothing was charged. Try again in a few seconds.",
      fr: "Beaucoup de gens achètent en ce moment. Rien n’a été débité. Réessayez dans quelques secondes.",
      zh: "此刻购买的人很多，未扣款。请几秒后重试。",
    },
  },
  outcome_unknown: {
    status: 503,
    sentence: {
      en: "We could not see whether that worked. Send it again: the same request is never carried out twice.",
      fr: "Nous n’avons pas pu vérifier si cela a fonctionné. Renvoyez la demande\u00a0: elle n’est jamais exécutée deux fois.",
      zh: "我们无法确认操作是否成功。请再次提交：同一请求绝不会执行两次。",
    },
  },
  internal: {
    status: 500,
    sentence: {
      en: "Something broke on our side. If you were paying, do not pay again: open your order page to see where it stands.",
      fr: "Un problème est survenu de notre côté. Si vous étiez en train de payer, ne payez pas de nouveau\u00a0: ouvrez la page de votre commande.",
      zh: "我们这边出了问题。如果您正在付款，请不要重复付款：打开订单页面查看状态。",
    },
  },
});
export type CommonProblem = keyof typeof commonProblems;

import * as z from "zod";
import { problems } from "../../platform/contract/problem.ts";
import { route } from "../../platform/contract/route.ts";
import { orderProblems } from "../orders/contract.ts";

export const storefrontProblems = problems({
  page_unknown: {
    status: 404,
    sentence: {
      en: "There is nothing for sale at this address. Check the code, or tell the shop. Nothing was charged.",
      fr: "Rien n’est en vente à cette adresse. Vérifiez le code ou prévenez la boutique. Rien n’a été débité.",
      zh: "此地址没有商品出售。请检查二维码或告知商店。未扣款。",
    },
  },
});

/** Query texts that pages read; what does not fit is as if it were not there, a printed code must open whatever was added to it. */
const loose = (max: number) => z.string().max(max).optional().catch(undefined);

export const scanPageRoute = route({
  id: "scanPage",
  method: "GET",
  path: "/scan/{listing_id}",
  auth: "public",
  idempotency: "none",
  summary: "The page behind a sticker: what is sold here, price, stock, and one button",
  params: z.object({ listing_id: z.string().max(60) }),
  query: z.object({ node: loose(60), item: loose(60), lang: loose(10), problem: loose(40) }),
  ok: { status: 200, html: true },
  errors: { page_unknown: storefrontProblems.page_unknown },
});

export const orderPageRoute = route({
  id: "orderPage",
  method: "GET",
  path: "/o/{token}",
  auth: "public",
  idempotency: "none",
  summary: "The buyer's page of an order: always the truth, and the number once it is paid",
  params: z.object({ token: z.string().max(120) }),
  query: z.object({ back: loose(5), lang: loose(10), problem: loose(40) }),
  ok: { status: 200, html: true },
  errors: { order_unknown: orderProblems.order_unknown },
});

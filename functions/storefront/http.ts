import { required } from "../../platform/config/config.ts";
import { bind, httpEntry } from "../../platform/edge/http.ts";
import { sessionOf } from "../../platform/edge/request.ts";
import * as runtime from "../../platform/runtime.ts";
import { stageSecret } from "../../platform/secrets/secrets.ts";
import { orderStatus as orderStatusRoute } from "../orders/contract.ts";
import { orderPageRoute, scanPageRoute } from "./contract.ts";
import { orderPage } from "./order-page.ts";
import { orderStatus, orderView } from "./order-view.ts";
import { problemPage } from "./problem-page.ts";
import { scanPage } from "./scan-page.ts";
import { scanView } from "./scan-view.ts";

const linkSecret = stageSecret(required("LINK_SECRET_ID"));
const ports = { table: runtime.table(), clock: runtime.clock, random: runtime.random, linkSecret, checkoutOrigin: required("CHECKOUT_ORIGIN") };

export const handler = httpEntry(
  [
    bind(scanPageRoute, async ({ params, query, language, event }) => {
      const view = await scanView({ listing_id: params.listing_id, language, node: query.node, item: query.item, problem: query.problem }, ports);
      if (!view) return { kind: "refused", refusal: "page_unknown" };
      const known = sessionOf(event) !== undefined;
      return { kind: "page", page: scanPage(view), ...(!known && { newSession: runtime.random.secret() }) };
    }),
    bind(orderPageRoute, async ({ params, query, language }) => {
      const visit = {
        token: params.token,
        language: query.lang === undefined ? undefined : language,
        back: query.back !== undefined,
        problem: query.problem,
      };
      const view = await orderView(visit, ports);
      return view ? { kind: "page", page: orderPage(view) } : { kind: "refused", refusal: "order_unknown" };
    }),
    bind(orderStatusRoute, async ({ params }) => {
      const status = await orderStatus(params.token, ports);
      return status ? { kind: "ok", body: status } : { kind: "refused", refusal: "order_unknown" };
    }),
  ],
  { ...runtime.httpPorts(linkSecret), problemPage },
);

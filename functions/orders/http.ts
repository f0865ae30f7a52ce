import { optional, required } from "../../platform/config/config.ts";
import { bind, httpEntry } from "../../platform/edge/http.ts";
import type { Fields } from "../../platform/edge/request.ts";
import * as runtime from "../../platform/runtime.ts";
import { stageSecret } from "../../platform/secrets/secrets.ts";
import { patient, providersOf } from "../payments/index.ts";
import * as contract from "./contract.ts";
import { openCheckoutOf } from "./open-checkout.ts";
import { placeOrder } from "./place-order.ts";
import { readOrder } from "./read-order.ts";

const linkSecret = stageSecret(required("LINK_SECRET_ID"));
const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  random: runtime.random,
  log: runtime.log(),
  sealer: runtime.sealer(),
  providers: providersOf(optional("SIMULATED_PROVIDERS"), patient),
  publicOrigin: runtime.publicOrigin(),
  linkSecret,
};

/** The flat fields of the scan page's form as the JSON body. */
const fromForm = ({ listing_id, item, quantity, node, phone, lang }: Fields) => ({
  listing_id,
  lines: [{ item, quantity: Number(quantity ?? "1") }],
  ...(node && { node }),
  phone: phone ?? "",
  ...(lang && { lang }),
});

/** Back to the page the form came from; the phone number stays out of the address. */
const refusedForm = (fields: Fields, problem: string): string => {
  const query = new URLSearchParams({
    ...(fields.node && { node: fields.node }),
    ...(fields.item && { item: fields.item }),
    ...(fields.lang && { lang: fields.lang }),
    problem,
  });
  return `/scan/${encodeURIComponent(fields.listing_id ?? "")}?${query}`;
};

export const handler = httpEntry(
  [
    bind(
      contract.placeOrder,
      async ({ body, principal, key, language }) => {
        const outcome = await placeOrder({ body, principal, key, language: body.lang ?? language }, ports);
        if (outcome.kind === "refused") return outcome;
        const { placed, repeated } = outcome;
        return { kind: "ok", body: placed, repeated, location: placed.checkout_url ?? `/o/${placed.token}?problem=payment_unavailable` };
      },
      { fromForm, refusedForm },
    ),
    bind(contract.openCheckout, async ({ params: { token } }) => {
      const order = await readOrder(token, ports);
      if (!order) return { kind: "refused", refusal: "order_unknown" };
      const checkout = await openCheckoutOf(order, ports, { fresh: false });
      if (checkout.kind === "refused") return { ...checkout, location: `/o/${token}?problem=${checkout.refusal}` };
      return { kind: "ok", body: { checkout_url: checkout.url }, location: checkout.url };
    }),
  ],
  runtime.httpPorts(linkSecret),
);

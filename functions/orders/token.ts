// The order page's address: merchant, order and a signature that only we can make. Nothing is stored, and nothing is read before it fits.
import { sameSecret } from "../../platform/crypto/sealer.ts";
import { keyedHash } from "../../platform/ids/ids.ts";

export interface OrderId {
  readonly merchant_id: string;
  readonly order_id: string;
}
const sign = (linkSecret: string, id: OrderId): string => keyedHash(linkSecret, "order_page", id.merchant_id, id.order_id);

export const orderToken = (linkSecret: string, id: OrderId): string => `${id.merchant_id}.${id.order_id}.${sign(linkSecret, id)}`;

/** Undefined for a token that we did not make. */
export const openToken = (linkSecret: string, token: string): OrderId | undefined => {
  const [merchant_id, order_id, signature, ...rest] = token.split(".");
  if (!merchant_id || !order_id || !signature || rest.length > 0) return undefined;
  const id = { merchant_id, order_id };
  return sameSecret(signature, sign(linkSecret, id)) ? id : undefined;
};

export const orderUrl = (publicOrigin: string, token: string): string => `${publicOrigin}/o/${token}`;

// The key in a form: fresh with every page, signed by us, idempotency key and CSRF token at once.
import { epochMs, type Instant } from "../clock/clock.ts";
import { sameSecret } from "../crypto/sealer.ts";
import { keyedHash } from "../ids/ids.ts";

/** How long a page may stay open before its form is refused. */
export const formKeyHoursMax = 12;

const sign = (secret: string, nonce: string, seconds: string): string => keyedHash(secret, "form_key", nonce, seconds);

/** @param nonce unpredictable text of 128 bits */
export const issueFormKey = (secret: string, nonce: string, now: Instant): string => {
  const seconds = Math.floor(epochMs(now) / 1000).toString(36);
  return `${nonce}.${seconds}.${sign(secret, nonce, seconds)}`;
};

/** Did we issue this key, and lately? */
export const isFreshFormKey = (secret: string, key: string, now: Instant): boolean => {
  const [nonce, seconds, signature, ...rest] = key.split(".");
  if (!nonce || !seconds || !signature || rest.length > 0 || !/^[0-9a-z]{1,9}$/.test(seconds)) return false;
  const ageSeconds = epochMs(now) / 1000 - Number.parseInt(seconds, 36);
  return sameSecret(signature, sign(secret, nonce, seconds)) && ageSeconds >= -60 && ageSeconds <= formKeyHoursMax * 3600;
};

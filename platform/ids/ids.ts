// Ids are derived, not drawn: what a command creates is named by a hash of the command, so that a retry finds it again.
import { createHash, createHmac } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const base32 = (bytes: Uint8Array, length: number): string => {
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < length) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return text;
};

const joined = (parts: readonly string[]): string => parts.map((part) => `${part.length}:${part}`).join("");

/** 16 characters, 80 bits: names of records within a merchant. */
export const hashId = (...parts: readonly string[]): string => base32(createHash("sha256").update(joined(parts)).digest(), 16);
/** 26 characters, 130 bits: ids that span the platform. */
export const longHashId = (...parts: readonly string[]): string => base32(createHash("sha256").update(joined(parts)).digest(), 26);
/** As `longHashId`, but nobody without the secret can compute it: phone hashes, page links, form keys. */
export const keyedHash = (secret: string, ...parts: readonly string[]): string =>
  base32(createHmac("sha256", secret).update(joined(parts)).digest(), 26);

/** JSON with sorted keys: one content, one text. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
/** Fingerprint of a request body: the same key with another fingerprint is another request. */
export const contentHash = (value: unknown): string => longHashId(canonicalJson(value));

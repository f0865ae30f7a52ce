// Envelope encryption: AES-256-GCM under a KMS data key, one data key per scope (a connection, a person, a batch of units).
// The item's own name is authenticated, so a ciphertext moved to another record does not open.
import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";

/** What the key is for; IAM grants are bound to it. */
export type Purpose = "connection" | "channel" | "person" | "unit";

/** A ciphertext as stored: the wrapped data key and the sealed bytes, base64url. */
export const Sealed = z.object({ scope: z.string(), key: z.string(), data: z.string() });
export type Sealed = z.infer<typeof Sealed>;

/** A fresh data key and how to get it back. KMS in the cloud, a key of its own in tests. */
export interface DataKeys {
  generate(purpose: Purpose, scope: string): Promise<{ readonly plain: Uint8Array; readonly wrapped: string }>;
  unwrap(purpose: Purpose, scope: string, wrapped: string): Promise<Uint8Array>;
}

export interface Sealer {
  /** Seals several texts of one scope under one data key; the record's name of each is authenticated. */
  seal(purpose: Purpose, scope: string, texts: readonly { readonly name: string; readonly text: string }[]): Promise<readonly Sealed[]>;
  /** Throws when the key, the scope or the record's name is not the one it was sealed for. */
  open(purpose: Purpose, name: string, sealed: Sealed): Promise<string>;
}

export const sealerOf = (keys: DataKeys, iv: () => Uint8Array = () => randomBytes(12)): Sealer => ({
  async seal(purpose, scope, texts) {
    if (texts.length === 0) return [];
    const { plain, wrapped } = await keys.generate(purpose, scope);
    return texts.map(({ name, text }) => {
      const nonce = iv();
      const cipher = createCipheriv("aes-256-gcm", plain, nonce).setAAD(Buffer.from(`${purpose}|${scope}|${name}`));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return { scope, key: wrapped, data: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url") };
    });
  },
  async open(purpose, name, sealed) {
    const plain = await keys.unwrap(purpose, sealed.scope, sealed.key);
    const bytes = Buffer.from(sealed.data, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", plain, bytes.subarray(0, 12))
      .setAAD(Buffer.from(`${purpose}|${sealed.scope}|${name}`))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  },
});

/** Compares secrets without telling by its duration where they differ. */
export const sameSecret = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

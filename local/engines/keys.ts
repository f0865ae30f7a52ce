// KMS on one machine: AES-256-GCM, the encryption context authenticated, key material in the data folder.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeWhole } from "./files.ts";

export type EncryptionContext = Readonly<Record<string, string>>;

export interface Keys {
  /** The key's ARN travels in the blob, as in KMS. */
  encrypt(keyArn: string, plaintext: Uint8Array, context: EncryptionContext): Uint8Array;
  /** The ARN of the key that made the blob; undefined when it is none of ours. Nothing is authenticated yet. */
  keyOf(blob: Uint8Array): string | undefined;
  /** Undefined when the blob was tampered with or the context differs. */
  decrypt(blob: Uint8Array, context: EncryptionContext): Uint8Array | undefined;
}

const version = 1;
const ivBytes = 12;
const tagBytes = 16;
const algorithm = "aes-256-gcm";

export function openKeys(dataDir: string): Keys {
  const path = join(dataDir, "master.key");
  const stored = readIfThere(path)?.trim();
  const master = stored === undefined ? randomBytes(32) : Buffer.from(stored, "base64");
  if (master.length !== 32) throw new Error(`${path} does not hold a 256-bit key`);
  if (stored === undefined) writeWhole(path, `${master.toString("base64")}\n`);

  const material = new Map<string, Buffer>();
  const keyFor = (arn: string): Buffer => {
    const known = material.get(arn);
    if (known) return known;
    const derived = Buffer.from(hkdfSync("sha256", master, "", arn, 32));
    material.set(arn, derived);
    return derived;
  };

  return {
    encrypt(keyArn, plaintext, context) {
      const head = Buffer.concat([Buffer.from([version, Buffer.byteLength(keyArn)]), Buffer.from(keyArn)]);
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, keyFor(keyArn), iv).setAAD(authenticated(keyArn, context));
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([head, iv, cipher.getAuthTag(), body]);
    },
    keyOf: (blob) => parts(blob)?.keyArn,
    decrypt(blob, context) {
      const read = parts(blob);
      if (!read) return undefined;
      try {
        const decipher = createDecipheriv(algorithm, keyFor(read.keyArn), read.iv).setAAD(authenticated(read.keyArn, context)).setAuthTag(read.tag);
        return Buffer.concat([decipher.update(read.body), decipher.final()]);
      } catch {
        // Node says nothing more than that it does not authenticate.
        return undefined;
      }
    },
  };
}

/** Context pairs in key order: the order in which a caller writes them does not matter. */
const authenticated = (keyArn: string, context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify([keyArn, ...Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))]));

function parts(bytes: Uint8Array) {
  const blob = Buffer.from(bytes);
  const arnEnd = 2 + (blob[1] ?? 0);
  if (blob[0] !== version || blob.length < arnEnd + ivBytes + tagBytes) return undefined;
  return {
    keyArn: blob.subarray(2, arnEnd).toString(),
    iv: blob.subarray(arnEnd, arnEnd + ivBytes),
    tag: blob.subarray(arnEnd + ivBytes, arnEnd + ivBytes + tagBytes),
    body: blob.subarray(arnEnd + ivBytes + tagBytes),
  };
}

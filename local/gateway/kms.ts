// KMS in this process: real data keys, the encryption context authenticated.
import { randomBytes } from "node:crypto";
import type { EncryptionContext, Keys } from "../engines/keys.ts";
import { findKey } from "../iam/classify.ts";
import type { Inventory } from "../template/inventory.ts";
import { isRecord, type Json } from "../template/shape.ts";
import { jsonAnswer, ServiceError, type ServiceHandler } from "./call.ts";

const plaintextBytesMax = 4096;

export function kmsHandler(inventory: Inventory, keys: Keys): ServiceHandler {
  const arnOf = (id: unknown): string => {
    const key = findKey(inventory, id);
    if (!key) throw new ServiceError("NotFoundException", `Key '${String(id)}' does not exist`);
    return key.arn;
  };

  const dataKey = (body: Json) => {
    const arn = arnOf(body.KeyId);
    const bytes = body.KeySpec === "AES_256" ? 32 : body.KeySpec === "AES_128" ? 16 : Number(body.NumberOfBytes);
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > 1024)
      throw new ServiceError("ValidationException", "Please specify either number of bytes or key spec.");
    const plaintext = randomBytes(bytes);
    return { KeyId: arn, CiphertextBlob: base64(keys.encrypt(arn, plaintext, contextOf(body))), Plaintext: base64(plaintext) };
  };

  const operations: Readonly<Record<string, (body: Json) => Json>> = {
    GenerateDataKey: dataKey,
    GenerateDataKeyWithoutPlaintext: (body) => {
      const { KeyId, CiphertextBlob } = dataKey(body);
      return { KeyId, CiphertextBlob };
    },
    Encrypt: (body) => {
      const arn = arnOf(body.KeyId);
      const plaintext = bytesOf(body.Plaintext);
      if (plaintext.length === 0 || plaintext.length > plaintextBytesMax)
        throw new ServiceError(
          "ValidationException",
          `Member must have length less than or equal to ${plaintextBytesMax} and greater than or equal to 1`,
        );
      return { KeyId: arn, CiphertextBlob: base64(keys.encrypt(arn, plaintext, contextOf(body))), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    },
    Decrypt: (body) => {
      const blob = bytesOf(body.CiphertextBlob);
      const arn = keys.keyOf(blob);
      if (body.KeyId !== undefined && arn !== undefined && arnOf(body.KeyId) !== arn)
        throw new ServiceError("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
      const plaintext = arn === undefined ? undefined : keys.decrypt(blob, contextOf(body));
      if (arn === undefined || plaintext === undefined) throw new ServiceError("InvalidCiphertextException", "");
      return { KeyId: arn, Plaintext: base64(plaintext), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    },
    DescribeKey: (body) => {
      const arn = arnOf(body.KeyId);
      return {
        KeyMetadata: {
          KeyId: arn.split("/").at(-1),
          Arn: arn,
          Enabled: true,
          KeyState: "Enabled",
          KeySpec: "SYMMETRIC_DEFAULT",
          KeyUsage: "ENCRYPT_DECRYPT",
          KeyManager: "CUSTOMER",
        },
      };
    },
  };

  return async ({ operation, body }) => {
    const perform = operations[operation];
    if (!perform) throw new ServiceError("UnknownOperationException", `${operation} is not supported locally`);
    return jsonAnswer("kms", perform(body));
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
export const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : "", "base64");
const contextOf = (body: Json): EncryptionContext =>
  Object.fromEntries(Object.entries(isRecord(body.EncryptionContext) ? body.EncryptionContext : {}).map(([key, value]) => [key, String(value)]));

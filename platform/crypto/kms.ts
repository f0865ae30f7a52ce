// Data keys from KMS. The encryption context names purpose and scope: grants are conditioned on the first, CloudTrail shows both.
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { isPassing, patience } from "../clients.ts";
import { ProviderUnknown } from "../workflow/again.ts";
import type { DataKeys } from "./sealer.ts";

/** @param keyId ARN of the KMS key */
export const kmsDataKeys = (keyId: string, client = new KMSClient(patience)): DataKeys => ({
  async generate(purpose, scope) {
    const answer = await asked(() =>
      client.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256", EncryptionContext: { purpose, scope } })),
    );
    if (!answer.Plaintext || !answer.CiphertextBlob) throw new Error("KMS gave no data key");
    return { plain: answer.Plaintext, wrapped: Buffer.from(answer.CiphertextBlob).toString("base64url") };
  },
  async unwrap(purpose, scope, wrapped) {
    const answer = await asked(() =>
      client.send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: Buffer.from(wrapped, "base64url"), EncryptionContext: { purpose, scope } })),
    );
    if (!answer.Plaintext) throw new Error("KMS did not unwrap the data key");
    return answer.Plaintext;
  },
});

/** A workflow asks again for what KMS did not answer. */
const asked = async <T>(send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    throw isPassing(error) ? new ProviderUnknown("KMS does not answer", { cause: error }) : error;
  }
};

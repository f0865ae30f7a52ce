import { KMSClient } from "@aws-sdk/client-kms";
import { expect, it } from "@jest/globals";
import { kmsDataKeys } from "../../platform/crypto/kms.ts";

/** KMS as a client that answers with this. */
const answering = (error: Error) => Object.assign(new KMSClient({ region: "ca-central-1" }), { send: () => Promise.reject(error) });
const failure = (name: string, $metadata: object) => Object.assign(new Error(name), { name, $metadata });

it.each([
  ["no answer", failure("TimeoutError", { attempts: 3 }), "ProviderUnknown"],
  ["a failure of its own", failure("KMSInternalException", { httpStatusCode: 500 }), "ProviderUnknown"],
  ["a refusal", failure("AccessDeniedException", { httpStatusCode: 400 }), "AccessDeniedException"],
])("is asked again by the workflow after %s exactly where that may help", async (_what, error, name) => {
  const keys = kmsDataKeys("arn", answering(error) as KMSClient);
  await expect(keys.unwrap("connection", "c1", "")).rejects.toMatchObject({ name });
  await expect(keys.generate("connection", "c1")).rejects.toMatchObject({ name });
});

// SQS: forwarded to fauxqs. Queue URLs that it answers lead back to the gateway.
import { queueOrigin } from "../template/names.ts";
import { type Answer, type Call, ServiceError, type ServiceHandler } from "./call.ts";
import type { Forwarder } from "./forward.ts";

/** @param gatewayUrl asked late: the address is known only when the gateway listens */
export function sqsHandler(engine: Forwarder, gatewayUrl: () => string): ServiceHandler {
  return async (call) => {
    const answer = await reach(engine, call);
    return call.operation === "GetQueueUrl" ? { ...answer, body: localQueueUrls(answer.body.toString(), gatewayUrl()) } : answer;
  };
}

async function reach(engine: Forwarder, call: Call): Promise<Answer> {
  try {
    return await engine.post(
      { "content-type": "application/x-amz-json-1.0", "x-amz-target": call.target, authorization: call.headers.authorization ?? "" },
      call.raw,
    );
  } catch {
    throw new ServiceError("InternalFailure", "The request processing has failed because of an unknown error, exception or failure.", 500);
  }
}

/** Text with every queue URL of the template pointing at the gateway: SDK clients call the host that stands in a queue's URL. */
export const localQueueUrls = (text: string, gatewayUrl: string): string => text.replaceAll(queueOrigin, gatewayUrl);

// The environment of a function, as Lambda sets it: the template's variables, its role's keys and the gateway for all of AWS.
import type { Gateway } from "../host.ts";
import type { FunctionResource } from "../template/inventory.ts";
import { region } from "../template/names.ts";
import { localQueueUrls } from "./sqs.ts";

export function functionEnvironment(fn: FunctionResource, gateway: Gateway): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = gateway.credentials(fn.roleId);
  const own = Object.entries(fn.environment).map(([name, value]) => [name, localQueueUrls(value, gateway.url)]);
  return {
    ...Object.fromEntries(own),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: gateway.url,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  };
}

// The environment variables of a function: what the template says and what Lambda adds, never the host's own.
import { devNull } from "node:os";
import type { Credentials } from "../host.ts";
import type { FunctionResource } from "../template/inventory.ts";

export const localRegion = "ca-central-1";

/** @param endpointUrl the gateway: the only AWS address a function knows */
export function environmentOf(fn: FunctionResource, credentials: Credentials, endpointUrl: string): Record<string, string> {
  return {
    ...fn.environment,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: fn.codeDir,
    LAMBDA_RUNTIME_DIR: fn.codeDir,
    _HANDLER: fn.handler,
    TZ: ":UTC",
    // The SDK would otherwise look into the developer's own profile and the network.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

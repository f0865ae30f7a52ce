// What Lambda itself adds to a function's variables, and what keeps the SDK from looking at this machine. The host's own variables stay out.
import { devNull } from "node:os";
import type { FunctionResource } from "../template/inventory.ts";

/** @param own template variables, keys of the role, the gateway's address */
export function lambdaEnvironment(fn: FunctionResource, own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...own,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: fn.codeDir,
    _HANDLER: fn.handler,
    TZ: ":UTC",
    // The SDK would otherwise look into the developer's own profile and the network.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

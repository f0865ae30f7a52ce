// The services that are a few lines here: Secrets Manager, Step Functions' start, Lambda's invoke, and who am I.
import type { Secrets } from "../engines/secrets.ts";
import type { Invoker, Workflows } from "../host.ts";
import { findFunction, findSecret } from "../iam/classify.ts";
import type { Inventory } from "../template/inventory.ts";
import { account, stableUuid } from "../template/names.ts";
import type { Json } from "../template/shape.ts";
import { jsonAnswer, ServiceError, type ServiceHandler, xml } from "./call.ts";

export function secretsHandler(inventory: Inventory, secrets: Secrets): ServiceHandler {
  return async ({ operation, body }) => {
    const secret = findSecret(inventory, body.SecretId);
    if (!secret) throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    if (body.VersionStage !== undefined && body.VersionStage !== "AWSCURRENT")
      throw new ServiceError(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret value for staging label: ${String(body.VersionStage)}`,
      );
    const VersionId = stableUuid(secret.arn);
    if (operation === "DescribeSecret")
      return jsonAnswer("secretsmanager", { ARN: secret.arn, Name: secret.name, VersionIdsToStages: { [VersionId]: ["AWSCURRENT"] } });
    return jsonAnswer("secretsmanager", {
      ARN: secret.arn,
      Name: secret.name,
      SecretString: secrets.valueOf(secret.id, secret.generate),
      VersionId,
      VersionStages: ["AWSCURRENT"],
    });
  };
}

export function statesHandler(inventory: Inventory, workflows: Workflows): ServiceHandler {
  return async ({ body }) => {
    const machine = inventory.stateMachines.find((one) => one.arn === body.stateMachineArn);
    if (!machine) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${String(body.stateMachineArn)}'`);
    const input = parsed(body.input ?? "{}", "InvalidExecutionInput", "Invalid State Machine Execution Input");
    const started = await workflows.startExecution(machine.arn, input, typeof body.name === "string" ? body.name : undefined);
    return jsonAnswer("states", { ...started });
  };
}

/** `body.Payload` is the request's body as text, `body.InvocationType` its header. */
export function lambdaHandler(inventory: Inventory, invoker: Invoker): ServiceHandler {
  return async ({ body }) => {
    const fn = findFunction(inventory, body.FunctionName);
    if (!fn) throw new ServiceError("ResourceNotFoundException", `Function not found: ${String(body.FunctionName)}`, 404);
    const kind = body.InvocationType ?? "RequestResponse";
    if (kind === "DryRun") return { status: 204, headers: {}, body: "" };
    if (kind !== "RequestResponse")
      throw new ServiceError("InvalidParameterValueException", `InvocationType ${String(kind)} is not supported locally`);
    const event = body.Payload === "" ? {} : parsed(body.Payload, "InvalidRequestContentException", "Could not parse request body into json");
    const result = await invoker.invoke(fn.id, event);
    const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
    if (result.ok) return { status: 200, headers, body: JSON.stringify(result.payload ?? null) };
    const { errorType, errorMessage } = result;
    return {
      status: 200,
      headers: { ...headers, "x-amz-function-error": "Unhandled" },
      body: JSON.stringify({ errorType, errorMessage, trace: [] }),
    };
  };
}

export const stsHandler: ServiceHandler = async ({ principal }) => ({
  status: 200,
  headers: { "content-type": "text/xml" },
  body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${xml(principal.arn)}</Arn><UserId>${xml(principal.roleId ?? "host")}</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
});

function parsed(text: unknown, code: string, message: string): unknown {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    throw new ServiceError(code, message);
  }
}

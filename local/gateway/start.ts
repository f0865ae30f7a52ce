// The gateway: the one address that functions have for AWS. Who calls, may they, then the engine.
import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Clock, systemClock } from "../../platform/clock/clock.ts";
import { openKeys } from "../engines/keys.ts";
import { openSecrets } from "../engines/secrets.ts";
import type { Credentials, DeniedCall, Engines, Gateway, HostOptions, Invoker, Workflows } from "../host.ts";
import { createAuthority } from "../iam/authorise.ts";
import { checkGrants } from "../iam/check-grants.ts";
import { createClassifier, findKey } from "../iam/classify.ts";
import type { AccessRequest } from "../iam/evaluate.ts";
import { account } from "../template/names.ts";
import { type Answer, type Call, errorAnswer, type Principal, type Service, ServiceError, type ServiceHandler } from "./call.ts";
import { createCapacity } from "./capacity.ts";
import { dynamodbHandler } from "./dynamodb.ts";
import { type Faults, faultError } from "./faults.ts";
import { createForwarder } from "./forward.ts";
import { lambdaHandler, secretsHandler, statesHandler, stsHandler } from "./in-process.ts";
import { bytesOf, kmsHandler } from "./kms.ts";
import { parseCall, serviceOf } from "./parse.ts";
import { createVerifier } from "./signature.ts";
import { sqsHandler } from "./sqs.ts";
import { createUsage } from "./usage.ts";

export type { Faults } from "./faults.ts";

export interface GatewayOptions extends HostOptions {
  readonly engines: Engines;
  readonly invoker: Invoker;
  readonly workflows: Workflows;
  readonly faults?: Faults;
  readonly clock?: Clock;
  /** Told of every refusal as it happens. */
  readonly onDenied?: (denied: DeniedCall) => void;
  /** Told of what failed in the gateway itself; the caller got 500. Default: the console. */
  readonly onFault?: (error: unknown) => void;
}

/** Refusals kept for the console and the tests; older ones go. */
const deniedMax = 10_000;
const bodyBytesMax = 8 * 1024 * 1024;

/** Listens on loopback. Throws on a policy that could not be judged faithfully and on a trigger that AWS would refuse. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { inventory, engines, dataDir, clock = systemClock } = options;
  const authority = createAuthority(inventory);
  checkGrants(inventory, authority);
  const keys = openKeys(dataDir);
  const tables = createForwarder(engines.dynamodbUrl);
  const queues = createForwarder(engines.sqsUrl);
  const capacity = createCapacity();
  const usage = createUsage();
  const denied: DeniedCall[] = [];
  const ring = createKeyRing(inventory.roles.values());
  const verifier = createVerifier((accessKeyId) => ring.secrets.get(accessKeyId)?.secretAccessKey);
  const classify = createClassifier(inventory, {
    key: (id) => findKey(inventory, id)?.arn ?? String(id),
    keyOfBlob: (blob) => keys.keyOf(bytesOf(blob)),
  });
  let url = "";
  const handlers: Readonly<Record<Service, ServiceHandler>> = {
    dynamodb: dynamodbHandler(inventory, tables, capacity),
    sqs: sqsHandler(queues, () => url),
    kms: kmsHandler(inventory, keys),
    secretsmanager: secretsHandler(inventory, openSecrets(dataDir)),
    states: statesHandler(inventory, options.workflows),
    lambda: lambdaHandler(inventory, options.invoker),
    sts: stsHandler,
  };

  function refusalOf(roleId: string, request: AccessRequest): string | undefined {
    const reason = authority.refusal(roleId, request);
    if (reason === undefined) usage.record(roleId, request);
    else deny(roleId, request.action, request.resource);
    return reason;
  }
  function deny(principal: string, action: string, resource: string): void {
    const entry = { at: clock.now(), principal, action, resource };
    denied.push(entry);
    if (denied.length > deniedMax) denied.shift();
    options.onDenied?.(entry);
  }

  function authorise(call: Call): void {
    const { roleId, arn } = call.principal;
    if (roleId === undefined) return;
    const needs = classify(call);
    if (needs === undefined) {
      deny(roleId, `${call.service}:${call.operation}`, "*");
      throw new ServiceError(
        "AccessDeniedException",
        `User: ${arn} is not authorized to perform: ${call.service}:${call.operation} (no operation that is known here)`,
      );
    }
    for (const need of needs) {
      const reason = refusalOf(roleId, need);
      if (reason !== undefined)
        throw new ServiceError(
          "AccessDeniedException",
          `User: ${arn} is not authorized to perform: ${need.action} on resource: ${need.resource} ${reason}`,
        );
    }
  }

  /** Undefined: the answer is lost on purpose. */
  async function serve(service: Service, request: IncomingMessage, raw: Buffer): Promise<Answer | undefined> {
    const scope = verifier.verify({ method: request.method ?? "", url: request.url ?? "/", headers: request.headers, body: raw });
    if (scope.service !== service)
      throw new ServiceError("InvalidSignatureException", `Credential should be scoped to correct service: '${service}'.`);
    const principal = ring.principals.get(scope.accessKeyId);
    if (!principal) throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
    const call: Call = { ...parseCall(service, request.url ?? "/", request.headers, raw), raw, headers: request.headers, principal };
    authorise(call);
    const fault = options.faults?.({ service, operation: call.operation, body: call.body, roleId: principal.roleId });
    const failure = fault && faultError(service, call, fault);
    if (failure) throw failure;
    const answer = await handlers[service](call);
    return fault ? undefined : answer;
  }

  async function answerTo(request: IncomingMessage): Promise<Answer | undefined> {
    let service: Service = "dynamodb";
    try {
      service = serviceOf(request.url ?? "/", request.headers);
      return await serve(service, request, await readBody(request));
    } catch (error) {
      if (error instanceof ServiceError) return errorAnswer(service, error);
      (options.onFault ?? console.error)(error);
      return errorAnswer(service, new ServiceError("InternalFailure", "The gateway failed; see the host's log", 500));
    }
  }

  const server = createServer(async (request, response) => {
    const answer = await answerTo(request);
    if (answer === undefined) response.destroy();
    else send(response, answer);
  });
  // SDK clients keep connections for long; closing them early shows up as resets.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    hostCredentials: ring.host,
    credentials: (roleId) => ring.roles.get(roleId) ?? missing(`no role ${roleId}`),
    allowed: (roleId, action, resource, context = {}) =>
      refusalOf(roleId, {
        action,
        resource,
        context: Object.fromEntries(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values])),
      }) === undefined,
    get denied() {
      return denied;
    },
    get granted() {
      return usage.calls;
    },
    get capacity() {
      return capacity.records;
    },
    resetCapacity: () => capacity.reset(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      tables.close();
      queues.close();
    },
  };
}

const missing = (what: string): never => {
  throw new Error(what);
};

/** Fresh keys at every start: none can be kept, guessed or committed. */
function createKeyRing(roles: Iterable<{ readonly id: string; readonly arn: string }>) {
  const secrets = new Map<string, Credentials>();
  const principals = new Map<string, Principal>();
  const issue = (principal: Principal): Credentials => {
    const made = { accessKeyId: `AKIALOCAL${randomBytes(6).toString("hex").toUpperCase()}`, secretAccessKey: randomBytes(30).toString("base64") };
    secrets.set(made.accessKeyId, made);
    principals.set(made.accessKeyId, principal);
    return made;
  };
  const byRole = new Map<string, Credentials>();
  for (const { id, arn } of roles) {
    const name = arn.split("/").at(-1) ?? id;
    byRole.set(id, issue({ roleId: id, arn: `arn:aws:sts::${account}:assumed-role/${name}/local` }));
  }
  return { secrets, principals, roles: byRole, host: issue({ roleId: undefined, arn: `arn:aws:iam::${account}:root` }) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyBytesMax) throw new ServiceError("RequestEntityTooLargeException", "Request body is too large", 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { "x-amzn-requestid": randomUUID(), ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

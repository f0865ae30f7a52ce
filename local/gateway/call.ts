// A call as the gateway hands it about: verified, parsed, and answered in the service's own protocol.
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../template/shape.ts";

/** Services the gateway speaks for, by the name in the credential scope. */
export type Service = "dynamodb" | "sqs" | "kms" | "secretsmanager" | "states" | "lambda" | "sts";

export interface Principal {
  /** Logical id of the role; undefined: the host itself, which may do anything. */
  readonly roleId: string | undefined;
  /** `arn:aws:sts::000000000000:assumed-role/<role>/local`, as AWS words it in refusals. */
  readonly arn: string;
}
export interface Call {
  readonly service: Service;
  readonly operation: string;
  /** The value of `x-amz-target`, where the protocol has one. */
  readonly target: string;
  readonly body: Json;
  /** The body as it came, for forwarding. */
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly principal: Principal;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}
export type ServiceHandler = (call: Call) => Promise<Answer>;

/** What a service refuses, by AWS's code; the SDK makes its typed error of it. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: string;
  readonly status: number;
  /** More members of the error's body: `CancellationReasons`. */
  readonly members: Json;
  constructor(code: string, message: string, status = 400, members: Json = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

const contentTypes: Readonly<Record<Service, string>> = {
  dynamodb: "application/x-amz-json-1.0",
  sqs: "application/x-amz-json-1.0",
  states: "application/x-amz-json-1.0",
  kms: "application/x-amz-json-1.1",
  secretsmanager: "application/x-amz-json-1.1",
  lambda: "application/json",
  sts: "text/xml",
};

export const jsonAnswer = (service: Service, body: Json): Answer => ({
  status: 200,
  headers: { "content-type": contentTypes[service] },
  body: JSON.stringify(body),
});

/** Codes whose names in the query protocol, which SQS still sends along, differ. */
const queryCodes: Readonly<Record<string, string>> = {
  AccessDeniedException: "AccessDenied",
  UnrecognizedClientException: "InvalidClientTokenId",
  InvalidSignatureException: "SignatureDoesNotMatch",
};

/** An error in the shape that the service's SDK client reads. */
export function errorAnswer(service: Service, error: ServiceError): Answer {
  const { code, message, status } = error;
  const type = { "content-type": contentTypes[service] };
  switch (service) {
    case "lambda":
      return {
        status: code === "AccessDeniedException" || code === "UnrecognizedClientException" ? 403 : status,
        headers: { ...type, "x-amzn-errortype": code },
        body: JSON.stringify({ Type: status < 500 ? "User" : "Service", Message: message, message }),
      };
    case "sts":
      return {
        status: status === 400 ? 403 : status,
        headers: type,
        body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${queryCodes[code] ?? code}</Code><Message>${xml(message)}</Message></Error></ErrorResponse>`,
      };
    default:
      return {
        status,
        headers: service === "sqs" ? { ...type, "x-amzn-query-error": `${queryCodes[code] ?? code};${status < 500 ? "Sender" : "Receiver"}` } : type,
        body: JSON.stringify({ __type: `com.amazonaws.${service}#${code}`, message, Message: message, ...error.members }),
      };
  }
}

export const xml = (text: string): string => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);

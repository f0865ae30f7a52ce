// Signature Version 4, verified: the key must be known and the signature right. Clocks are not compared, so tests may move theirs.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "./call.ts";

export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Scope {
  readonly accessKeyId: string;
  readonly service: string;
}

interface Credential extends Scope {
  readonly date: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

export interface Verifier {
  /** Throws `ServiceError` with AWS's code when the key is unknown or the signature wrong. */
  verify(request: SignedRequest): Scope;
}

/** @param secretOf the secret of a known access key id */
export function createVerifier(secretOf: (accessKeyId: string) => string | undefined): Verifier {
  // One key a day, region and service for each secret: worth keeping, the derivation is four HMACs.
  const signingKeys = new Map<string, Buffer>();
  const signingKey = (secret: string, { date, region, service }: Credential): Buffer => {
    const name = `${secret}/${date}/${region}/${service}`;
    const known = signingKeys.get(name);
    if (known) return known;
    const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
    if (signingKeys.size > 1_000) signingKeys.clear();
    signingKeys.set(name, key);
    return key;
  };

  return {
    verify(request) {
      const header = request.headers.authorization;
      if (header === undefined) throw new ServiceError("MissingAuthenticationTokenException", "Request is missing Authentication Token", 403);
      const credential = parse(header);
      const secret = secretOf(credential.accessKeyId);
      if (secret === undefined) throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
      const expected = hmac(signingKey(secret, credential), textToSign(request, credential));
      if (!timingSafeEqual(expected, Buffer.from(credential.signature, "hex")))
        throw new ServiceError(
          "InvalidSignatureException",
          "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        );
      return credential;
    },
  };
}

function parse(header: string): Credential {
  const [, accessKeyId = "", date = "", region = "", service = "", signedHeaders = "", signature = ""] = form.exec(header) ?? [];
  if (accessKeyId === "") throw new ServiceError("IncompleteSignatureException", "Authorization header is not in the form of Signature Version 4.");
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

function textToSign({ method, url, headers, body }: SignedRequest, credential: Credential): string {
  const [path = "/", query = ""] = url.split(/\?(.*)/s);
  const canonical = [
    method,
    // Every service here but S3 encodes the path once more.
    path.split("/").map(encode).join("/"),
    query.split("&").filter(Boolean).map(normalise).sort().join("&"),
    ...credential.signedHeaders.map((name) => `${name}:${headerValue(headers[name])}`),
    "",
    credential.signedHeaders.join(";"),
    sha256(body),
  ].join("\n");
  const scope = `${credential.date}/${credential.region}/${credential.service}/aws4_request`;
  return ["AWS4-HMAC-SHA256", headerValue(headers["x-amz-date"]), scope, sha256(canonical)].join("\n");
}

const headerValue = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value.join(",") : (value ?? "")).trim().replace(/ +/g, " ");
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
const normalise = (pair: string): string => (pair.includes("=") ? pair : `${pair}=`);

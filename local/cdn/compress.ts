// Compression at the edge as CloudFront does it: text of 1 kB to 10 MB, Brotli before gzip, only what is not compressed yet.
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type EdgeRequest, type EdgeResponse, headerOf } from "../http/message.ts";

const bytesMin = 1_000;
const bytesMax = 10_000_000;
const compressible =
  /^(text\/(html|css|plain|csv|javascript|markdown|xml|richtext)|application\/(javascript|json|ld\+json|manifest\+json|problem\+json|wasm|xml|xhtml\+xml|rss\+xml)|image\/svg\+xml|font\/(otf|ttf))\b/;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** `gzip;q=0` means no. */
function accepts(header: string | undefined, coding: string): boolean {
  return (header ?? "").split(",").some((part) => {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

export async function compressed(request: EdgeRequest, response: EdgeResponse): Promise<EdgeResponse> {
  const size = response.body.length;
  const contentType = headerOf(response.headers, "content-type") ?? "";
  if (size < bytesMin || size > bytesMax || !compressible.test(contentType) || headerOf(response.headers, "content-encoding") !== undefined)
    return response;
  const accepted = headerOf(request.headers, "accept-encoding");
  const coding = accepts(accepted, "br") ? "br" : accepts(accepted, "gzip") ? "gzip" : undefined;
  const headers = response.headers.map(([name, value]) =>
    // The bytes differ per coding, so a strong tag would lie.
    name === "etag" && coding !== undefined && !value.startsWith("W/") ? ([name, `W/${value}`] as const) : ([name, value] as const),
  );
  headers.push(["vary", "Accept-Encoding"]);
  if (coding === undefined) return { ...response, headers };
  const body = coding === "br" ? await brotli(response.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }) : await zip(response.body);
  return { ...response, headers: [...headers, ["content-encoding", coding]], body };
}

// The site bucket behind CloudFront with origin access control: files of the deployment, types, ETags, S3's own refusal.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { type EdgeRequest, type EdgeResponse, headerOf } from "../http/message.ts";

export interface Site {
  handle(request: EdgeRequest): EdgeResponse;
  readonly files: number;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};

/** What S3 says to CloudFront about a key that is not there when the policy does not allow listing. */
const accessDenied: EdgeResponse = {
  status: 403,
  headers: [["content-type", "application/xml"]],
  body: Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'),
};
const methodNotAllowed: EdgeResponse = {
  status: 405,
  headers: [
    ["content-type", "application/xml"],
    ["allow", "GET, HEAD"],
  ],
  body: Buffer.alloc(0),
};

interface StoredFile {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
}

async function load(dir: string): Promise<Map<string, StoredFile>> {
  const files = new Map<string, StoredFile>();
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const body = await readFile(file);
    files.set(`/${relative(dir, file).split(sep).join("/")}`, {
      body,
      etag: `"${createHash("md5").update(body).digest("hex")}"`,
      contentType: contentTypes[extname(file).toLowerCase()] ?? "application/octet-stream",
    });
  }
  return files;
}

const decodedKey = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** True where one of the listed tags (or `*`) is ours; weak and strong forms count as equal. */
const etagListed = (header: string, etag: string): boolean =>
  header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);

/** Reads the folders whole, later ones over earlier ones: a site of the size that is shipped inside an assembly. */
export async function siteOrigin(contentDirs: readonly string[]): Promise<Site> {
  const files = new Map<string, StoredFile>();
  for (const dir of contentDirs) for (const [key, file] of await load(dir)) files.set(key, file);
  return {
    files: files.size,
    handle(request) {
      if (request.method !== "GET" && request.method !== "HEAD") return methodNotAllowed;
      const file = files.get(decodedKey(request.path));
      if (file === undefined) return accessDenied;
      const unchanged = headerOf(request.headers, "if-none-match");
      if (unchanged !== undefined && etagListed(unchanged, file.etag)) return { status: 304, headers: [["etag", file.etag]], body: Buffer.alloc(0) };
      return {
        status: 200,
        headers: [
          ["content-type", file.contentType],
          ["etag", file.etag],
        ],
        body: file.body,
      };
    },
  };
}

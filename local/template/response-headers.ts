// Response headers policies of CloudFront: one of AWS's own, or the template's.
import { flag, type Json, list, number, only, optionalRecord, record, refuse, text } from "./shape.ts";

export interface PolicyHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names that give way to the origin's own. */
  readonly originWins: readonly string[];
}

/** AWS's own policies by id, as CloudFront documents them. */
const managed: Readonly<Record<string, PolicyHeaders>> = {
  // SecurityHeadersPolicy
  "67f7725c-6f97-4210-82d7-5512b31e9d03": {
    headers: {
      "referrer-policy": "strict-origin-when-cross-origin",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
      "x-xss-protection": "1; mode=block",
    },
    originWins: ["referrer-policy", "strict-transport-security", "x-frame-options", "x-xss-protection"],
  },
};

export const managedHeaders = (id: string, where: string): PolicyHeaders =>
  managed[id] ?? refuse(where, `response headers policy ${id} is not supported locally`);

/** Value of each security header from its settings. */
const security: Readonly<Record<string, (settings: Json, where: string) => readonly [string, string]>> = {
  ContentSecurityPolicy: (settings, where) => ["content-security-policy", text(settings.ContentSecurityPolicy, where)],
  ContentTypeOptions: () => ["x-content-type-options", "nosniff"],
  FrameOptions: (settings, where) => ["x-frame-options", text(settings.FrameOption, where)],
  ReferrerPolicy: (settings, where) => ["referrer-policy", text(settings.ReferrerPolicy, where)],
  StrictTransportSecurity: (settings, where) => [
    "strict-transport-security",
    [
      `max-age=${number(settings.AccessControlMaxAgeSec, where)}`,
      ...(flag(settings.IncludeSubdomains, where) ? ["includeSubDomains"] : []),
      ...(flag(settings.Preload, where) ? ["preload"] : []),
    ].join("; "),
  ],
  XSSProtection: (settings, where) => [
    "x-xss-protection",
    flag(settings.Protection, where) ? (flag(settings.ModeBlock, where) ? "1; mode=block" : "1") : "0",
  ],
};

/** The headers of a policy in the template. CORS, removal and server timing are refused. */
export function templateHeaders(config: unknown, where: string): PolicyHeaders {
  const { SecurityHeadersConfig, CustomHeadersConfig } = only(
    record(config, where),
    where,
    ["SecurityHeadersConfig", "CustomHeadersConfig"],
    ["Name", "Comment"],
  );
  const headers: Record<string, string> = {};
  const originWins: string[] = [];
  const add = (name: string, value: string, override: unknown) => {
    headers[name] = value;
    if (!flag(override, `${where} ${name} Override`)) originWins.push(name);
  };
  for (const [kind, value] of Object.entries(optionalRecord(SecurityHeadersConfig, where))) {
    const settings = record(value, `${where}.${kind}`);
    const reader = security[kind] ?? refuse(where, `${kind} is not supported locally`);
    add(...reader(settings, `${where}.${kind}`), settings.Override);
  }
  for (const item of list(optionalRecord(CustomHeadersConfig, where).Items ?? [], where)) {
    const { Header, Value, Override } = record(item, where);
    add(text(Header, where).toLowerCase(), text(Value, where), Override);
  }
  return { headers, originWins };
}

// Response headers policies of CloudFront, as the template writes them. The edge here always overrides what the origin sent.
import { flag, type Json, list, number, oneOf, only, optionalRecord, record, refuse, text } from "./shape.ts";

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

/** The headers of a policy. CORS, removal, server timing and headers that give way to the origin's are refused. */
export function responseHeaders(config: unknown, where: string): Readonly<Record<string, string>> {
  const { SecurityHeadersConfig, CustomHeadersConfig } = only(
    record(config, where),
    where,
    ["SecurityHeadersConfig", "CustomHeadersConfig"],
    ["Name", "Comment"],
  );
  const headers: Record<string, string> = {};
  const add = (name: string, value: string, override: unknown) => {
    oneOf(override, `${where} ${name} Override`, [true]);
    headers[name] = value;
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
  return headers;
}

// Which route answers a request, by the rules of HTTP APIs: exact, then {parameter}, then {proxy+}, then $default; a method before ANY.
import type { HttpRouteResource } from "../template/inventory.ts";

export interface RouteMatch {
  readonly route: HttpRouteResource;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}
export type RouteTable = (method: string, path: string) => RouteMatch | undefined;

type Segment =
  | { readonly kind: "exact"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "greedy"; readonly name: string };
interface Entry {
  readonly route: HttpRouteResource;
  readonly method: string;
  readonly segments: readonly Segment[];
}
const rank = { exact: 0, parameter: 1, greedy: 2 } as const;

function segmentOf(text: string): Segment {
  const named = /^\{([^{}+]+)(\+?)\}$/.exec(text);
  if (named?.[1] === undefined) return { kind: "exact", text };
  return { kind: named[2] === "+" ? "greedy" : "parameter", name: named[1] };
}

function entryOf(route: HttpRouteResource): Entry {
  const parts = /^(\S+) (\/\S*)$/.exec(route.routeKey);
  if (parts?.[1] === undefined || parts[2] === undefined) throw new Error(`route key not understood: ${route.routeKey}`);
  return { route, method: parts[1], segments: parts[2].slice(1).split("/").map(segmentOf) };
}

function moreSpecific(a: Entry, b: Entry): number {
  const shared = Math.min(a.segments.length, b.segments.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = rank[a.segments[at]?.kind ?? "greedy"] - rank[b.segments[at]?.kind ?? "greedy"];
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length || Number(a.method === "ANY") - Number(b.method === "ANY");
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function parametersOf(entry: Entry, parts: readonly string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [at, segment] of entry.segments.entries()) {
    const part = parts[at];
    if (part === undefined) return undefined;
    if (segment.kind === "greedy") {
      const rest = parts.slice(at).join("/");
      return rest === "" ? undefined : { ...found, [segment.name]: decoded(rest) };
    }
    if (segment.kind === "exact" && segment.text !== decoded(part)) return undefined;
    if (segment.kind === "parameter") {
      if (part === "") return undefined;
      found[segment.name] = decoded(part);
    }
  }
  return parts.length === entry.segments.length ? found : undefined;
}

/** Throws on a route key that is neither `$default` nor `METHOD /path`. */
export function routeTable(routes: readonly HttpRouteResource[]): RouteTable {
  const fallback = routes.find((route) => route.routeKey === "$default");
  const entries = routes
    .filter((route) => route !== fallback)
    .map(entryOf)
    .sort(moreSpecific);
  return (method, path) => {
    const parts = path.slice(1).split("/");
    for (const entry of entries) {
      if (entry.method !== method && entry.method !== "ANY") continue;
      const pathParameters = parametersOf(entry, parts);
      if (pathParameters !== undefined) return { route: entry.route, pathParameters };
    }
    return fallback === undefined ? undefined : { route: fallback, pathParameters: {} };
  };
}

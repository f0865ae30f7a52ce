// The resources of a template, resolved and indexed by the names that other resources use for them.
import type { Assembly } from "./assembly.ts";
import type { Resolver } from "./resolver.ts";
import { type Json, only, optionalRecord, record, refuse, text } from "./shape.ts";
import { support } from "./support.ts";

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
  /** `<logical id>`: the start of every error about it. */
  readonly at: string;
}
/** What the translators of resources read. */
export interface Resources {
  readonly assembly: Assembly;
  readonly resolver: Resolver;
  ofType(...types: readonly string[]): readonly Resource[];
  /** The resource of one of `types` that this `Ref` value, ARN or other attribute names; undefined for a foreign one. */
  find(name: unknown, ...types: readonly string[]): Resource | undefined;
  /** As `find`; a foreign or unknown name is an error. */
  named(name: unknown, where: string, ...types: readonly string[]): Resource;
  attribute(resource: Resource, name: string): string;
  readonly cloudOnly: ReadonlyMap<string, number>;
}

/** Resolves every resource; throws `UnsupportedTemplate` on a type, property, attribute or intrinsic that is not supported. */
export function readResources(assembly: Assembly, resolver: Resolver): Resources {
  const all: Resource[] = [];
  const cloudOnly = new Map<string, number>();
  const raw = record(assembly.template.Resources, "Resources");
  const providers = providerFunctions(raw);
  for (const [id, value] of Object.entries(raw)) {
    const source = record(value, id);
    const type = text(source.Type, `${id}.Type`);
    const supported = support[type] ?? refuse(id, `resource type ${type} is not supported locally`);
    if (supported.level === "cloud-only" || providers.has(id)) {
      const label = providers.has(id) ? `${type} of a custom resource` : type;
      cloudOnly.set(label, (cloudOnly.get(label) ?? 0) + 1);
      continue;
    }
    if (source.Condition !== undefined) refuse(id, "conditional resources are not supported locally");
    const properties = record(resolver.resolve(optionalRecord(source.Properties, id), id), id);
    all.push({ id, type, properties: only(properties, id, supported.uses, supported.ignores), at: id });
  }

  const ofType = (...types: readonly string[]) => all.filter((one) => types.includes(one.type));
  const names = (one: Resource): readonly string[] => {
    const { ref, attributes } = resolver.identity(one.id, one.at);
    return [ref, ...Object.values(attributes)];
  };
  const find = (name: unknown, ...types: readonly string[]) => ofType(...types).find((one) => typeof name === "string" && names(one).includes(name));
  return {
    assembly,
    resolver,
    ofType,
    find,
    named: (name, where, ...types) => find(name, ...types) ?? refuse(where, `${JSON.stringify(name)} is no ${types.join(" or ")} of this template`),
    attribute: (resource, name) => resolver.identity(resource.id, resource.at).attributes[name] ?? refuse(resource.at, `has no attribute ${name}`),
    cloudOnly,
  };
}

/** Logical ids of functions that serve only custom resources: CDK's own Lambdas, which never run here. */
function providerFunctions(resources: Json): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const [id, value] of Object.entries(resources)) {
    const resource = record(value, id);
    if (typeof resource.Type !== "string" || !resource.Type.startsWith("Custom::")) continue;
    const token = optionalRecord(resource.Properties, id).ServiceToken;
    const target = (token as { "Fn::GetAtt"?: readonly unknown[] } | undefined)?.["Fn::GetAtt"]?.[0];
    if (typeof target === "string") ids.add(target);
  }
  return ids;
}

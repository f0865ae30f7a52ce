// CloudFront path patterns: `*` stands for any run of characters, `?` for exactly one; case counts; the whole path must match.
import type { BehaviourResource } from "../template/inventory.ts";

export function pathPattern(pattern: string): (path: string) => boolean {
  const rooted = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  const source = rooted
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  const expression = new RegExp(`^${source}$`);
  return (path) => expression.test(path);
}

/** The first behaviour in order whose pattern fits; the default one (`*`) comes last. Throws without a default. */
export function behaviourTable<B extends Pick<BehaviourResource, "pathPattern">>(behaviours: readonly B[]): (path: string) => B {
  const isDefault = (behaviour: B): boolean => behaviour.pathPattern === "*";
  const fallback = behaviours.find(isDefault);
  if (fallback === undefined) throw new Error("the distribution has no default behaviour");
  const ordered = behaviours
    .filter((behaviour) => !isDefault(behaviour))
    .map((behaviour) => ({ behaviour, fits: pathPattern(behaviour.pathPattern) }));
  return (path) => ordered.find(({ fits }) => fits(path))?.behaviour ?? fallback;
}

// IAM's wildcards: `*` for any run of characters, `?` for one.

export function wildcard(patterns: readonly string[], { ignoreCase = false } = {}): (value: string) => boolean {
  if (patterns.includes("*")) return () => true;
  const expressions = patterns.map((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, "[^]*")
      .replace(/\?/g, "[^]");
    return new RegExp(`^${escaped}$`, ignoreCase ? "i" : "");
  });
  return (value) => expressions.some((expression) => expression.test(value));
}

/** ARNs match part by part, so that a `*` does not reach over a colon; the sixth part takes the rest. */
export function arnWildcard(patterns: readonly string[]): (value: string) => boolean {
  const matchers = patterns.map((pattern) => parts(pattern).map((part) => wildcard([part])));
  return (value) => {
    const values = parts(value);
    return values.length === 6 && matchers.some((matcher) => matcher.length === 6 && matcher.every((matches, index) => matches(values[index] ?? "")));
  };
}

function parts(arn: string): readonly string[] {
  const split = arn.split(":");
  return split.length <= 6 ? split : [...split.slice(0, 5), split.slice(5).join(":")];
}

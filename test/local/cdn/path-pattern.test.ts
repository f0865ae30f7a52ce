import { expect, it } from "@jest/globals";
import { pathPattern } from "../../../local/cdn/path-pattern.ts";

it.each([
  ["/api/*", "/api/orders", true],
  ["/api/*", "/api/", true],
  ["/api/*", "/api", false],
  ["/api/*", "/API/orders", false],
  ["api/*", "/api/x", true],
  ["/o/*", "/orders", false],
  ["/a?c", "/abc", true],
  ["/a?c", "/ac", false],
  ["/a?c", "/abbc", false],
  ["*.jpg", "/photos/a.jpg", true],
  ["*.jpg", "/photos/a.jpg.html", false],
  ["/a.b", "/axb", false],
  ["*", "/", true],
] as const)("%s on %s: %s", (pattern, path, fits) => {
  expect(pathPattern(pattern)(path)).toBe(fits);
});

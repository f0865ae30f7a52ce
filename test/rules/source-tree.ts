// The sources as the rules see them: paths from the root, parsed once, with what each file imports.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "@swc/core";

/** A node of the syntax tree; only the fields that a rule looks at. */
export interface Node {
  readonly type: string;
  readonly span?: { readonly start: number };
  readonly [field: string]: unknown;
}

export interface Import {
  readonly from: string;
  readonly line: number;
  /** A path from the root, or a package's name with its subpath. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
}

export const sourceFolders = ["platform", "kernel", "functions", "lib", "bin", "web", "local", "test", "bench", "docs"];

/** Every TypeScript file of the given folders, sorted, `/`-separated, from the root. */
export const sourceFiles = (root: string, folders: readonly string[] = sourceFolders): readonly string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root, exclude: (path) => /(^|\/)(node_modules|\.build|cdk\.out|\.data)(\/|$)/.test(path) },
  )
    .map((path) => path.replaceAll("\\", "/"))
    .sort();

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: Node;
}

export function readSource(root: string, path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, tree: parse(text) };
}

export const parse = (text: string): Node => parseSync(text, { syntax: "typescript", target: "es2024", comments: false }) as unknown as Node;

/** The 1-based line of a node: spans count bytes from 1. */
export const lineOf = (text: string, node: Node): number =>
  Buffer.from(text)
    .subarray(0, (node.span?.start ?? 1) - 1)
    .toString()
    .split("\n").length;

/** Every node below `root`, parents first. */
export function* nodesOf(root: unknown): Generator<Node> {
  if (Array.isArray(root)) {
    for (const child of root) yield* nodesOf(child);
    return;
  }
  if (typeof root !== "object" || root === null) return;
  const node = root as Node;
  if (typeof node.type === "string") yield node;
  for (const field in node) yield* nodesOf(node[field]);
}

/** Imports, re-exports, dynamic imports and import types, each with what it points at. */
export function importsOf({ path, text, tree }: Source): readonly Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(tree)) {
    const target = targetOf(node);
    if (target === undefined) continue;
    const relative = target.startsWith(".");
    found.push({
      from: path,
      line: lineOf(text, node),
      to: relative
        ? normalize(join(dirname(path), target)).replaceAll("\\", "/")
        : isBuiltin(target)
          ? `node:${target.replace(/^node:/, "")}`
          : target,
      isPackage: !relative,
      typeOnly: node.typeOnly === true || node.type === "TsImportType",
    });
  }
  return found;
}

function targetOf(node: Node): string | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return literal(node.source);
    case "TsImportType":
      return literal(node.argument);
    case "CallExpression": {
      const callee = node.callee as Node;
      const [first] = node.arguments as readonly { readonly expression: Node }[];
      return callee.type === "Import" && first !== undefined ? literal(first.expression) : undefined;
    }
    default:
      return undefined;
  }
}

const literal = (node: unknown): string | undefined =>
  typeof node === "object" && node !== null && (node as Node).type === "StringLiteral" ? ((node as Node).value as string) : undefined;

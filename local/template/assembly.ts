// A cloud assembly as CDK writes it: the manifest names the stack's template and the asset manifest.
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRecord, type Json, record, refuse, text } from "./shape.ts";

export interface Assembly {
  readonly stackName: string;
  readonly template: Json;
  /** SHA-256 of the template's text, hex. */
  readonly templateHash: string;
  /** Absolute path of the asset published under this S3 key. Throws for a key the manifest does not know. */
  assetPath(objectKey: string, where: string): string;
  /** As `assetPath`; throws unless the asset is a folder. */
  assetDir(objectKey: string, where: string): string;
}

const readJson = (path: string): Json => record(JSON.parse(readFileSync(path, "utf8")), path);

/** Reads the one stack of `assemblyDir`, or the one named. Throws when there are several and none is named. */
export function readAssembly(assemblyDir: string, stackName?: string): Assembly {
  const root = resolve(assemblyDir);
  const artifacts = record(readJson(join(root, "manifest.json")).artifacts, "manifest.json artifacts");
  const stacks = Object.entries(artifacts).filter(([, artifact]) => isRecord(artifact) && artifact.type === "aws:cloudformation:stack");
  const nameOf = ([id, artifact]: [string, unknown]): string => {
    const properties = record(record(artifact, id).properties, id);
    return typeof properties.stackName === "string" ? properties.stackName : id;
  };
  const chosen = stackName === undefined ? stacks : stacks.filter((stack) => stack[0] === stackName || nameOf(stack) === stackName);
  const stack = chosen[0];
  if (stack === undefined || chosen.length > 1)
    return refuse(root, `expected one stack${stackName ? ` named ${stackName}` : ""}, found ${stacks.map(nameOf).join(", ") || "none"}`);

  const artifact = record(stack[1], stack[0]);
  const file = join(root, text(record(artifact.properties, stack[0]).templateFile, `${stack[0]} templateFile`));
  const source = readFileSync(file, "utf8");
  const assets = assetPaths(root, artifacts, artifact);

  const assetPath = (objectKey: string, where: string): string => assets.get(objectKey) ?? refuse(where, `no asset is published as ${objectKey}`);
  return {
    stackName: nameOf(stack),
    template: record(JSON.parse(source), file),
    templateHash: createHash("sha256").update(source).digest("hex"),
    assetPath,
    assetDir: (objectKey, where) => {
      const path = assetPath(objectKey, where);
      return statSync(path).isDirectory() ? path : refuse(where, `asset ${objectKey} is not a folder`);
    },
  };
}

/** S3 object key → absolute path, from the asset manifests that the stack depends on. */
function assetPaths(root: string, artifacts: Json, stack: Json): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const dependency of Array.isArray(stack.dependencies) ? stack.dependencies : []) {
    const artifact = artifacts[String(dependency)];
    if (!isRecord(artifact) || artifact.type !== "cdk:asset-manifest") continue;
    const manifest = readJson(join(root, text(record(artifact.properties, String(dependency)).file, String(dependency))));
    for (const [id, file] of Object.entries(record(manifest.files ?? {}, "files"))) {
      const { source, destinations } = record(file, id);
      const { path } = record(source, `${id} source`);
      if (typeof path !== "string") continue;
      for (const destination of Object.values(record(destinations, `${id} destinations`)))
        paths.set(text(record(destination, id).objectKey, `${id} objectKey`), resolve(root, path));
    }
  }
  return paths;
}

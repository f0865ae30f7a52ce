// Functions as text on disk, the way an assembly holds them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Functions, startFunctions } from "../../../local/functions/start.ts";
import type { FunctionResource, Inventory } from "../../../local/template/inventory.ts";

export interface Rig {
  readonly functions: Functions;
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** @param sources CommonJS source of `index.js` by function id */
export function rig(sources: Readonly<Record<string, string>>, change: Partial<FunctionResource> = {}, behindHttp: readonly string[] = []): Rig {
  const dir = mkdtempSync(join(tmpdir(), "functions-"));
  const resources = Object.entries(sources).map(([id, source]): FunctionResource => {
    const codeDir = join(dir, id);
    mkdirSync(codeDir);
    writeFileSync(join(codeDir, "index.js"), source);
    return {
      id,
      arn: `arn:aws:lambda:ca-central-1:000000000000:function:${id}`,
      name: `gigbridge-dev-${id}`,
      roleId: `${id}Role`,
      codeDir,
      handler: "index.handler",
      timeoutSeconds: 5,
      memoryMb: 128,
      environment: {},
      ...change,
    };
  });
  const lines: string[] = [];
  const routes = behindHttp.map((functionId) => ({ routeKey: `GET /${functionId}`, functionId }));
  const functions = startFunctions({
    inventory: { functions: resources, api: { id: "Api", routes } } as unknown as Inventory,
    environment: (fn) => ({ OWN: `of ${fn.id}`, AWS_REGION: "ca-central-1", AWS_LAMBDA_FUNCTION_NAME: fn.name }),
    log: (name, line) => lines.push(`${name} ${line}`),
    idleSeconds: 0.05,
  });
  return {
    functions,
    lines,
    async close() {
      await functions.close();
      rmSync(dir, { recursive: true });
    },
  };
}

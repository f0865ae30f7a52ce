// The cold start: real ports from the stage's configuration. Only entries call these. Each is an export of its own, so that a bundle
// carries only what its entry asks for.
import { systemClock } from "./clock/clock.ts";
import { required } from "./config/config.ts";
import { keepingKeys } from "./crypto/kept-keys.ts";
import { kmsDataKeys } from "./crypto/kms.ts";
import { sealerOf } from "./crypto/sealer.ts";
import type { HttpPorts } from "./edge/http.ts";
import { jsonLog } from "./log/log.ts";
import { systemRandom } from "./random/random.ts";
import { stageSecret } from "./secrets/secrets.ts";
import { dynamoTable, tableClient } from "./table/dynamodb.ts";

export const clock = systemClock;
export const random = systemRandom;
export const log = () => jsonLog(required("LOG_LEVEL"), (line) => process.stdout.write(`${line}\n`));
export const table = () =>
  dynamoTable({
    client: tableClient(),
    tableName: required("TABLE_NAME"),
    random: systemRandom.number,
    sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
  });
export const sealer = () => sealerOf(keepingKeys(kmsDataKeys(required("KEY_ID")), systemClock));
export const publicOrigin = () => required("PUBLIC_ORIGIN");

/** What the HTTP edge needs; functions without forms need no link secret. */
export const httpPorts = (linkSecret?: () => Promise<string>): HttpPorts => ({
  clock: systemClock,
  log: log(),
  publicOrigin: publicOrigin(),
  originSecret: stageSecret(required("ORIGIN_SECRET_ID")),
  linkSecret: linkSecret ?? (() => Promise.reject(new Error("this function reads no forms"))),
});

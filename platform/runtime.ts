// The cold start: real ports from the stage's configuration. Only entries call these.
import { systemClock } from "./clock/clock.ts";
import { required } from "./config/config.ts";
import { kmsDataKeys } from "./crypto/kms.ts";
import { sealerOf } from "./crypto/sealer.ts";
import type { HttpPorts } from "./edge/http.ts";
import { jsonLog } from "./log/log.ts";
import { systemRandom } from "./random/random.ts";
import { stageSecret } from "./secrets/secrets.ts";
import { dynamoTable, tableClient } from "./table/dynamodb.ts";

export const runtime = {
  clock: systemClock,
  random: systemRandom,
  log: () => jsonLog(required("LOG_LEVEL"), (line) => process.stdout.write(`${line}\n`)),
  table: () =>
    dynamoTable({
      client: tableClient(),
      tableName: required("TABLE_NAME"),
      random: systemRandom.number,
      sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    }),
  sealer: () => sealerOf(kmsDataKeys(required("KEY_ID"))),
  linkSecret: () => stageSecret(required("LINK_SECRET_ID")),
  publicOrigin: () => required("PUBLIC_ORIGIN"),
};

/** What the HTTP edge needs; functions without forms need no link secret. */
export const httpPorts = (linkSecret?: () => Promise<string>): HttpPorts => ({
  clock: systemClock,
  log: runtime.log(),
  publicOrigin: runtime.publicOrigin(),
  originSecret: stageSecret(required("ORIGIN_SECRET_ID")),
  linkSecret: linkSecret ?? (() => Promise.reject(new Error("this function reads no forms"))),
});

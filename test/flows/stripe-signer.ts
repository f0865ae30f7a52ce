// What a thief of a signing secret, or Stripe itself, could send: events signed like the real ones, with whatever content.
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The signing secret and address of the endpoint that the demo's connection registered, from the simulated provider's own records. */
export function registeredEndpoint(dataDir: string): { readonly secret: string; readonly path: string } {
  const database = new DatabaseSync(join(dataDir, "simulators.sqlite"), { readOnly: true });
  try {
    const rows = database.prepare("SELECT record FROM records WHERE kind LIKE '%endpoint%'").all();
    const records = rows.map((row) => JSON.parse(String(row.record)) as { secret: string; object: { url: string } });
    const [endpoint] = records;
    if (endpoint === undefined) throw new Error("no webhook endpoint is registered");
    return { secret: endpoint.secret, path: new URL(endpoint.object.url).pathname };
  } finally {
    database.close();
  }
}

const hmac = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

/** The `stripe-signature` header. @param ageSeconds how long ago it was signed */
export function signed(payload: string, secret: string, ageSeconds = 0): string {
  const at = Math.floor(Date.now() / 1000) - ageSeconds;
  return `t=${at},v1=${hmac(secret, `${at}.${payload}`)}`;
}

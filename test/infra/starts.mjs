// Loads each bundle as Lambda's init does, with the variables of its template and no others, and says which of them it read.
// stdin: {"<id>": {"file": "…/index.js", "variables": {…}}}; stdout: {"<id>": {"read": […], "failed": "…"}}. A process of its own: a bundle is
// CommonJS and keeps what it read at its top.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);

const report = {};
for (const [id, { file, variables }] of Object.entries(JSON.parse(Buffer.concat(chunks).toString()))) {
  const read = new Set();
  const lambda = { AWS_REGION: "ca-central-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
  process.env = new Proxy(
    { ...lambda, ...variables },
    {
      get(values, name) {
        read.add(name);
        return values[name];
      },
    },
  );
  try {
    const { handler } = require(file);
    report[id] = { read: [...read].filter((name) => typeof name === "string"), handler: typeof handler };
  } catch (error) {
    report[id] = { read: [...read], failed: String(error) };
  }
}
process.stdout.write(JSON.stringify(report));

// The CDK app: bundles the functions and the site, then writes the templates of all stages. Needs no account and no network.
import { bundle } from "../lib/bundle.ts";

// esbuild works in a process of its own, so the CDK loads meanwhile.
const [{ directory }, { synthesise }] = await Promise.all([bundle(process.env.BUNDLES_DIR), import("../lib/app.ts")]);
const { templates } = synthesise(directory);
for (const { stack, path } of templates) console.log(`${stack}: ${path}`);

// The CDK app: bundles the functions and the site, then writes the templates of all stages. Needs no account and no network.
import { bundle } from "../lib/bundle.ts";
import { synthesise } from "../lib/app.ts";

const { directory } = await bundle(process.env.BUNDLES_DIR);
const { templates } = synthesise(directory);
for (const { stack, path } of templates) console.log(`${stack}: ${path}`);

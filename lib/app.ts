import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { ShopStack } from "./shop-stack.ts";
import { refuseSimulators, stagesOf } from "./stages.ts";

export interface Assembly {
  readonly directory: string;
  readonly templates: readonly { readonly stack: string; readonly path: string }[];
}

/**
 * Synthesises the stages that the context asks for and writes the assembly (CDK_OUTDIR, or `cdk.out`). Throws on a finding of the
 * security rules that nobody argued about, and on a production template that knows of simulators.
 * @param bundles folder that `bundle()` filled
 */
export function synthesise(bundles: string, context: Record<string, unknown> = {}): Assembly {
  const app = new App({
    context,
    // The same template wherever it is made: no usage metadata, no tree file.
    analyticsReporting: false,
    treeMetadata: false,
    ...(process.env.CDK_OUTDIR ? { outdir: process.env.CDK_OUTDIR } : { outdir: "cdk.out" }),
  });
  for (const stage of stagesOf(app.node)) new ShopStack(app, stage, bundles);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  const assembly = app.synth();
  for (const stack of assembly.stacks) {
    if (stack.stackName === "GigBridge-prod") refuseSimulators(stack.stackName, JSON.stringify(stack.template));
  }
  return { directory: assembly.directory, templates: assembly.stacks.map((stack) => ({ stack: stack.stackName, path: stack.templateFullPath })) };
}

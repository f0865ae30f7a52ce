// The stages and what differs between them. Simulated outside parties are a matter of dev alone: production refuses them at synth.
import type { Node } from "constructs";

/** Where the context is read: a construct's node. */
type Context = Pick<Node, "tryGetContext">;

export const stageNames = ["dev", "prod"] as const;
export type StageName = (typeof stageNames)[number];

export interface Stage {
  readonly name: StageName;
  readonly region: string;
  /** Absent at an offline synth; the template then fits any account. */
  readonly account?: string;
  /** Data outlives the stack, and deleting takes two steps. */
  readonly keepsData: boolean;
  /** Only here may outside parties be simulated. Absent in production. */
  readonly simulators?: Simulators;
}

export interface Simulators {
  /** Default of the parameter SimulatedProviders: base URL that stands for Stripe and Twilio. Empty: the real ones. */
  readonly providers: string;
  /** Default of the parameter CheckoutOrigin: origin of the hosted checkout page as browsers reach it. */
  readonly checkoutOrigin: string;
}

export const stripeCheckoutOrigin = "https://checkout.stripe.com";

const region = "ca-central-1";

/**
 * The stages to synthesise: both, or the one that context `stage` names. Context `simulatedProviders` and `checkoutOrigin` become
 * dev's parameter defaults. Throws for an unknown stage, and when simulators are asked for where production is synthesised.
 */
export function stagesOf(node: Context): readonly Stage[] {
  const asked = node.tryGetContext("stage") as string | undefined;
  const names = asked === undefined ? stageNames : stageNames.filter((name) => name === asked);
  if (names.length === 0) throw new Error(`Unknown stage "${asked}"; known: ${stageNames.join(", ")}`);
  return names.map((name) => (name === "dev" ? devStage(node) : prodStage(node)));
}

function devStage(node: Context): Stage {
  const simulators = {
    providers: (node.tryGetContext("simulatedProviders") as string | undefined) ?? "",
    checkoutOrigin: (node.tryGetContext("checkoutOrigin") as string | undefined) ?? stripeCheckoutOrigin,
  };
  return { name: "dev", region, ...account(), keepsData: false, simulators };
}

function prodStage(node: Context): Stage {
  for (const key of ["simulatedProviders", "checkoutOrigin"]) {
    if (node.tryGetContext(key) !== undefined)
      throw new Error(`Context "${key}" belongs to dev alone: production talks to the real providers. Add "-c stage=dev".`);
  }
  return { name: "prod", region, ...account(), keepsData: true };
}

/** The account that the CDK's command line found, if any. */
function account(): { account?: string } {
  const found = process.env.CDK_DEFAULT_ACCOUNT;
  return found ? { account: found } : {};
}

/** Throws when a template knows of simulators: the last guard before a production template is written. */
export function refuseSimulators(templateName: string, template: string): void {
  const found = /.{0,40}simulat.{0,40}/i.exec(template);
  if (found) throw new Error(`${templateName} must not know of simulators, but holds: ${found[0]}`);
}

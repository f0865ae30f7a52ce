// What a deployment is told from outside. Nothing secret: provider keys live in the table, sealed.
import { CfnParameter, type Stack } from "aws-cdk-lib";
import { type Stage, stripeCheckoutOrigin } from "./stages.ts";

export interface Origins {
  readonly publicOrigin: string;
  readonly checkoutOrigin: string;
  /** Absent in production: there is no such parameter and no such variable. */
  readonly simulatedProviders?: string;
}

export function originParameters(stack: Stack, stage: Stage): Origins {
  const scheme = stage.simulators ? "https?" : "https";
  const publicOrigin = new CfnParameter(stack, "PublicOrigin", {
    description: "Origin under which people reach the shop, without a trailing slash. It is in every link, SMS and signed callback.",
    allowedPattern: `^${scheme}://[^/\\s]+$`,
    constraintDescription: `an origin such as https://d111111abcdef8.cloudfront.net, without a path`,
    // Known only after the first deployment made the distribution (docs/deploy.md); until then every link says so.
    default: "https://set-after-first-deployment.invalid",
  }).valueAsString;
  if (!stage.simulators) return { publicOrigin, checkoutOrigin: stripeCheckoutOrigin };

  const checkoutOrigin = new CfnParameter(stack, "CheckoutOrigin", {
    description: "Origin of the hosted checkout page as browsers reach it.",
    allowedPattern: "^https?://[^/\\s]+$",
    default: stage.simulators.checkoutOrigin,
  }).valueAsString;
  const simulatedProviders = new CfnParameter(stack, "SimulatedProviders", {
    description: "Base URL that stands for the payment and SMS providers. Empty: the real ones.",
    allowedPattern: "^(https?://[^/\\s]+)?$",
    default: stage.simulators.providers,
  }).valueAsString;
  return { publicOrigin, checkoutOrigin, simulatedProviders };
}

// Findings of the security rules that we know of and keep, each with its argument. Anything not named here fails the synth.
import { type Stack, Token, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

interface Finding {
  /** Path of the construct inside the stack; the finding is kept for it and what it holds, nowhere else. */
  readonly at: string;
  readonly rules: readonly string[];
  readonly reason: string;
}

/** The CDK's own function that copies the site into its bucket: it runs during a deployment, with the site's bucket alone. */
const siteCopier = "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C";

const findings: readonly Finding[] = [
  {
    at: "FulfilOrderRole",
    rules: ["IAM5[Resource::*]"],
    reason: "Vended logs and X-Ray know no resources: log delivery is set up account-wide, and a trace segment has no name before it is sent.",
  },
  {
    at: "OutboxRole",
    rules: ["IAM5[Resource::*]"],
    reason: "dynamodb:ListStreams knows no resource, and Lambda demands it for an event source. It shows names, never records.",
  },
  {
    at: "ReportsJournalRole",
    rules: ["IAM5[Resource::*]"],
    reason: "As OutboxRole: dynamodb:ListStreams knows no resource, and it shows names, never records.",
  },
  {
    at: "FulfilOrder",
    rules: ["SF1"],
    reason: "Errors only, without data: a full log of each sale would cost more than the sale's workflow, and would hold payment facts.",
  },
  {
    at: "OutboxDeadLetters",
    rules: ["SQS3"],
    reason: "It is where the outbox and its event source put what they give up; it has an alarm and no consumer.",
  },
  {
    at: "SweepDeadLetters",
    rules: ["SQS3"],
    reason: "It is where the schedule and the sweep's invocations put what they give up; it has an alarm and no consumer.",
  },
  {
    at: "JournalDeadLetters",
    rules: ["SQS3"],
    reason: "It is where the journal's event source puts what it gives up; it has an alarm and no consumer.",
  },
  {
    at: "ReconcileDeadLetters",
    rules: ["SQS3"],
    reason: "It is where the schedule and its invocations put what they give up; it has an alarm and no consumer.",
  },
  {
    at: "OriginSecret",
    rules: ["SMG4"],
    reason:
      "CloudFormation writes it into the distribution, and only an update of the distribution writes it again: changing it closes the shop until both sides have it (docs/deploy.md).",
  },
  {
    at: "LinkSecret",
    rules: ["SMG4"],
    reason: "Links in sent SMS and hashes of known phones are derived from it; a rotation would make them worthless.",
  },
  {
    at: "HttpApi",
    rules: ["APIG4"],
    reason:
      "Buyers have no account. Who may call is in each route's contract and checked by its function: link tokens, signed form keys, providers' signatures.",
  },
  {
    at: "SiteBucket",
    rules: ["S1"],
    reason: "It holds built, public files and answers to CloudFront alone.",
  },
  {
    at: "Distribution",
    rules: ["CFR1", "CFR2", "CFR3", "CFR4"],
    reason:
      "Buyers may be visitors from anywhere. Caps bind on phone and device in the product, and the API throttles, so a firewall of addresses adds cost first. " +
      "Access logs would hold the tokens of buyers' pages beside their addresses. The TLS floor is set, and binds as soon as a domain's own certificate replaces CloudFront's.",
  },
  {
    at: siteCopier,
    rules: [
      "L1",
      "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
      "IAM5[Action::s3:GetObject*]",
      "IAM5[Action::s3:GetBucket*]",
      "IAM5[Action::s3:List*]",
      "IAM5[Action::s3:DeleteObject*]",
      "IAM5[Action::s3:Abort*]",
      "IAM5[Resource::*]",
      "IAM5[Resource::<SiteBucket.Arn>/*]",
    ],
    reason:
      "Runtime and rights are the CDK's. It runs during deployments only, and reaches the site's bucket, the deployment's assets and cache invalidations.",
  },
];

export function acknowledgeFindings(stack: Stack): void {
  for (const { at, rules, reason } of findings) keep(stack.node.findChild(at), rules, reason);
  // The assets' bucket belongs to the account's CDK; an offline synth does not know the account's number.
  const account = Token.isUnresolved(stack.account) ? "<AWS::AccountId>" : stack.account;
  keep(
    stack.node.findChild(siteCopier),
    [`IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-${account}-${stack.region}/*]`],
    "It reads the site's files from the deployment's assets.",
  );
  for (const route of stack.node.children.filter(({ node }) => node.id.endsWith("Route"))) {
    keep(route, ["APIG4"], "As the API: the route's contract says who may call, and its function checks it.");
  }
}

function keep(construct: IConstruct, rules: readonly string[], reason: string): void {
  Validations.of(construct).acknowledge(...rules.map((rule) => ({ id: `AwsSolutions::AwsSolutions-${rule}`, reason })));
}

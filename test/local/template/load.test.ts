import { describe, expect, it } from "@jest/globals";
import { support } from "../../../local/template/support.ts";
import { type FixtureTemplate, fixtureTemplate, loadFixture } from "./fixture.ts";

const properties = (template: FixtureTemplate, id: string) => template.Resources[id]?.Properties ?? {};
const config = (template: FixtureTemplate) => properties(template, "Cdn").DistributionConfig;

describe("the loader", () => {
  const inventory = loadFixture();

  it("gives a function its resolved environment, its role and the folder of its bundle", () => {
    const orders = inventory.functions.find((fn) => fn.id === "Orders");
    expect(orders).toMatchObject({ name: "shop-dev-orders", roleId: "OrdersRole", timeoutSeconds: 10, memoryMb: 256, handler: "index.handler" });
    expect(orders?.codeDir).toMatch(/asset\.code$/);
    expect(orders?.environment).toEqual({
      TABLE_NAME: "Shop-dev-Table",
      EVENTS_URL: "https://sqs.ca-central-1.amazonaws.com/000000000000/Shop-dev-Events",
      KEY_ID: inventory.keys[0]?.arn,
      SECRET_ID: inventory.secrets[0]?.arn,
      PUBLIC_ORIGIN: "http://127.0.0.1:4100",
    });
  });

  it("leaves out the Lambda of a custom resource and counts what exists only in the cloud", () => {
    expect(inventory.functions.map((fn) => fn.id)).toEqual(["Orders", "Consumer"]);
    expect(Object.fromEntries(inventory.cloudOnly)).toEqual({
      "AWS::CloudWatch::Alarm": 1,
      "AWS::SNS::Topic": 1,
      "AWS::Lambda::LayerVersion": 1,
      "AWS::Lambda::Function of a custom resource": 1,
    });
  });

  it("puts a dead-letter queue before the queue that points at it", () => {
    expect(inventory.queues.map((queue) => queue.id)).toEqual(["DeadLetters", "Events"]);
    expect(inventory.queues[1]?.deadLetter).toEqual({ queueId: "DeadLetters", maxReceiveCount: 2 });
  });

  it("gathers a role's statements from inline, attached and managed policies", () => {
    expect(inventory.roles.get("OrdersRole")?.statements).toHaveLength(8);
    const consumer = inventory.roles.get("ConsumerRole")?.statements ?? [];
    expect(consumer.flatMap((statement) => statement.actions)).toEqual(expect.arrayContaining(["logs:PutLogEvents", "sqs:ReceiveMessage"]));
  });

  it("reads a table with its index, stream and time to live", () => {
    expect(inventory.tables[0]?.streamArn).toContain(":table/Shop-dev-Table/stream/");
    expect(inventory.tables[0]?.properties).toMatchObject({
      TableName: "Shop-dev-Table",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    });
  });

  it("reads the sources of events with their filters and where failures go", () => {
    expect(inventory.eventSources).toEqual([
      expect.objectContaining({ source: { kind: "queue", queueId: "Events" }, functionId: "Consumer", batchSize: 10, reportBatchItemFailures: true }),
      expect.objectContaining({
        source: { kind: "stream", tableId: "Table" },
        batchSize: 100,
        maximumRetryAttempts: 3,
        bisect: true,
        onFailureQueueId: "DeadLetters",
        filters: [{ eventName: ["INSERT"] }],
      }),
    ]);
    expect(inventory.schedules[0]).toMatchObject({ expression: "rate(1 minute)", functionId: "Orders", roleId: "SweepRole", input: "{}" });
  });

  it("makes the substitutions of a workflow's document", () => {
    expect(inventory.stateMachines[0]).toMatchObject({ type: "EXPRESS", definition: { States: { Run: { Resource: inventory.functions[0]?.arn } } } });
  });

  it("reads the behaviours in order, with the secret header and the headers on the way out", () => {
    const [api, site] = inventory.distribution.behaviours;
    expect(api).toMatchObject({ pathPattern: "/api/*", origin: { kind: "api", headers: { "x-origin-secret": "secret of Secret" } } });
    expect(api?.responseHeaders).toEqual(site?.responseHeaders);
    expect(site).toMatchObject({
      pathPattern: "*",
      origin: { kind: "site", bucketId: "Site" },
      responseHeaders: {
        "content-security-policy": "default-src 'self'",
        "strict-transport-security": "max-age=60; includeSubDomains",
        "x-shop": "yes",
      },
    });
    expect(site?.viewerRequestFunction).toContain("handler");
    expect(inventory.buckets[0]?.contentDirs).toEqual([expect.stringMatching(/asset\.site$/)]);
    expect(inventory.api).toEqual({
      id: "Api",
      routes: [{ routeKey: "POST /api/orders", functionId: "Orders" }],
      throttle: { ratePerSecond: 10, burst: 20 },
    });
  });
});

describe("the loader refuses, and names", () => {
  const cases: readonly (readonly [string, (template: FixtureTemplate) => void, RegExp])[] = [
    [
      "a resource type it does not know",
      (t) => (t.Resources.Bus = { Type: "AWS::Events::EventBus", Properties: {} }),
      /Bus: resource type AWS::Events::EventBus/,
    ],
    ["a property it does not know", (t) => (properties(t, "Table").LocalSecondaryIndexes = []), /Table\.LocalSecondaryIndexes/],
    [
      "an attribute it does not know",
      (t) => (properties(t, "Orders").Environment.Variables.X = { "Fn::GetAtt": ["Table", "TableId"] }),
      /attribute TableId of Table/,
    ],
    ["an intrinsic it does not know", (t) => (properties(t, "Orders").Environment.Variables.X = { "Fn::ImportValue": "x" }), /Fn::ImportValue/],
    [
      "a pseudo parameter it does not know",
      (t) => (properties(t, "Orders").Environment.Variables.X = { Ref: "AWS::NotificationARNs" }),
      /AWS::NotificationARNs/,
    ],
    [
      "a reference to a topic from something that runs",
      (t) => (properties(t, "Orders").Environment.Variables.X = { Ref: "Topic" }),
      /AWS::SNS::Topic \(Topic\) cannot be referred to/,
    ],
    ["another dynamic reference", (t) => (properties(t, "Orders").Environment.Variables.X = "{{resolve:ssm:name}}"), /resolve:ssm:name/],
    ["a conditional resource", (t) => Object.assign(t.Resources.Table ?? {}, { Condition: "IsProd" }), /Table: conditional/],
    [
      "a route whose function lets no API invoke it",
      (t) => delete t.Resources.RoutePermission,
      /Route: no AWS::Lambda::Permission lets apigateway\.amazonaws\.com invoke Orders/,
    ],
    [
      "a permission for another route",
      (t) => properties(t, "RoutePermission").SourceArn["Fn::Join"][1].splice(-1, 1, "/*/GET/api/orders"),
      /no AWS::Lambda::Permission/,
    ],
    ["a route that asks for an authoriser", (t) => (properties(t, "Route").AuthorizationType = "JWT"), /Route\.AuthorizationType/],
    ["a site whose bucket the distribution may not read", (t) => delete t.Resources.SitePolicy, /no bucket policy lets the distribution read Site/],
    [
      "a behaviour of the API that caches",
      (t) => (config(t).CacheBehaviors[0].CachePolicyId = "658327ea-f89d-4fab-a63d-7e88639e58f6"),
      /must not cache/,
    ],
    [
      "error responses that hide the API's own",
      (t) => (config(t).CustomErrorResponses = [{ ErrorCode: 404, ErrorCachingMinTTL: 0, ResponseCode: 200, ResponsePagePath: "/index.html" }]),
      /CustomErrorResponses/,
    ],
    ["errors that are kept", (t) => (config(t).CustomErrorResponses = [{ ErrorCode: 503, ErrorCachingMinTTL: 10 }]), /ErrorCachingMinTTL/],
    [
      "a role that the service may not assume",
      (t) => (properties(t, "Orders").Role = { "Fn::GetAtt": ["SweepRole", "Arn"] }),
      /does not let lambda\.amazonaws\.com assume/,
    ],
    ["a statement by what it is not", (t) => (properties(t, "OrdersRole").Policies[0].PolicyDocument.Statement[0].NotAction = "x"), /NotAction/],
    [
      "a managed policy it does not know",
      (t) => (properties(t, "ConsumerRole").ManagedPolicyArns = ["arn:aws:iam::aws:policy/AdministratorAccess"]),
      /AdministratorAccess/,
    ],
    ["a substitution that nothing uses", (t) => (properties(t, "Fulfil").DefinitionSubstitutions.Other = "x"), /nothing uses Other/],
    ["an asset that nobody published", (t) => (properties(t, "Orders").Code.S3Key = "lost.zip"), /no asset is published as lost\.zip/],
    [
      "headers that would give way to the origin's",
      (t) => (properties(t, "Headers").ResponseHeadersPolicyConfig.CustomHeadersConfig.Items[0].Override = false),
      /x-shop Override/,
    ],
    ["a root object, which a CloudFront Function does here", (t) => (config(t).DefaultRootObject = "index.html"), /DefaultRootObject/],
    ["reserved concurrency", (t) => (properties(t, "Orders").ReservedConcurrentExecutions = 5), /Orders\.ReservedConcurrentExecutions/],
    ["provisioned tables", (t) => (properties(t, "Table").BillingMode = "PROVISIONED"), /BillingMode/],
    ["a schedule in another zone", (t) => (properties(t, "Sweep").ScheduleExpressionTimezone = "America/Vancouver"), /ScheduleExpressionTimezone/],
  ];
  it.each(cases)("%s", (_, change, message) => {
    expect(() => loadFixture(change)).toThrow(message);
  });

  it("a parameter that the template does not declare, one without a value, one that does not fit", () => {
    expect(() => loadFixture(() => {}, { PublicOrigin: "http://x", Other: "y" })).toThrow(/parameter Other/);
    expect(() => loadFixture(() => {}, {})).toThrow(/parameter PublicOrigin: has no value/);
    expect(() => loadFixture(() => {}, { PublicOrigin: "ftp://x" })).toThrow(/does not match/);
  });
});

describe("the support matrix", () => {
  it("knows every type of the fixture, and says of each what it is here", () => {
    const types = new Set(Object.values(fixtureTemplate().Resources).map((resource) => resource.Type));
    for (const type of types) expect(support[type]?.about).toBeTruthy();
  });
});

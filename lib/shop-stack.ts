// A stage of the whole shop as one stack: read top to bottom, it is the map of the platform.
import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { routesOf } from "../functions/routes.ts";
import type { RouteSpec } from "../platform/contract/route.ts";
import { acknowledgeFindings } from "./acknowledgements.ts";
import { alarms } from "./alarms.ts";
import { front } from "./distribution.ts";
import { journalStream, operationStream, orderEventsConsumer } from "./event-sources.ts";
import { type FunctionId, type FunctionSpec, functionList } from "./function-list.ts";
import { httpApi } from "./http-api.ts";
import { originParameters } from "./parameters.ts";
import { productFunction, type Surroundings } from "./product-function.ts";
import { queues } from "./queues.ts";
import { nightSchedule, sweepSchedule } from "./schedules.ts";
import type { Stage } from "./stages.ts";
import { store } from "./table.ts";
import { fulfilOrder } from "./workflow.ts";

export class ShopStack extends Stack {
  /** @param bundles folder that `bundle()` filled */
  constructor(scope: Construct, stage: Stage, bundles: string) {
    super(scope, `GigBridge-${stage.name}`, {
      description: `GigBridge ${stage.name}: any surface becomes a shop`,
      env: { region: stage.region, ...(stage.account ? { account: stage.account } : {}) },
      terminationProtection: stage.keepsData,
    });
    const kept = store(this, stage);
    const lines = queues(this, specOf("fulfil-events").timeoutSeconds);
    const around: Surroundings = { stack: this, stage, store: kept, queues: lines, origins: originParameters(this, stage), bundles };

    const functions = new Map<FunctionId, LambdaFunction>();
    const make = (spec: FunctionSpec & { id: FunctionId }, surroundings: Surroundings) => functions.set(spec.id, productFunction(spec, surroundings));
    const made = (id: FunctionId): LambdaFunction => {
      const fn = functions.get(id);
      if (!fn) throw new Error(`${id} is used before it is made`);
      return fn;
    };

    for (const spec of functionList) if (spec.trigger === "workflow") make(spec, around);
    const workflow = fulfilOrder(this, stage, {
      confirm: made("fulfil-confirm"),
      deliver: made("fulfil-deliver"),
      send: made("fulfil-send"),
      release: made("fulfil-release"),
      payBack: made("fulfil-pay-back"),
      dispute: made("fulfil-dispute"),
    });
    const afterwards = { ...around, fulfilOrderArn: workflow.stateMachineArn };
    for (const spec of functionList) if (spec.trigger !== "workflow") make(spec, afterwards);

    const served = functionList.filter(({ trigger }) => trigger === "http").map(({ id }) => ({ id, handler: made(id), routes: routesFor(id) }));
    const api = httpApi(this, stage, served);
    operationStream(this, made("outbox"), kept, lines);
    journalStream(this, made("reports-journal"), kept, lines);
    orderEventsConsumer(this, made("fulfil-events"), lines);
    sweepSchedule(this, stage, made("fulfil-sweep"), lines);
    nightSchedule(this, stage, made("reports-reconcile"), lines);
    const distribution = front(this, stage, bundles, api, kept);
    alarms(this, { functions: functionList.map((spec) => [spec, made(spec.id)]), queues: lines, workflow, api });

    new CfnOutput(this, "ShopAddress", { value: `https://${distribution.domainName}`, description: "Give it back as parameter PublicOrigin" });
    new CfnOutput(this, "TableName", { value: kept.table.tableName });
    acknowledgeFindings(this);
  }
}

/** Throws for routes that no function serves, which would be lost in silence, and for a function without routes. */
function routesFor(id: FunctionId): readonly RouteSpec[] {
  const strangers = Object.keys(routesOf).filter((owner) => !functionList.some((spec) => spec.id === owner && spec.trigger === "http"));
  if (strangers.length > 0) throw new Error(`Routes belong to functions that are not served: ${strangers.join(", ")}`);
  const routes = routesOf[id];
  if (!routes?.length) throw new Error(`${id} is triggered by HTTP but no contract gives it a route`);
  return routes;
}

function specOf(id: FunctionId): FunctionSpec {
  const spec = functionList.find((one) => one.id === id);
  if (!spec) throw new Error(`No function is called ${id}`);
  return spec;
}

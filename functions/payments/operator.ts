import { optional, required } from "../../platform/config/config.ts";
import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import { connectProvider } from "./connect-provider.ts";
import * as contract from "./contract.ts";
import { brisk, providersOf } from "./providers/all.ts";
import { rekeyConnection } from "./rekey-connection.ts";

const simulator = optional("SIMULATED_PROVIDERS");
const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  sealer: runtime.sealer(),
  providers: providersOf(simulator, brisk),
  publicOrigin: runtime.publicOrigin(),
  modes: required("STAGE") === "prod" ? (["live"] as const) : (["test"] as const),
  simulated: simulator !== undefined,
};

export const handler = operatorEntry([
  bindCommand(contract.connectProvider, (request) => connectProvider(request, ports)),
  bindCommand(contract.rekeyConnection, (request) => rekeyConnection(request, ports)),
]);

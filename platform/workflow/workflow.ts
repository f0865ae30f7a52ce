// Starting a workflow is a hint, never the truth: whoever starts one can fail to, and the sweep asks again.
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { patience } from "../clients.ts";

export interface Workflow<I> {
  start(input: I): Promise<void>;
}

/** An Express state machine, started and not waited for. */
export const expressWorkflow = <I>(stateMachineArn: string, client = new SFNClient(patience)): Workflow<I> => ({
  async start(input) {
    await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  },
});

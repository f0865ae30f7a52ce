// People behind the counter: a command with its key, sent again until it is answered, as whoever invokes a function by hand does.
import { operationId, type Principal } from "../../../platform/operation/operation.ts";
import type { CommandAsked, History } from "../history.ts";
import type { World } from "../world-model.ts";

/** What a command is given: its body, its idempotency key, and who sends it. */
export interface Command<B> {
  readonly body: B;
  readonly key: string;
  readonly principal: Principal;
}
type Answered =
  | { readonly kind: "ok"; readonly result: unknown; readonly repeated?: boolean }
  | { readonly kind: "refused"; readonly refusal: string };

const attemptsMax = 4;
/** What commands with one effect record it as. */
const kinds: Readonly<Record<string, string>> = {
  refundOrder: "refund_requested",
  replaceUnit: "unit_replaced",
  retireUnit: "unit_retired",
  giveUnits: "units_given",
  settleException: "exception_settled",
};

/**
 * Sends a command until it is answered, and writes down what came back. Answers undefined when nothing ever did.
 * @param name the command's own, such as `refundOrder`
 * @param verb the product's verb with its ports
 */
export const operate = async <B, A extends Answered>(
  world: World,
  history: History,
  { name, by, key, body }: { readonly name: string; readonly by: string; readonly key: string; readonly body: B },
  verb: (command: Command<B>) => Promise<A>,
): Promise<A | undefined> => {
  const command: CommandAsked = { name, by, key, body: JSON.stringify(body) };
  history.commandsSent.push(command);
  const id = operationId({ type: "operator", id: by }, kinds[name] ?? "", key);
  /** Does the command of this key stand? */
  const committed = (): boolean => [...world.twin.snapshot.records("OP")].some(({ item }) => item.id === id);
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const ended = await world.invoke(`operator ${name}`, () => verb({ body, key, principal: { type: "operator", id: by } }), ["operator"]);
    if (ended.kind === "answered") {
      const { value } = ended;
      history.commands.push({
        ...command,
        committed: committed(),
        attempt,
        ...(value.kind === "ok" ? { kind: "ok", result: value.result } : { kind: "refused", refusal: value.refusal }),
      });
      world.reach.saw(`${name}: ${value.kind === "ok" ? (value.repeated ? "repeated" : "done") : value.refusal}`);
      world.scheduler.note(`${name}: ${value.kind === "ok" ? "done" : value.refusal}`);
      return value;
    }
    await world.scheduler.sleep(2_000, "tries the command again");
  }
  return undefined;
};

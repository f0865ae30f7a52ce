// Operator functions: commands invoked directly by whoever IAM lets (`aws lambda invoke`), until people sign in to a console.
// Event: {"command": "saveMerchant", "key": "<idempotency key>", "by": "<who, for the audit>", "body": {…}}.
import * as z from "zod";
import type { CommandSpec } from "../contract/command.ts";
import { commonProblems } from "../contract/problem.ts";
import type { Principal } from "../operation/operation.ts";

export const OperatorEvent = z.strictObject({
  command: z.string(),
  key: z.string().regex(/^[\x21-\x7e]{8,100}$/),
  by: z.string().regex(/^[\w.@:/-]{1,80}$/),
  body: z.unknown(),
});

export interface CommandRequest<C extends CommandSpec> {
  readonly body: z.output<C["body"]>;
  readonly key: string;
  readonly principal: Principal;
}
export type CommandAnswer<C extends CommandSpec> =
  | { readonly kind: "ok"; readonly result: z.input<C["result"]>; readonly repeated?: boolean }
  | { readonly kind: "refused"; readonly refusal: (keyof C["errors"] & string) | "key_reused"; readonly context?: Readonly<Record<string, unknown>> };
export interface CommandBinding {
  readonly command: CommandSpec;
  readonly handle: (request: CommandRequest<never>) => Promise<CommandAnswer<CommandSpec>>;
}
/** What the invoker gets back. */
export type OperatorResult =
  | { readonly ok: true; readonly result: unknown; readonly repeated: boolean }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly context?: unknown };

export const bindCommand = <const C extends CommandSpec>(
  command: C,
  handle: (request: CommandRequest<C>) => Promise<CommandAnswer<C>>,
): CommandBinding => ({
  command,
  handle: handle as unknown as CommandBinding["handle"],
});

/** The Lambda handler of a set of commands. Faults throw: the invoker sees a FunctionError and may repeat with the same key. */
export const operatorEntry = (bindings: readonly CommandBinding[]) => {
  const byId = new Map(bindings.map((binding) => [binding.command.id, binding]));
  return async (event: unknown): Promise<OperatorResult> => {
    const parsed = OperatorEvent.safeParse(event);
    const binding = parsed.success ? byId.get(parsed.data.command) : undefined;
    if (!parsed.success || !binding)
      return invalid(parsed.success ? [`commands here: ${[...byId.keys()].join(", ")}`] : parsed.error.issues.map(describe));
    const body = binding.command.body.safeParse(parsed.data.body);
    if (!body.success) return invalid(body.error.issues.map(describe));
    const answer = await binding.handle({ body: body.data as never, key: parsed.data.key, principal: { type: "operator", id: parsed.data.by } });
    if (answer.kind === "ok") return { ok: true, result: answer.result, repeated: answer.repeated ?? false };
    const problem = binding.command.errors[answer.refusal] ?? commonProblems[answer.refusal as keyof typeof commonProblems];
    return { ok: false, code: answer.refusal, detail: problem?.sentence.en ?? answer.refusal, ...(answer.context && { context: answer.context }) };
  };
};

const describe = (issue: z.core.$ZodIssue): string => `${issue.path.join(".")}: ${issue.message}`;
const invalid = (issues: readonly string[]): OperatorResult => ({
  ok: false,
  code: "invalid_request",
  detail: commonProblems.invalid_request.sentence.en,
  context: { issues: issues.slice(0, 20) },
});

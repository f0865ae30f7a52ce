// JSONata inside templates. Evaluated with no context item, as Step Functions does: only `$states` and assigned variables exist.
import jsonata from "jsonata";
import type { Json, Template } from "./definition.ts";
import { Fault } from "./faults.ts";

export interface Scope {
  readonly states: {
    readonly input: Json;
    readonly context: Json;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: Readonly<Record<string, Json>>;
}

const expressionForm = /^\{%([\s\S]*)%\}$/;

/** The JSONata text inside `{% … %}`, or undefined when the string is plain. */
export const expressionIn = (text: string): string | undefined => expressionForm.exec(text)?.[1];

const compiled = new Map<string, jsonata.Expression>();
const compile = (source: string): jsonata.Expression => {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const expression = jsonata(source);
  compiled.set(source, expression);
  return expression;
};

const evaluate = async (source: string, scope: Scope, where: string): Promise<Json> => {
  let value: unknown;
  try {
    value = await compile(source).evaluate(undefined, { states: scope.states, ...scope.variables });
  } catch (problem) {
    // JSONata throws plain objects with a message, not errors.
    throw new Fault("States.QueryEvaluationError", `${where}: ${(problem as { message?: string }).message ?? String(problem)}`);
  }
  const text = typeof value === "function" ? undefined : JSON.stringify(value);
  if (text === undefined) throw new Fault("States.QueryEvaluationError", `${where}: '${source.trim()}' gives nothing`);
  return JSON.parse(text) as Json;
};

/**
 * The template with every expression replaced by its value.
 * @param where the field, for the cause of a `States.QueryEvaluationError` (an expression that throws or gives nothing)
 */
export const fill = async (template: Template, scope: Scope, where: string): Promise<Json> => {
  if (typeof template === "string") {
    const source = expressionIn(template);
    return source === undefined ? template : evaluate(source, scope, where);
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries()) items.push(await fill(item as Template, scope, `${where}[${index}]`));
    return items;
  }
  if (template !== null && typeof template === "object") {
    const filled: Record<string, Json> = {};
    for (const [name, item] of Object.entries(template)) filled[name] = await fill(item, scope, `${where}.${name}`);
    return filled;
  }
  return template;
};

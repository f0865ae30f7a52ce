// Which JSONata a template may hold: deterministic functions, our variables, and the part of `$states` that exists at that place.
import jsonata from "jsonata";
import { expressionIn } from "./expression.ts";

/** Functions that mean the same here and in Step Functions and depend on nothing but their arguments. */
export const functions: readonly string[] = [
  "append",
  "boolean",
  "contains",
  "count",
  "exists",
  "join",
  "keys",
  "lookup",
  "merge",
  "not",
  "number",
  "string",
];

export type StatesField = "input" | "context" | "result" | "errorOutput";
interface Sight {
  /** The fields of `$states` that exist where the expression stands. */
  readonly visible: readonly StatesField[];
  readonly variables: ReadonlySet<string>;
}

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly procedure?: Node;
  readonly steps?: readonly Node[];
}

const nodeFindings = (node: Node, sight: Sight, where: string): string[] => {
  const [first, second] = node.steps ?? [];
  if (node.type === "path" && first?.type === "variable" && first.value === "states") {
    const field = second?.type === "name" ? String(second.value) : "";
    const rest = (node.steps ?? []).slice(2).flatMap((step) => findingsIn(step, sight, where));
    return sight.visible.includes(field as StatesField) ? rest : [`${where}: $states.${field} does not exist here`, ...rest];
  }
  if (node.type === "function" && node.procedure?.type === "variable") {
    const name = String(node.procedure.value);
    const { procedure: _, ...rest } = node;
    return [
      ...(functions.includes(name) ? [] : [`${where}: function $${name} is outside the subset`]),
      ...Object.values(rest).flatMap((part) => findingsIn(part, sight, where)),
    ];
  }
  if (node.type === "lambda" || node.type === "bind" || node.type === "transform") {
    return [`${where}: a JSONata ${node.type} is outside the subset`];
  }
  if (node.type === "variable" && node.value !== "" && !sight.variables.has(String(node.value))) {
    return [`${where}: nothing assigns $${String(node.value)}`];
  }
  return Object.values(node).flatMap((part) => findingsIn(part, sight, where));
};

const findingsIn = (part: unknown, sight: Sight, where: string): string[] => {
  if (Array.isArray(part)) return part.flatMap((item) => findingsIn(item, sight, where));
  return typeof part === "object" && part !== null ? nodeFindings(part as Node, sight, where) : [];
};

/** What in this template cannot be evaluated the same way here and in the cloud. */
export const expressionFindings = (template: unknown, sight: Sight, where: string): string[] => {
  if (typeof template === "string") {
    const source = expressionIn(template);
    if (source === undefined) return template.includes("{%") ? [`${where}: '${template}' is not one whole expression`] : [];
    try {
      return findingsIn(jsonata(source).ast(), sight, where);
    } catch (problem) {
      return [`${where}: '${source.trim()}' ${(problem as { message?: string }).message ?? "is not JSONata"}`];
    }
  }
  if (Array.isArray(template)) return template.flatMap((item, index) => expressionFindings(item, sight, `${where}[${index}]`));
  if (typeof template === "object" && template !== null) {
    return Object.entries(template).flatMap(([name, item]) => expressionFindings(item, sight, `${where}.${name}`));
  }
  return [];
};

// Rules about what product code may say, read from the syntax tree: time, randomness and the outside come through ports.
import { adapters } from "./rows.ts";
import { lineOf, type Node, nodesOf, type Source } from "./source-tree.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

interface Rule {
  readonly message: string;
  /** Files in which the thing is at home. */
  readonly home: RegExp;
  readonly matches: (node: Node) => boolean;
}

const never = /^$/;
/** The composition of real ports; entries alone may ask it. */
const runtime = "platform/runtime\\.ts$";
const at = (...places: readonly string[]): RegExp => new RegExp(`^(${places.join("|")})`);

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && typeof (value as Node).type === "string";
/** The name by which a thing is called: `a`, `x.a`, `x["a"]` and `a()` are all `a`. */
const nameOf = (node: unknown): string => {
  if (!isNode(node)) return "";
  switch (node.type) {
    case "Identifier":
    case "StringLiteral":
      return String(node.value);
    case "MemberExpression":
      return nameOf(node.property);
    case "Computed":
      return nameOf(node.expression);
    case "CallExpression":
      return nameOf(node.callee);
    default:
      return "";
  }
};
const isIdentifier = (node: unknown, name: string): boolean => isNode(node) && node.type === "Identifier" && node.value === name;
const isMember = (node: Node, object: string, ...properties: readonly string[]): boolean =>
  node.type === "MemberExpression" && isIdentifier(node.object, object) && (properties.length === 0 || properties.includes(nameOf(node.property)));
const isCall = (node: Node, ...names: readonly string[]): boolean =>
  node.type === "CallExpression" &&
  names.some((name) => isIdentifier(node.callee, name) || (isNode(node.callee) && isMember(node.callee, "globalThis", name)));
const isImportOf = (node: Node, module: RegExp): boolean => node.type === "ImportDeclaration" && module.test(String((node.source as Node).value));
const isText = (node: Node, pattern: RegExp): boolean =>
  (node.type === "StringLiteral" && pattern.test(String(node.value))) || (node.type === "TemplateElement" && pattern.test(String(node.raw)));

const signatureWord = /(signature|hmac|digest|\bmac\b|_mac$|Mac$)/;
/** `signature === expected` leaks its first wrong byte by its duration; comparing with a literal or undefined is fine. */
const comparesSignatures = (node: Node): boolean => {
  if (node.type !== "BinaryExpression" || !/^[!=]==?$/.test(String(node.operator))) return false;
  const sides = [node.left, node.right].map((side) => (isNode(side) && side.type !== "StringLiteral" ? nameOf(side) : ""));
  return sides.some((name) => signatureWord.test(name)) && sides.every((name) => name !== "" && name !== "undefined");
};

const loopback = /(\/\/|@|^)(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])([:/]|$)/;

/** What product code (platform, kernel, functions) may say only at home. */
export const rules: readonly Rule[] = [
  {
    message: "asks the machine for the time: take a Clock",
    home: at("platform/clock/"),
    matches: (node) => isMember(node, "Date", "now") || isMember(node, "performance", "now") || isMember(node, "process", "hrtime", "uptime"),
  },
  {
    message: "makes a Date: use Instant and platform/clock",
    home: at("platform/clock/"),
    matches: (node) => node.type === "NewExpression" && isIdentifier(node.callee, "Date"),
  },
  {
    message: "draws random numbers: take a random source as a port",
    home: at("platform/random/", "platform/crypto/"),
    matches: (node) => isMember(node, "Math", "random") || isCall(node, ...draws) || isMember(node, "crypto", ...draws),
  },
  {
    message: "waits by the machine's timer: take a wait as a port",
    home: at("platform/clock/", runtime),
    matches: (node) => isCall(node, "setTimeout", "setInterval", "setImmediate") || isImportOf(node, /^(node:)?timers(\/promises)?$/),
  },
  { message: "calls out: only adapters do", home: adapters, matches: (node) => isCall(node, "fetch") },
  {
    message: "reads the environment: take the configuration",
    home: at("platform/config/"),
    matches: (node) => isMember(node, "process", "env", "argv") || isImportOf(node, /^(node:)?process$/),
  },
  {
    message: "writes to the console: take the log",
    home: at("platform/log/", runtime, "platform/outbox/dispatch\\.ts$"),
    matches: (node) => isMember(node, "console") || isMember(node, "process", "stdout", "stderr"),
  },
  { message: "compares a signature by ===: use a constant-time compare", home: never, matches: comparesSignatures },
  { message: "names a loopback address: it comes by configuration", home: never, matches: (node) => isText(node, loopback) },
];
const draws = ["randomUUID", "randomBytes", "randomInt", "getRandomValues"];

export const findings = ({ path, text, tree }: Source, applied: readonly Rule[] = rules): readonly Finding[] => {
  const active = applied.filter((rule) => !rule.home.test(path));
  const found: Finding[] = [];
  for (const node of nodesOf(tree)) {
    for (const rule of active) if (rule.matches(node)) found.push({ path, line: lineOf(text, node), message: rule.message });
  }
  return found;
};

/** Longest file a reader is asked to hold in mind. */
export const linesMax = 400;

export const tooLong = ({ path, text }: Pick<Source, "path" | "text">): readonly Finding[] => {
  const lines = text.split("\n").length - 1;
  return lines > linesMax ? [{ path, line: linesMax, message: `${lines} lines; at most ${linesMax}` }] : [];
};

/** Folders named for a kind of code instead of a thing of the business. */
export const emptyNames = /(^|\/)(utils?|helpers?|services?|types|dtos?|common|misc|interfaces)\//;

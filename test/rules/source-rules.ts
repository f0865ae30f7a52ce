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
const bin = (node: unknown): Node => node as Node;
const isIdentifier = (node: unknown, name: string): boolean => typeof node === "object" && node !== null && bin(node).type === "Identifier" && bin(node).value === name;
const isMember = (node: Node, object: string, property?: string): boolean =>
  node.type === "MemberExpression" && isIdentifier(node.object, object) && (property === undefined || isIdentifier(node.property, property));
const isCall = (node: Node, name: string): boolean =>
  node.type === "CallExpression" && (isIdentifier(node.callee, name) || (bin(node.callee).type === "MemberExpression" && isMember(bin(node.callee), "globalThis", name)));

const signatureWord = /(signature|hmac|digest|\bmac\b|_mac$|Mac$)/;
const nameOf = (node: unknown): string => {
  if (typeof node !== "object" || node === null) return "";
  const { type, value, property } = bin(node);
  if (type === "Identifier") return String(value);
  return type === "MemberExpression" ? nameOf(property) : "";
};
/** `signature === expected` leaks its first wrong byte by its duration; comparing with a literal or undefined is fine. */
const comparesSignatures = (node: Node): boolean =>
  node.type === "BinaryExpression" &&
  /^[!=]==?$/.test(String(node.operator)) &&
  [node.left, node.right].some((side) => signatureWord.test(nameOf(side))) &&
  [node.left, node.right].every((side) => ["Identifier", "MemberExpression", "CallExpression"].includes(bin(side).type) && nameOf(side) !== "undefined");

/** What product code (platform, kernel, functions) may say only at home. */
export const rules: readonly Rule[] = [
  { message: "asks the machine for the time: take a Clock", home: /^platform\/clock\//, matches: (node) => isMember(node, "Date", "now") || isMember(node, "performance", "now") },
  { message: "makes a Date: use Instant and platform/clock", home: /^platform\/clock\//, matches: (node) => node.type === "NewExpression" && isIdentifier(node.callee, "Date") },
  { message: "rolls dice: take a random source as a port", home: /^platform\/(ids|random|crypto)\//, matches: (node) => isMember(node, "Math", "random") },
  {
    message: "draws random bytes: take a random source as a port",
    home: /^platform\/(ids|random|crypto)\//,
    matches: (node) => ["randomUUID", "randomBytes", "randomInt", "getRandomValues"].some((name) => isCall(node, name) || isMember(node, "crypto", name)),
  },
  {
    message: "waits by the machine's timer: take a wait as a port",
    home: /^platform\/clock\//,
    matches: (node) => ["setTimeout", "setInterval", "setImmediate"].some((name) => isCall(node, name)),
  },
  { message: "calls out: only adapters do", home: adapters, matches: (node) => isCall(node, "fetch") },
  { message: "reads the environment: take the configuration", home: /^platform\/config\//, matches: (node) => isMember(node, "process", "env") },
  { message: "writes to the console: take the log", home: /^platform\/log\//, matches: (node) => isMember(node, "console") },
  { message: "compares a signature by ===: use a constant-time compare", home: never, matches: comparesSignatures },
  {
    message: "names a loopback address: it comes by configuration",
    home: never,
    matches: (node) =>
      (node.type === "StringLiteral" && loopback.test(String(node.value))) ||
      (node.type === "TemplateElement" && loopback.test(String(node.raw))),
  },
];
const loopback = /(\/\/|@|^)(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])([:/]|$)/;

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

// CloudFormation's intrinsic functions, as many as CDK writes for this stack. Anything else is an error that names itself.
import { type Identity, identities, pseudoParameters } from "./identity.ts";
import { isRecord, type Json, list, number, optionalRecord, record, refuse, text } from "./shape.ts";

export interface ResolverInput {
  readonly template: Json;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Text of the secret that a `{{resolve:secretsmanager:…}}` reference names, by logical id. */
  readonly secretValue: (logicalId: string) => string;
}
export interface Resolver {
  /** The value with every intrinsic worked out; `AWS::NoValue` members are gone. */
  resolve(value: unknown, where: string): unknown;
  identity(logicalId: string, where: string): Identity;
}

/** Marks `Ref: AWS::NoValue` until the property that holds it is dropped. */
const noValue = Symbol("AWS::NoValue");

export function createResolver(input: ResolverInput): Resolver {
  const resources = record(input.template.Resources, "Resources");
  const parameters = parameterValues(input);
  const pseudo = pseudoParameters(input.stackName);
  const known = new Map<string, Identity>();

  function identity(logicalId: string, where: string): Identity {
    const made = known.get(logicalId);
    if (made) return made;
    const resource = isRecord(resources[logicalId]) ? resources[logicalId] : refuse(where, `no resource ${logicalId}`);
    const type = text(resource.Type, `${logicalId}.Type`);
    const maker = identities[type] ?? refuse(where, `${type} (${logicalId}) cannot be referred to locally`);
    const properties = optionalRecord(resource.Properties, `${logicalId}.Properties`);
    const identity = maker({
      id: logicalId,
      stackName: input.stackName,
      property: (name) =>
        properties[name] === undefined ? undefined : text(resolve(properties[name], `${logicalId}.${name}`), `${logicalId}.${name}`),
    });
    known.set(logicalId, identity);
    return identity;
  }

  function reference(name: string, where: string): unknown {
    if (name === "AWS::NoValue") return noValue;
    if (name in pseudo) return pseudo[name];
    if (name in parameters.declared) return parameters.parameterText(name, where);
    if (name.startsWith("AWS::")) return refuse(where, `pseudo parameter ${name} is not supported locally`);
    return identity(name, where).ref;
  }

  function attribute(logicalId: string, name: string, where: string): string {
    return identity(logicalId, where).attributes[name] ?? refuse(where, `attribute ${name} of ${logicalId} is not supported locally`);
  }

  function substitute(source: unknown, where: string): string {
    const [template, values] = Array.isArray(source) ? [text(source[0], where), record(source[1], where)] : [text(source, where), {}];
    return template.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in values) return text(resolve(values[name], where), where);
      const dot = name.indexOf(".");
      return dot < 0 ? text(reference(name, where), where) : attribute(name.slice(0, dot), name.slice(dot + 1), where);
    });
  }

  const intrinsics: Readonly<Record<string, (argument: unknown, where: string) => unknown>> = {
    Ref: (argument, where) => reference(text(argument, where), where),
    "Fn::GetAtt": (argument, where) => {
      const parts = typeof argument === "string" ? argument.split(/\.(.*)/s) : list(argument, where);
      return attribute(text(parts[0], where), text(resolve(parts[1], where), where), where);
    },
    "Fn::Join": (argument, where) => {
      const [separator, parts] = list(argument, where);
      return list(resolve(parts, where), where)
        .map((part) => text(part, where))
        .join(text(separator, where));
    },
    "Fn::Select": (argument, where) => {
      const [index, values] = list(argument, where);
      return list(resolve(values, where), where)[number(resolve(index, where), where)] ?? refuse(where, "Fn::Select is out of range");
    },
    "Fn::Split": (argument, where) => {
      const [separator, source] = list(argument, where);
      return text(resolve(source, where), where).split(text(separator, where));
    },
    "Fn::Sub": substitute,
  };

  function resolve(value: unknown, where: string): unknown {
    if (typeof value === "string") return dynamicReferences(value, where);
    if (Array.isArray(value)) return value.map((one, index) => resolve(one, `${where}[${index}]`)).filter((one) => one !== noValue);
    if (!isRecord(value)) return value;
    const names = Object.keys(value);
    const [name] = names;
    if (names.length === 1 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"))) {
      const intrinsic = intrinsics[name] ?? refuse(where, `${name} is not supported locally`);
      const answer = intrinsic(value[name], where);
      return typeof answer === "string" ? dynamicReferences(answer, where) : answer;
    }
    const resolved = names.map((member) => [member, resolve(value[member], `${where}.${member}`)] as const);
    return Object.fromEntries(resolved.filter(([, one]) => one !== noValue));
  }

  function dynamicReferences(source: string, where: string): string {
    // A reference may still be in pieces inside a Join; only a whole one is worked out.
    return source.replace(/\{\{resolve:([^}]*)\}\}/g, (_, reference: string) => {
      const match = /^secretsmanager:(.+):SecretString:?:?:?$/.exec(reference);
      const id = match ? Object.keys(resources).find((one) => isSecret(resources[one]) && identity(one, where).ref === match[1]) : undefined;
      return id === undefined ? refuse(where, `dynamic reference {{resolve:${reference}}} is not supported locally`) : input.secretValue(id);
    });
  }

  return { resolve, identity };
}

const isSecret = (resource: unknown): boolean => isRecord(resource) && resource.Type === "AWS::SecretsManager::Secret";

function parameterValues({ template, parameters }: ResolverInput) {
  const declared = optionalRecord(template.Parameters, "Parameters");
  for (const name of Object.keys(parameters)) if (!(name in declared)) refuse(`parameter ${name}`, "the template does not declare it");
  const parameterText = (name: string, where: string): string => {
    const parameter = record(declared[name], `Parameters.${name}`);
    if (parameter.Type !== "String") return refuse(where, `parameter ${name} of type ${String(parameter.Type)} is not supported locally`);
    const value = parameters[name] ?? parameter.Default;
    if (typeof value !== "string") return refuse(`parameter ${name}`, "has no value and no default");
    if (Array.isArray(parameter.AllowedValues) && !parameter.AllowedValues.includes(value))
      return refuse(`parameter ${name}`, `${value} is not allowed`);
    if (typeof parameter.AllowedPattern === "string" && !new RegExp(`^(?:${parameter.AllowedPattern})$`).test(value))
      return refuse(`parameter ${name}`, `${value} does not match ${parameter.AllowedPattern}`);
    return value;
  };
  return { declared, parameterText };
}

// State machines: the ASL document from the template or its asset, with the substitutions made.
import { readFileSync } from "node:fs";
import type { StateMachineResource } from "./inventory.ts";
import { checkTrust } from "./policies.ts";
import type { Resource, Resources } from "./resources.ts";
import { oneOf, optionalRecord, record, refuse, text } from "./shape.ts";

export const stateMachines = (resources: Resources): readonly StateMachineResource[] =>
  resources.ofType("AWS::StepFunctions::StateMachine").map((resource) => {
    const { properties, at, id } = resource;
    return {
      id,
      arn: resources.attribute(resource, "Arn"),
      name: resources.attribute(resource, "Name"),
      type: oneOf(properties.StateMachineType ?? "STANDARD", `${at}.StateMachineType`, ["EXPRESS", "STANDARD"]),
      roleId: checkTrust(resources, properties.RoleArn, "states.amazonaws.com", `${at}.RoleArn`).id,
      definition: record(JSON.parse(substituted(resource, definitionText(resource, resources))), `${at} definition`),
    };
  });

function definitionText({ properties, at }: Resource, resources: Resources): string {
  if (properties.DefinitionString !== undefined) return text(properties.DefinitionString, `${at}.DefinitionString`);
  const location = record(properties.DefinitionS3Location, `${at}.DefinitionS3Location`);
  return readFileSync(resources.assembly.assetPath(text(location.Key, `${at}.DefinitionS3Location.Key`), at), "utf8");
}

/** Replaces `${Name}`; a name without a substitution is an error, and so is a substitution that nothing uses. */
function substituted({ properties, at }: Resource, definition: string): string {
  const values = optionalRecord(properties.DefinitionSubstitutions, `${at}.DefinitionSubstitutions`);
  const used = new Set<string>();
  const answer = definition.replace(/\$\{([A-Za-z0-9_-]+)\}/g, (_, name: string) => {
    used.add(name);
    // The value lands inside a JSON string.
    return JSON.stringify(text(values[name], `${at} substitution ${name}`)).slice(1, -1);
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  return unused.length > 0 ? refuse(`${at}.DefinitionSubstitutions`, `nothing uses ${unused.join(", ")}`) : answer;
}

// From a synthesised cloud assembly to the typed inventory that the rest of the local platform reads.
import { readAssembly } from "./assembly.ts";
import { keys, queues, secretGeneration, secrets, tables } from "./data.ts";
import { distribution } from "./distribution.ts";
import { eventSources, functions, schedules } from "./functions.ts";
import { httpApi } from "./http-api.ts";
import type { Inventory, SecretGeneration } from "./inventory.ts";
import { roles } from "./policies.ts";
import { createResolver } from "./resolver.ts";
import { readResources } from "./resources.ts";
import { optionalRecord, record, refuse } from "./shape.ts";
import { buckets } from "./site.ts";
import { stateMachines } from "./state-machines.ts";

export interface LoadOptions {
  /** Folder that synthesis wrote: `cdk.out`. */
  readonly assemblyDir: string;
  /** Needed only when the assembly holds several stacks. */
  readonly stackName?: string;
  /** Values of the template's parameters. One that the template does not declare is an error, one without value or default too. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Text of a generated secret by its logical id, for `{{resolve:secretsmanager:…}}`: `openSecrets(dataDir).valueOf`. */
  readonly secretValue?: (logicalId: string, generate: SecretGeneration) => string;
}

/** Throws `UnsupportedTemplate`, naming the place, on anything the local platform would do differently from the cloud. */
export function loadTemplate({ assemblyDir, stackName, parameters, secretValue }: LoadOptions): Inventory {
  const assembly = readAssembly(assemblyDir, stackName);
  for (const section of ["Transform", "Mappings"]) if (section in assembly.template) refuse(section, "this section is not supported locally");
  const resolver = createResolver({
    template: assembly.template,
    stackName: assembly.stackName,
    parameters,
    secretValue: (id) => {
      const source = record(record(assembly.template.Resources, "Resources")[id], id);
      const generate = secretGeneration(optionalRecord(source.Properties, id), id);
      return secretValue ? secretValue(id, generate) : refuse(id, "a reference to its value needs `secretValue`");
    },
  });
  const resources = readResources(assembly, resolver);
  return {
    templateHash: assembly.templateHash,
    stackName: assembly.stackName,
    roles: roles(resources),
    tables: tables(resources),
    queues: queues(resources),
    functions: functions(resources),
    api: httpApi(resources),
    distribution: distribution(resources),
    buckets: buckets(resources),
    stateMachines: stateMachines(resources),
    schedules: schedules(resources),
    eventSources: eventSources(resources),
    secrets: secrets(resources),
    keys: keys(resources),
    cloudOnly: resources.cloudOnly,
  };
}

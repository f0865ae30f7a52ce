import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { documents, staleness } from "../../docs/generate.ts";
import { openApi } from "../../docs/generators/openapi.ts";
import { componentsFrom } from "../../docs/generators/schemas.ts";
import { entities } from "../../functions/entities.ts";
import { routesOf } from "../../functions/routes.ts";
import { problems } from "../../platform/contract/problem.ts";
import { route } from "../../platform/contract/route.ts";

const written = await documents();

describe("the generated documents", () => {
  it.each(Object.keys(written))("%s says what the code says", (path) => {
    expect(staleness(readFileSync(path, "utf8"), written[path] ?? "")).toBeUndefined();
  });

  it("name the first line that differs", () => {
    expect(staleness("one\ntwo\n", "one\n2\n")).toBe("is stale from line 2 on\n- two\n+ 2");
    expect(staleness("one\n", "one\ntwo\n")).toContain("line 2");
    expect(staleness(undefined, "one\n")).toBe("is missing");
  });

  it("show every record and every problem", () => {
    for (const { name } of entities) expect(written["docs/table.md"]).toContain(`\n## ${name}\n`);
    for (const { errors } of Object.values(routesOf).flat()) {
      for (const code of Object.keys(errors)) expect(written["docs/errors.md"]).toContain(`\n## ${code}\n`);
    }
  });
});

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly security: readonly unknown[];
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

describe("docs/openapi.json", () => {
  const document = JSON.parse(written["docs/openapi.json"] ?? "") as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  it("has an operation for every route, each with an id of its own", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(
      Object.values(routesOf)
        .flat()
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("resolves every reference and uses every component", () => {
    const targets = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === "$ref") targets.add(inner as string);
        else walk(inner);
      }
    };
    walk(document);
    expect(targets.size).toBeGreaterThan(3);
    expect([...targets].sort()).toEqual(
      Object.keys(document.components.schemas)
        .map((name) => `#/components/schemas/${name}`)
        .sort(),
    );
  });

  it("requires each parameter of a path, and none that the path does not have", () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{[^}]+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
  });

  it("gives every operation one success, a description for each response, and problems by their media type", () => {
    for (const { operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(statuses.filter((status) => status.startsWith("2"))).toHaveLength(1);
      expect(statuses).toContain("500");
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description).toBeTruthy();
        if (Number(status) >= 400)
          expect(Object.keys(response.content ?? {})).toEqual([expect.stringMatching(/^(application\/problem\+json|text\/html)$/)]);
      }
    }
  });

  it("asks for the idempotency key where the route requires it, and shows how a form carries it", () => {
    const spec = route({
      id: "orderThing",
      method: "POST",
      path: "/api/things/{thing_id}",
      auth: "merchant",
      idempotency: "required",
      summary: "Order a thing",
      form: true,
      params: z.object({ thing_id: z.string() }),
      body: z.object({ colour: z.enum(["red", "green"]) }),
      ok: { status: 201, body: z.object({ id: z.string() }) },
      errors: problems({ sold: { status: 409, sentence: { en: "Sold.", fr: "Vendu.", zh: "已售。" } } }),
    });
    const { paths, components } = openApi({ things: [spec] }, "1.0.0") as unknown as Document & { components: { securitySchemes: object } };
    const operation = paths["/api/things/{thing_id}"]?.post as Operation & { requestBody: { content: object } };
    expect(operation.parameters).toContainEqual(expect.objectContaining({ name: "Idempotency-Key", in: "header", required: true }));
    expect(Object.keys(operation.requestBody.content)).toEqual(["application/json", "application/x-www-form-urlencoded"]);
    expect(operation.responses).toMatchObject({ "409": { description: "in_progress, sold" }, "422": { description: "key_reused" }, "303": {} });
    expect(operation.security).toEqual([{ merchant: [] }]);
    expect(components.securitySchemes).toHaveProperty("merchant");
  });

  it("refuses two schemas under one name", () => {
    const schemas = {};
    componentsFrom(z.object({ a: z.string().meta({ id: "PlantedName" }) }), schemas);
    expect(Object.keys(schemas)).toEqual(["PlantedName"]);
    z.globalRegistry.clear();
    expect(() => componentsFrom(z.object({ a: z.int().meta({ id: "PlantedName" }) }), schemas)).toThrow("PlantedName");
  });
});

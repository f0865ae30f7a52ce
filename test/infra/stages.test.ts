// What differs between the stages, and what must never be in production.
import { beforeAll, describe, expect, it } from "@jest/globals";
import { refuseSimulators, stagesOf } from "../../lib/stages.ts";
import { type Assembly, assembly, ofType, synthMsMax, type Template } from "./assembly.ts";

let built: Assembly;
beforeAll(() => {
  built = assembly();
}, synthMsMax);

const variablesOf = (template: Template): readonly (readonly [string, unknown])[] =>
  ofType(template, "AWS::Lambda::Function").flatMap(([, { Properties }]) => Object.entries<unknown>(Properties.Environment?.Variables ?? {}));

describe("production", () => {
  it("knows of no simulator: no parameter, no variable, no word", () => {
    expect(Object.keys(built.prod.Parameters).sort()).toEqual(["BootstrapVersion", "PublicOrigin"]);
    expect(variablesOf(built.prod).map(([name]) => name)).not.toContain("SIMULATED_PROVIDERS");
    expect(() => refuseSimulators("GigBridge-prod", JSON.stringify(built.prod))).not.toThrow();
  });

  it("refuses a template into which a simulator was planted", () => {
    const planted = structuredClone(built.prod);
    planted.Resources.OrdersFunction!.Properties.Environment.Variables.SIMULATED_PROVIDERS = "http://127.0.0.1:4101";
    expect(() => refuseSimulators("GigBridge-prod", JSON.stringify(planted))).toThrow("must not know of simulators");
    expect(() => refuseSimulators("GigBridge-dev", JSON.stringify(built.dev))).toThrow();
  });

  it("does not synthesise when somebody asks for simulated providers", () => {
    const asked = (context: Readonly<Record<string, string>>) => () => stagesOf({ tryGetContext: (key) => context[key] });
    expect(asked({ simulatedProviders: "http://127.0.0.1:4101" })).toThrow("production talks to the real providers");
    expect(asked({ stage: "prod", checkoutOrigin: "http://127.0.0.1:4101" })).toThrow("production talks to the real providers");
    expect(asked({ stage: "dev", simulatedProviders: "http://127.0.0.1:4101" })).not.toThrow();
    expect(asked({ stage: "production" })).toThrow("Unknown stage");
  });

  it("sends buyers to Stripe's checkout and takes an https origin alone", () => {
    const checkout = variablesOf(built.prod).filter(([name]) => name === "CHECKOUT_ORIGIN");
    expect(checkout.length).toBeGreaterThan(0);
    expect(new Set(checkout.map(([, value]) => value))).toEqual(new Set(["https://checkout.stripe.com"]));
    const pattern = new RegExp(built.prod.Parameters.PublicOrigin.AllowedPattern);
    expect(pattern.test("https://d111111abcdef8.cloudfront.net")).toBe(true);
    expect(pattern.test("http://d111111abcdef8.cloudfront.net")).toBe(false);
    expect(pattern.test("https://d111111abcdef8.cloudfront.net/")).toBe(false);
  });

  it("keeps its data when the stack goes", () => {
    for (const id of ["Table", "Key", "LinkSecret", "OriginSecret"]) expect([id, built.prod.Resources[id]?.DeletionPolicy]).toEqual([id, "Retain"]);
    expect(built.prod.Resources.Table?.Properties.DeletionProtectionEnabled).toBe(true);
    expect(built.dev.Resources.Table?.DeletionPolicy).toBe("Delete");
  });
});

describe("dev", () => {
  it("takes simulated providers as parameters, empty unless somebody sets them", () => {
    expect(built.dev.Parameters.SimulatedProviders.Default).toBe("");
    expect(built.dev.Parameters.CheckoutOrigin.Default).toBe("https://checkout.stripe.com");
    expect(variablesOf(built.dev)).toContainEqual(["SIMULATED_PROVIDERS", { Ref: "SimulatedProviders" }]);
  });

  it("is production but for simulators, retention and names", () => {
    expect(Object.keys(built.dev.Resources).filter((id) => !/[0-9A-F]{8}$/.test(id))).toEqual(
      Object.keys(built.prod.Resources).filter((id) => !/[0-9A-F]{8}$/.test(id)),
    );
  });
});

describe("both stages", () => {
  it("hold no provider's key in any variable", () => {
    for (const template of [built.dev, built.prod]) {
      const variables = variablesOf(template);
      expect(variables.length).toBeGreaterThan(40);
      for (const [name, value] of variables) {
        expect(name).not.toMatch(/KEY$|TOKEN|PASSWORD|STRIPE|TWILIO|ADYEN|(?<!_)SECRET$/);
        expect(JSON.stringify(value)).not.toMatch(/\b[sr]k_(live|test)_|whsec_|resolve:/);
      }
    }
  });

  it("keep the table encrypted with our key, recoverable, streamed, and with two sparse indexes of keys: one for the sweep, one for the exceptions desk", () => {
    for (const template of [built.dev, built.prod]) {
      const table = template.Resources.Table?.Properties;
      expect(table.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: "KMS" });
      expect(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(table.StreamSpecification.StreamViewType).toBe("NEW_IMAGE");
      expect(table.TimeToLiveSpecification).toEqual({ AttributeName: "ttl", Enabled: true });
      expect(table.GlobalSecondaryIndexes.map((index: any) => [index.IndexName, index.Projection.ProjectionType])).toEqual([
        ["due", "KEYS_ONLY"],
        ["desk", "KEYS_ONLY"],
      ]);
    }
  });
});

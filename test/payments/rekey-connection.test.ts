import { describe, expect, it } from "@jest/globals";
import { openConnection } from "../../functions/payments/connection.ts";
import type { ProviderSecrets } from "../../functions/payments/provider.ts";
import { rekeyConnection } from "../../functions/payments/rekey-connection.ts";
import { openShop, operator } from "../support/shop.ts";

const api_key = "rk_test_another_87654321";

const opened = async (seed: string) => {
  const shop = await openShop(seed);
  const rekey = (over: Partial<{ merchant_id: string; api_key: string; connection_id: string }> = {}, key = "rekey-key-1") =>
    rekeyConnection({ body: { merchant_id: "lees", connection_id: shop.connection_id, api_key, ...over }, key, principal: operator }, shop.ports);
  const secretsOf = async (): Promise<ProviderSecrets | undefined> => {
    let seen: ProviderSecrets | undefined;
    await openConnection(
      {
        ...shop.ports,
        providers: (_connection, secrets) => {
          seen = secrets;
          return shop.provider;
        },
      },
      shop.connection_id,
    );
    return seen;
  };
  const connection = () => shop.of<{ id: string; key_ending: string; account: string; webhook_id?: string }>("CONNECTION")[0];
  return { shop, rekey, secretsOf, connection };
};

describe("a connection whose key was rolled or revoked", () => {
  it("takes another key of the same account, keeps its webhook's secret, and its orders live on (design 10.12)", async () => {
    const { shop, rekey, secretsOf, connection } = await opened("rekey");
    const { ref } = await shop.buy(1);
    const result = { connection_id: shop.connection_id };
    expect(await rekey()).toEqual({ kind: "ok", result });
    expect(await secretsOf()).toEqual({ api_key, signing_secret: "whsec_test" });
    expect([connection()?.key_ending, shop.provider.webhooks.length]).toEqual(["4321", 1]);
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
    expect(await rekey()).toEqual({ kind: "ok", result, repeated: true });
    expect(await rekey({ api_key: "rk_test_a_third_11111111" })).toMatchObject({ refusal: "key_reused" });
    const [operation] = shop.of<{ kind: string; details: object }>("OP").filter(({ kind }) => kind === "provider_rekeyed");
    expect(JSON.stringify(operation)).not.toContain(api_key);
    expect(operation?.details).toEqual({ provider: "stripe", key_ending: "4321" });
  });

  it.each([
    ["another merchant's connection", { merchant_id: "somebody-else" }, {}, "connection_unknown"],
    ["a connection that is not there", { connection_id: "nowhere" }, {}, "connection_unknown"],
    ["a key of the other mode", { api_key: "rk_live_another_87654321" }, {}, "key_mode_wrong"],
    ["a key that the provider refuses", {}, { probe: async () => ({ kind: "invalid" }) }, "key_invalid"],
    ["a key of another account", {}, { account: "acct_other" }, "account_differs"],
    ["a key that names no account, where our webhook is not", {}, { account: "", webhooks: [] }, "account_differs"],
    ["a provider that does not say", {}, { hasWebhook: async () => "unknown" }, "provider_down"],
  ] as const)("refuses %s and changes nothing", async (_what, over, provider, refusal) => {
    const { shop, rekey } = await opened(`refused ${refusal}`);
    Object.assign(shop.provider, provider);
    const before = shop.digest();
    expect(await rekey(over)).toEqual({ kind: "refused", refusal });
    expect(shop.digest()).toBe(before);
  });

  it("is known by its webhook where the key may not name its account", async () => {
    const { shop, rekey, secretsOf, connection } = await opened("nameless");
    shop.provider.account = "";
    expect(await rekey()).toMatchObject({ kind: "ok" });
    expect([await secretsOf(), connection()?.account]).toEqual([{ api_key, signing_secret: "whsec_test" }, "acct_test"]);
  });

  it("is sent events that it can verify after a try that broke off beside a new webhook, whatever the key says of its account", async () => {
    const { shop, rekey, secretsOf, connection } = await opened("broken off");
    shop.provider.webhooks = [];
    const kept = shop.provider.registerWebhook;
    shop.provider.registerWebhook = async (url) => {
      await kept.call(shop.provider, url);
      throw new Error("the function was cut off");
    };
    await expect(rekey()).rejects.toThrow("cut off");
    shop.provider.registerWebhook = kept;
    shop.provider.account = "";
    expect(await rekey()).toMatchObject({ kind: "ok" });
    const [webhook] = shop.provider.webhooks;
    expect([connection()?.webhook_id, await secretsOf()]).toEqual([webhook?.id, { api_key, signing_secret: "whsec_test_3" }]);
  });

  it("gets its webhook back where somebody had taken it away at the provider", async () => {
    const { shop, rekey } = await opened("no webhook");
    shop.provider.webhooks = [];
    expect(await rekey()).toMatchObject({ kind: "ok" });
    expect(shop.provider.webhooks).toHaveLength(1);
  });

  it("is given one key when two people try at once", async () => {
    const { rekey, connection } = await opened("two at once");
    const answers = await Promise.all([rekey({}, "key-of-one-person"), rekey({ api_key: "rk_test_a_third_11111111" }, "key-of-another")]);
    const [refused] = answers.filter(({ kind }) => kind === "refused");
    expect([answers.filter(({ kind }) => kind === "ok").length, refused]).toEqual([1, { kind: "refused", refusal: "key_moved" }]);
    expect(["4321", "1111"]).toContain(connection()?.key_ending);
  });
});

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "@jest/globals";
import { brisk, patient } from "../../functions/payments/providers/all.ts";
import { type Patience, stripeProvider } from "../../functions/payments/providers/stripe/calls.ts";
import { functionList } from "../../lib/function-list.ts";

/** Most that one call can take: each try its timeout, and the SDK's pauses between tries. */
const secondsOf = ({ milliseconds, retries }: Patience): number => (milliseconds * (retries + 1)) / 1000 + retries * 2;

it("no function that somebody waits for asks a provider longer than it may run, less a second (R20)", () => {
  const asking = functionList
    .filter(({ trigger }) => trigger === "http")
    .flatMap(({ id, entry, timeoutSeconds }) => {
      const [, name] = /providersOf\(.*, (brisk|patient)\)/.exec(readFileSync(entry, "utf8")) ?? [];
      return name ? [{ id, name, left: timeoutSeconds - secondsOf(name === "brisk" ? brisk : patient) }] : [];
    });
  expect(asking.map(({ id, name }) => `${id} ${name}`).sort()).toEqual(["orders patient", "payments-webhook brisk"]);
  for (const { left } of asking) expect(left).toBeGreaterThanOrEqual(1);
  // An event's receipt leaves most of its time to storing and starting.
  expect(asking.find(({ id }) => id === "payments-webhook")?.left).toBeGreaterThanOrEqual(10);
});

it("a command that asks a provider many times in a row asks briskly: all of it fits its time, and its person repeats it (R20)", () => {
  const connect = functionList.find(({ id }) => id === "payments-operator");
  const asked = readFileSync("functions/payments/providers/stripe/calls.ts", "utf8").match(/=> stripe\.|await stripe\.|of stripe\./g) ?? [];
  expect(readFileSync(connect?.entry ?? "", "utf8")).toMatch(/providersOf\(simulator, brisk\)/);
  // More than the whole adapter can ask, each once.
  expect(asked.length).toBeGreaterThan(9);
  expect(asked.length * secondsOf(brisk)).toBeLessThanOrEqual((connect?.timeoutSeconds ?? 0) - 1);
});

it("a provider that hangs is asked once by the brisk, and its silence is no answer (R20)", async () => {
  let asked = 0;
  const silent = createServer(() => void asked++).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const provider = stripeProvider({ api_key: "rk_test_1", signing_secret: "" }, address, { ...brisk, milliseconds: 50 });
  const refund = { provider_key: "k", refund_id: "r", intent_id: "pi_1", amount: 1, merchant_id: "m", order_id: "o" };
  const questions = [
    () => provider.lookUp("cs_1"),
    () => provider.closeCheckout("cs_1"),
    () => provider.refund(refund),
    () => provider.lookUpRefund("re_1"),
    () => provider.recoverRefund(refund),
    () => provider.lookUpDisputes("pi_1"),
    () => provider.lookUpOwner("pi_1"),
  ];
  for (const [n, question] of questions.entries()) expect([await question(), asked]).toEqual([{ kind: "unknown" }, n + 1]);
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

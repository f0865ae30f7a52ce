import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type Rig, rig } from "./fixture.ts";

let current: Rig | undefined;
const start = (...args: Parameters<typeof rig>): Rig => {
  current = rig(...args);
  return current;
};
afterEach(async () => {
  await current?.close();
  current = undefined;
});
const eventually = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(10);
};

describe("an invocation", () => {
  it("passes JSON in and out, nothing more", async () => {
    const { functions } = start({ echo: "exports.handler = async (event) => ({ event, gone: undefined, at: new Date(0) })" });
    expect(await functions.invoke("echo", { a: [1, "é"], b: undefined })).toEqual({
      ok: true,
      payload: { event: { a: [1, "é"] }, at: "1970-01-01T00:00:00.000Z" },
    });
  });

  it("answers null where the handler returns nothing", async () => {
    const { functions } = start({ quiet: "exports.handler = async () => {}" });
    expect(await functions.invoke("quiet", {})).toEqual({ ok: true, payload: null });
  });

  it("sees its own environment and nothing of the host's", async () => {
    process.env.HOST_SECRET = "seen";
    const { functions } = start({ env: "exports.handler = async () => process.env" });
    const answer = await functions.invoke("env", {});
    delete process.env.HOST_SECRET;
    const env = (answer as { payload: Record<string, string> }).payload;
    expect(env).toMatchObject({ OWN: "of env", AWS_REGION: "ca-central-1", _HANDLER: "index.handler", AWS_CONFIG_FILE: "/dev/null" });
    for (const foreign of ["HOST_SECRET", "PATH", "HOME"]) expect(env).not.toHaveProperty(foreign);
  });

  it("gets a context with request id, name, ARN and the time that is left", async () => {
    const { functions } = start({
      ctx: "exports.handler = async (_, c) => ({ id: c.awsRequestId, name: c.functionName, arn: c.invokedFunctionArn, left: c.getRemainingTimeInMillis() })",
    });
    const { payload } = (await functions.invoke("ctx", {})) as { payload: { id: string; name: string; arn: string; left: number } };
    expect(payload.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload.name).toBe("gigbridge-dev-ctx");
    expect(payload.arn).toBe("arn:aws:lambda:ca-central-1:000000000000:function:ctx");
    expect(payload.left).toBeGreaterThan(0);
    expect(payload.left).toBeLessThanOrEqual(5_000);
  });

  it("of a function that is not there is an error, not a throw", async () => {
    const { functions } = start({});
    expect(await functions.invoke("nobody", {})).toMatchObject({ ok: false, errorType: "ResourceNotFoundException" });
  });
});

describe("a failing function answers in Lambda's error shape", () => {
  it.each([
    ["throws", "exports.handler = async () => { throw new TypeError('no') }", { ok: false, errorType: "TypeError", errorMessage: "no" }],
    [
      "throws a named error",
      "exports.handler = async () => { throw Object.assign(new Error('later'), { name: 'NotPaidYet' }) }",
      { ok: false, errorType: "NotPaidYet", errorMessage: "later" },
    ],
    ["throws before it awaits", "exports.handler = () => { throw new Error('at once') }", { ok: false, errorType: "Error", errorMessage: "at once" }],
    ["throws no error", "exports.handler = async () => { throw 'text' }", { ok: false, errorType: "Error", errorMessage: "text" }],
    ["cannot be loaded", "throw new Error('broken bundle')", { ok: false, errorType: "Runtime.ImportModuleError", errorMessage: "broken bundle" }],
    ["has no handler", "exports.other = 1", { ok: false, errorType: "Runtime.HandlerNotFound" }],
    ["ends its process", "exports.handler = async () => process.exit(3)", { ok: false, errorType: "Runtime.ExitError" }],
  ])("%s", async (_what, source, error) => {
    const { functions, lines } = start({ f: source });
    expect(await functions.invoke("f", {})).toMatchObject(error);
    expect(lines.some((line) => line.startsWith("gigbridge-dev-f ERROR"))).toBe(true);
  });

  it("and serves the next invocation with a fresh copy after it was ended at its time limit", async () => {
    const { functions } = start({ slow: "exports.handler = async (e) => e.hang ? new Promise(() => {}) : 'fine'" }, { timeoutSeconds: 0.2 });
    expect(await functions.invoke("slow", { hang: true })).toMatchObject({
      ok: false,
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringContaining("Task timed out after 0.20 seconds"),
    });
    expect(await functions.invoke("slow", {})).toEqual({ ok: true, payload: "fine" });
  });

  it("even one that never lets go of the processor is ended", async () => {
    const { functions } = start({ spin: "exports.handler = async () => { for (;;) {} }" }, { timeoutSeconds: 0.2 });
    expect(await functions.invoke("spin", {})).toMatchObject({ ok: false, errorType: "Sandbox.Timedout" });
  });

  it("one that outgrows its memory takes only itself down", async () => {
    const { functions } = start(
      { big: "exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill('x'.repeat(10))) }" },
      { memoryMb: 64 },
    );
    expect(await functions.invoke("big", {})).toMatchObject({ ok: false, errorType: "Runtime.OutOfMemory" });
  });

  it("refuses a request and a response beyond 6 MB", async () => {
    const { functions } = start({ large: "exports.handler = async () => 'x'.repeat(7e6)" });
    expect(await functions.invoke("large", {})).toMatchObject({ ok: false, errorType: "Function.ResponseSizeTooLarge" });
    expect(await functions.invoke("large", "x".repeat(7e6))).toMatchObject({ ok: false, errorType: "RequestTooLargeException" });
  });
});

describe("copies of a function", () => {
  const counting =
    "let running = 0; let most = 0; exports.handler = async () => { most = Math.max(most, ++running); await new Promise((r) => setTimeout(r, 20)); running--; return { most, copy: (globalThis.copy ??= Math.random()) } }";

  it("run one invocation at a time each, and no more than four of them behind HTTP", async () => {
    const { functions } = start({ f: counting }, {}, ["f"]);
    const answers = await Promise.all(Array.from({ length: 12 }, () => functions.invoke("f", {})));
    const payloads = answers.map((answer) => (answer as { payload: { most: number; copy: number } }).payload);
    expect(payloads.every(({ most }) => most === 1)).toBe(true);
    expect(new Set(payloads.map(({ copy }) => copy)).size).toBeLessThanOrEqual(4);
  });

  it("keep what a module remembers between invocations, and go when nobody needs them", async () => {
    const { functions } = start({ f: "let n = 0; exports.handler = async () => ++n" });
    await functions.invoke("f", {});
    expect(await functions.invoke("f", {})).toEqual({ ok: true, payload: 2 });
    await eventually(() => functions.report()[0]?.copies === 0);
    expect(await functions.invoke("f", {})).toEqual({ ok: true, payload: 1 });
  });

  it("end with the host: what runs is cut, what waits is refused, nothing hangs", async () => {
    const { functions } = start({ f: "exports.handler = () => new Promise(() => {})" });
    const running = Array.from({ length: 5 }, () => functions.invoke("f", {}));
    await pause(100);
    await functions.close();
    for (const answer of await Promise.all(running)) expect(answer.ok).toBe(false);
    expect(await functions.invoke("f", {})).toMatchObject({ ok: false });
  });
});

it("what a function prints is logged under its name", async () => {
  const { functions, lines } = start({ f: "exports.handler = async () => { console.log('one'); process.stderr.write('two\\n') }" });
  await functions.invoke("f", {});
  await eventually(() => lines.length >= 2);
  expect(lines).toEqual(expect.arrayContaining(["gigbridge-dev-f one", "gigbridge-dev-f two"]));
});

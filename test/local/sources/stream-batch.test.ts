import { describe, expect, it } from "@jest/globals";
import type { Invocation } from "../../../local/host.ts";
import { type BatchRules, deliverBatch, type StreamRecord } from "../../../local/sources/stream-batch.ts";

const record = (id: string): StreamRecord => ({ eventID: id, eventName: "INSERT", dynamodb: { SequenceNumber: id, ApproximateCreationDateTime: 0 } });
const records = (ids: string): StreamRecord[] => [...ids].map(record);
const ids = (batch: readonly StreamRecord[]): string => batch.map(({ eventID }) => eventID).join("");
const failure: Invocation = { ok: false, errorType: "Error", errorMessage: "no" };
const failing = (...names: string[]): Invocation => ({
  ok: true,
  payload: { batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })) },
});
const done: Invocation = { ok: true, payload: {} };

/** Delivers `abcd` to a handler and tells what it was given, what was given up, and the waits in between. */
async function deliver(rules: Partial<BatchRules>, handler: (batch: string, call: number) => Invocation) {
  const calls: string[] = [];
  const givenUp: { ids: string; tries: number }[] = [];
  let pauses = 0;
  await deliverBatch(
    records("abcd"),
    { reportBatchItemFailures: true, bisect: false, maximumRetryAttempts: 2, ...rules },
    {
      invoke: async (batch) => {
        calls.push(ids(batch));
        return handler(ids(batch), calls.length);
      },
      giveUp: async (batch, tries) => void givenUp.push({ ids: ids(batch), tries }),
      pause: async () => void pauses++,
    },
  );
  return { calls, givenUp, pauses };
}

describe("a batch of stream records", () => {
  it("is delivered once, in order, where nothing fails", async () => {
    expect(await deliver({}, () => done)).toEqual({ calls: ["abcd"], givenUp: [], pauses: 0 });
  });
  it("goes on from the first failure that the function names", async () => {
    const { calls, givenUp } = await deliver({}, (_batch, call) => (call === 1 ? failing("c", "d") : done));
    expect(calls).toEqual(["abcd", "cd"]);
    expect(givenUp).toEqual([]);
  });
  it("comes again whole after an error, with a wait before each retry", async () => {
    const { calls, pauses } = await deliver({}, (_batch, call) => (call < 3 ? failure : done));
    expect(calls).toEqual(["abcd", "abcd", "abcd"]);
    expect(pauses).toBe(2);
  });
  it("is given up once its retries are used, and no earlier", async () => {
    const { calls, givenUp } = await deliver({ maximumRetryAttempts: 2 }, () => failure);
    expect(calls).toEqual(["abcd", "abcd", "abcd"]);
    expect(givenUp).toEqual([{ ids: "abcd", tries: 3 }]);
  });
  it("without retries is given up at the first failure, from the record that failed", async () => {
    const { givenUp } = await deliver({ maximumRetryAttempts: 0 }, () => failing("b"));
    expect(givenUp).toEqual([{ ids: "bcd", tries: 1 }]);
  });
  it("is split until the poisoned record stands alone; its neighbours get through", async () => {
    const { calls, givenUp } = await deliver({ bisect: true, maximumRetryAttempts: 3, reportBatchItemFailures: false }, (batch) =>
      batch.includes("c") ? failure : done,
    );
    expect(calls).toEqual(["abcd", "ab", "cd", "c", "c", "d"]);
    expect(givenUp).toEqual([{ ids: "c", tries: 4 }]);
  });
  it("with retries for ever is never given up", async () => {
    const { calls, givenUp } = await deliver({ maximumRetryAttempts: -1 }, (_batch, call) => (call < 20 ? failure : done));
    expect(calls).toHaveLength(20);
    expect(givenUp).toEqual([]);
  });
  it("counts an answer that names an unknown record as a failure of all", async () => {
    const { calls } = await deliver({}, (_batch, call) => (call === 1 ? failing("z") : done));
    expect(calls).toEqual(["abcd", "abcd"]);
  });
  it("takes any answer for success where partial failures are not asked for", async () => {
    expect((await deliver({ reportBatchItemFailures: false }, () => failing("a"))).calls).toEqual(["abcd"]);
  });
  it("stops, giving nothing up, when the wait is cut by the end of the host", async () => {
    const stopped = deliverBatch(
      records("a"),
      { reportBatchItemFailures: true, bisect: false, maximumRetryAttempts: 5 },
      {
        invoke: async () => failure,
        giveUp: () => Promise.reject(new Error("must not be given up")),
        pause: () => Promise.reject(new Error("stopped")),
      },
    );
    await expect(stopped).rejects.toThrow("stopped");
  });
});

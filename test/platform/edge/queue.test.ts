import { describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { queueEntry } from "../../../platform/edge/queue.ts";

const Told = z.strictObject({ name: z.string() });
const messages = (...bodies: readonly string[]) => ({ Records: bodies.map((body, place) => ({ messageId: `m${place}`, body })) });
const named = (name: string): string => JSON.stringify({ name });

interface Line {
  readonly level: string;
  readonly event: string;
  readonly fields: object;
}
function consumer(refuses = "") {
  const [handled, lines]: [string[], Line[]] = [[], []];
  const entry = queueEntry(
    Told,
    (level, event, fields) => lines.push({ level, event, fields: fields ?? {} }),
    async ({ name }) => {
      if (name === refuses) throw new Error("not now");
      handled.push(name);
    },
  );
  return { entry, handled, lines };
}

describe("a batch of messages", () => {
  it.each([
    ["is no JSON", "LW60-0001"],
    ["is of another shape", JSON.stringify({ serial: "LW60-0001" })],
    ["fails its handler", named("poison")],
  ])("gives back the one that %s, and handles its neighbours (I36)", async (_what, poison) => {
    const { entry, handled, lines } = consumer("poison");
    expect(await entry(messages(named("first"), poison, named("last")))).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
    expect(handled).toEqual(["first", "last"]);
    expect(lines).toEqual([{ level: "warn", event: "message_failed", fields: expect.objectContaining({ event_id: "m1" }) }]);
    expect(JSON.stringify(lines)).not.toContain("LW60-0001");
  });

  it("gives nothing back when all were handled", async () => {
    const { entry, handled } = consumer();
    expect(await entry(messages(named("first"), named("last")))).toEqual({ batchItemFailures: [] });
    expect(handled).toEqual(["first", "last"]);
  });
});

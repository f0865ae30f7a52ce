import { describe, expect, it } from "@jest/globals";
import { recordFilter } from "../../../local/sources/filter.ts";

const insert = (pk: string) => ({ eventName: "INSERT", dynamodb: { Keys: { pk: { S: pk } }, NewImage: { tags: ["a", "b"], n: 1 } } });
const outbox = recordFilter([{ eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "OP#" }] } } } }]);

describe("a filter pattern", () => {
  it("passes what fits every key, by value and by prefix", () => {
    expect(outbox(insert("OP#1"))).toBe(true);
    expect(outbox(insert("ORDER#1"))).toBe(false);
    expect(outbox({ ...insert("OP#1"), eventName: "MODIFY" })).toBe(false);
    expect(outbox({ eventName: "INSERT" })).toBe(false);
  });
  it("passes everything where there is none, and either of several", () => {
    expect(recordFilter([])(insert("X"))).toBe(true);
    const either = recordFilter([{ eventName: ["REMOVE"] }, { eventName: ["INSERT", "MODIFY"] }]);
    expect([insert("X"), { eventName: "REMOVE" }, { eventName: "OTHER" }].map(either)).toEqual([true, true, false]);
  });
  it("knows exists, anything-but, suffix and lists in the record", () => {
    const pass = (condition: unknown) => recordFilter([{ dynamodb: { NewImage: { tags: [condition] } } }])(insert("X"));
    expect(pass("b")).toBe(true);
    expect(pass({ exists: true })).toBe(true);
    expect(pass({ "anything-but": ["a", "b"] })).toBe(false);
    expect(recordFilter([{ dynamodb: { NewImage: { gone: [{ exists: false }] } } }])(insert("X"))).toBe(true);
    expect(recordFilter([{ eventName: [{ suffix: "ERT" }] }])(insert("X"))).toBe(true);
  });
  it("refuses at once what it would judge differently from the cloud", () => {
    expect(() => recordFilter([{ dynamodb: { n: [{ numeric: [">", 1] }] } }])).toThrow(/dynamodb\.n.*numeric/);
    expect(() => recordFilter([{ eventName: "INSERT" } as never])).toThrow("eventName");
  });
});

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { memoryStore } from "../../../local/simulators/store/memory.ts";
import { sqliteStore } from "../../../local/simulators/store/sqlite.ts";
import { type Kind, kind, type Store } from "../../../local/simulators/store/store.ts";

const note: Kind<{ text: string }> = kind("note");
const other: Kind<{ text: string }> = kind("other");

const stores: readonly [string, () => Store][] = [
  ["memory", memoryStore],
  ["SQLite", () => sqliteStore(join(mkdtempSync(join(tmpdir(), "store-")), "store.sqlite"))],
];

describe.each(stores)("the store in %s", (_, open) => {
  it("gives back copies, by kind and id", () => {
    const store = open();
    store.put(note, "a", { text: "one" });
    const read = store.get(note, "a");
    if (read) read.text = "changed outside";
    expect(store.get(note, "a")).toEqual({ text: "one" });
    expect(store.get(other, "a")).toBeUndefined();
    store.erase(note, "a");
    expect(store.get(note, "a")).toBeUndefined();
  });

  it("undoes a transaction that fails, wholly, indexes too", () => {
    const store = open();
    store.put(note, "a", { text: "one" }, { by: "x", due: 5 });
    const work = (): void =>
      store.transaction(() => {
        store.put(note, "a", { text: "two" }, { by: "y" });
        store.put(note, "b", { text: "new" });
        store.transaction(() => store.erase(note, "a"));
        throw new Error("no");
      });
    expect(work).toThrow("no");
    expect(store.get(note, "a")).toEqual({ text: "one" });
    expect(store.get(note, "b")).toBeUndefined();
    expect(store.newest(note, { limit: 9, by: "x" })).toHaveLength(1);
    expect(store.nextDue(note)).toBe(5);
  });

  it("lists newest first by first put, by key and before a cursor", () => {
    const store = open();
    for (const [id, by] of [
      ["a", "x"],
      ["b", "y"],
      ["c", "x"],
      ["d", "x"],
    ] as const)
      store.put(note, id, { text: id }, { by });
    store.put(note, "a", { text: "a again" }, { by: "x" });
    const texts = (query: Parameters<Store["newest"]>[1]): string[] => store.newest(note, query).map(({ text }) => text);
    expect(texts({ limit: 9 })).toEqual(["d", "c", "b", "a again"]);
    expect(texts({ limit: 2, by: "x" })).toEqual(["d", "c"]);
    expect(texts({ limit: 9, by: "x", before: "d" })).toEqual(["c", "a again"]);
    expect(texts({ limit: 9, before: "nobody" })).toEqual([]);
  });

  it("finds what is due, the earliest first, and nothing whose due was taken away", () => {
    const store = open();
    for (const [id, due] of [
      ["late", 30],
      ["soon", 10],
      ["same", 10],
      ["never", undefined],
    ] as const)
      store.put(note, id, { text: id }, { due });
    expect(store.nextDue(note)).toBe(10);
    expect(store.due(note, 9, 9)).toEqual([]);
    expect(store.due(note, 30, 9).map(({ text }) => text)).toEqual(["soon", "same", "late"]);
    store.put(note, "soon", { text: "soon" });
    expect(store.due(note, 30, 1).map(({ text }) => text)).toEqual(["same"]);
    expect(store.nextDue(other)).toBeUndefined();
  });
});

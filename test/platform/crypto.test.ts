import { describe, expect, it } from "@jest/globals";
import { instant, plusMinutes } from "../../platform/clock/clock.ts";
import { keepingKeys, keptMinutes } from "../../platform/crypto/kept-keys.ts";
import { sameSecret, sealerOf } from "../../platform/crypto/sealer.ts";
import { canonicalJson, contentHash, hashId, keyedHash } from "../../platform/ids/ids.ts";
import { memoryKeys } from "../support/shop.ts";

describe("sealing (TH15)", () => {
  it("opens what it sealed, and nothing of the text shows in what is stored", async () => {
    const sealer = sealerOf(memoryKeys());
    const [sealed] = await sealer.seal("connection", "c1", [{ name: "secrets", text: "rk_test_very_secret" }]);
    if (!sealed) throw new Error("nothing sealed");
    expect(JSON.stringify(sealed)).not.toContain("secret");
    expect(await sealer.open("connection", "secrets", sealed)).toBe("rk_test_very_secret");
  });

  it("does not open under another record, scope or purpose, nor after one flipped bit", async () => {
    const sealer = sealerOf(memoryKeys());
    const [sealed, other] = await sealer.seal("unit", "batch", [
      { name: "u1", text: "1234" },
      { name: "u2", text: "5678" },
    ]);
    if (!sealed || !other) throw new Error("nothing sealed");
    await expect(sealer.open("unit", "u2", sealed)).rejects.toThrow();
    await expect(sealer.open("unit", "u1", { ...sealed, scope: "other" })).rejects.toThrow();
    await expect(sealer.open("person", "u1", sealed)).rejects.toThrow();
    const bytes = Buffer.from(sealed.data, "base64url");
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    await expect(sealer.open("unit", "u1", { ...sealed, data: bytes.toString("base64url") })).rejects.toThrow();
    expect(await sealer.open("unit", "u2", other)).toBe("5678");
  });

  it("compares secrets of any length", () => {
    expect([sameSecret("abc", "abc"), sameSecret("abc", "abd"), sameSecret("abc", "ab"), sameSecret("", "")]).toEqual([true, false, false, true]);
  });
});

describe("kept keys", () => {
  it("are asked of KMS once in a while for a connection, each time for a person, and again after a refusal", async () => {
    let minutes = 0;
    let asked = 0;
    let refuses = true;
    const keys = keepingKeys(
      {
        generate: memoryKeys().generate,
        unwrap: async () => {
          asked++;
          if (refuses) throw new Error("AccessDenied");
          return new Uint8Array(32);
        },
      },
      { now: () => plusMinutes(instant(0), minutes) },
    );
    await expect(keys.unwrap("connection", "c1", "k")).rejects.toThrow("AccessDenied");
    refuses = false;
    for (let i = 0; i < 3; i++) await keys.unwrap("connection", "c1", "k");
    expect(asked).toBe(2);
    await keys.unwrap("connection", "c2", "k");
    expect(asked).toBe(3);
    minutes = keptMinutes;
    await keys.unwrap("connection", "c1", "k");
    expect(asked).toBe(4);
    for (let i = 0; i < 3; i++) await keys.unwrap("person", "p1", "k");
    expect(asked).toBe(7);
  });
});

describe("derived ids", () => {
  it("do not run parts together: different parts, different id", () => {
    expect(hashId("a", "bc")).not.toBe(hashId("ab", "c"));
    expect(hashId("a")).toMatch(/^[0-9a-z]{16}$/);
    expect(keyedHash("k1", "a")).not.toBe(keyedHash("k2", "a"));
  });

  it("see one content in two spellings", () => {
    expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
    expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: "1" }));
  });
});

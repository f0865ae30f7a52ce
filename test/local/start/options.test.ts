import { describe, expect, it } from "@jest/globals";
import { parseOptions } from "../../../local/options.ts";

const parsed = (...args: string[]) => parseOptions(args, "/repo");

describe("the options of npm start", () => {
  it("have defaults that need no thought", () => {
    expect(parsed()).toEqual({
      ok: true,
      options: { port: 4100, dataDir: "/repo/.data", reset: false, lan: false, json: false, verbose: false, help: false },
    });
  });
  it("take values apart or after an equals sign", () => {
    const expected = { ok: true, options: expect.objectContaining({ port: 4200, dataDir: "/tmp/d", json: true, reset: true }) };
    expect(parsed("--port", "4200", "--data", "/tmp/d", "--json", "--reset")).toEqual(expected);
    expect(parsed("--port=4200", "--data=/tmp/d", "--json", "--reset")).toEqual(expected);
  });
  it.each([
    [["--prot", "1"], '"--prot"'],
    [["4200"], '"4200"'],
    [["--port"], "--port needs a value"],
    [["--data", "--json"], "--data needs a value"],
    [["--port", "many"], '"many"'],
    [["--port", "65535"], '"65535"'],
    [["--port", "-1"], '"-1"'],
  ])("%j are refused in a sentence", (args, words) => {
    expect(parsed(...args)).toEqual({ ok: false, sentence: expect.stringContaining(words) });
  });
});

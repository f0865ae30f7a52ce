import { describe, expect, it } from "@jest/globals";
import type { State } from "../../local/workflow/definition.ts";
import { machineFiles, machineIn } from "./definitions.ts";

/** What each kind of state is called: work is a verb, a branch is a question, an end says where the matter now lies. */
const nameForms: Readonly<Record<State["Type"], RegExp>> = {
  Task: /^[A-Z][a-z]+(?<!ing|ed|ion|ment|Step|Task|State)( [a-z]+)*$/,
  Pass: /^[A-Z][a-z]+(?<!ing|ed|ion|ment|Step|Task|State)( [a-z]+)*$/,
  Wait: /^[A-Z][a-z]+(?<!ing|ed|ion|ment|Step|Task|State)( [a-z]+)*$/,
  Choice: /^[A-Z][a-z]+( [a-z]+)*\?$/,
  Succeed: /^[A-Z][a-z]*( [a-z]+){2,}$/,
  Fail: /^[A-Z][a-z]*( [a-z]+){2,}$/,
};

describe("state machines", () => {
  it("are all inside the declared subset, and there is at least one to check", () => {
    expect(machineFiles).toContain("fulfilment/fulfil-order.asl.json");
    for (const file of machineFiles) expect(() => machineIn(file)).not.toThrow();
  });

  describe.each(machineFiles)("%s", (file) => {
    const machine = machineIn(file);
    const states = Object.entries(machine.States);

    it("explains itself: the machine, each state, each Retry and Catch has a Comment", () => {
      const silent = states.flatMap(([name, state]) => [
        ...((state.Comment ?? "").length > 20 ? [] : [name]),
        ...(state.Type === "Task" ? [...(state.Retry ?? []), ...(state.Catch ?? [])] : [])
          .filter(({ Comment }) => (Comment ?? "").length <= 20)
          .map(({ ErrorEquals }) => `${name}: ${ErrorEquals.join()}`),
      ]);
      expect(silent).toEqual([]);
      expect((machine.Comment ?? "").length).toBeGreaterThan(20);
    });

    it("names work by a verb, a branch by a question and an end by a sentence", () => {
      expect(states.filter(([name, { Type }]) => !nameForms[Type].test(name)).map(([name]) => name)).toEqual([]);
    });

    it("names its functions only by substitution, so that no address is written in the file", () => {
      const targets = states.flatMap(([, state]) => (state.Type === "Task" ? [state.Arguments.FunctionName] : []));
      expect(targets.filter((target) => !/^\$\{[A-Z][A-Za-z]+FunctionArn\}$/.test(target))).toEqual([]);
    });
  });

  it.each([
    ["Task", "Confirming"],
    ["Task", "Confirmation"],
    ["Task", "SendStep"],
    ["Choice", "Settled"],
    ["Succeed", "Done"],
  ] as const)("would not let a %s be called %s", (type, name) => {
    expect(nameForms[type].test(name)).toBe(false);
  });
});

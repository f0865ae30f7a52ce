// What a log says of errors that were caught: a batch goes on, a sweep goes on, a webhook answers. Caught or not, a mistake is one.
import { isMistake } from "../mistakes.ts";
import type { Invariant } from "./books.ts";

const noMistakeHidden: Invariant = {
  id: "mistake",
  about: "no log tells of an error that nothing outside explains",
  quiet: (books) =>
    books.logLines.flatMap((line) => {
      const { event, error } = JSON.parse(line) as { readonly event: string; readonly error?: string };
      return error !== undefined && isMistake(error) ? [`${event}: ${error}`] : [];
    }),
};

export const mistakeInvariants: readonly Invariant[] = [noMistakeHidden];

// A refused plain form comes back with its problem's code in the address; only codes we know are said, never what an address claims.
import { commonProblems, type Language, type Problem } from "../../platform/contract/problem.ts";
import { orderProblems } from "../orders/contract.ts";

const known: Readonly<Record<string, Problem>> = { ...commonProblems, ...orderProblems };

export const problemSentence = (code: string | undefined, language: Language): { readonly code: string; readonly sentence: string } | undefined => {
  const problem = code !== undefined && Object.hasOwn(known, code) ? known[code] : undefined;
  return problem && code !== undefined ? { code, sentence: problem.sentence[language] } : undefined;
};

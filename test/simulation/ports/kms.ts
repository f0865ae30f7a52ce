// KMS: a data key is its own wrapping; only the turn it takes is real.
import { type Sealer, sealerOf } from "../../../platform/crypto/sealer.ts";
import type { Dice } from "../dice.ts";
import type { Scheduler } from "../scheduler.ts";

export const simulatedSealer = (scheduler: Scheduler, dice: Dice): Sealer => {
  const asked = async (what: string): Promise<void> => {
    if (!scheduler.current()) return;
    const fault = await scheduler.turn(what, ["crash_before", "refuse", "slow"]);
    if (fault === "refuse") throw new Error("ThrottlingException: KMS is busy");
  };
  const plain = new Map<string, string>();
  const real = sealerOf(
    {
      async generate(purpose) {
        await asked(`asks KMS for a key (${purpose})`);
        const plain = dice.bytes(32);
        return { plain, wrapped: Buffer.from(plain).toString("base64url") };
      },
      async unwrap(purpose, _scope, wrapped) {
        await asked(`asks KMS to unwrap a key (${purpose})`);
        return Buffer.from(wrapped, "base64url");
      },
    },
    () => dice.bytes(12),
  );
  return {
    seal: real.seal,
    /** What has opened once opens again: the turn is taken, the arithmetic is left out. */
    async open(purpose, name, sealed) {
      const proof = JSON.stringify([purpose, name, sealed.scope, sealed.key, sealed.data]);
      const known = plain.get(proof);
      if (known !== undefined) {
        await asked(`asks KMS to unwrap a key (${purpose})`);
        return known;
      }
      const text = await real.open(purpose, name, sealed);
      plain.set(proof, text);
      return text;
    },
  };
};

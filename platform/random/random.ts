// Randomness is a port, so that a simulation can replay it.
import { randomBytes } from "node:crypto";

export interface Random {
  /** Uniform in [0, 1). Not for secrets. */
  readonly number: () => number;
  /** Unpredictable text of 128 bits, base64url. */
  readonly secret: () => string;
}

export const systemRandom: Random = {
  number: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  secret: () => randomBytes(16).toString("base64url"),
};

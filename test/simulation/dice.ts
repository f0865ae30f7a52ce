// Chance from a seed: the same seed gives the same throws, for ever and on every machine.

export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(count: number): Uint8Array;
  /** A stream of its own: throws of one purpose do not move those of another. */
  fork(purpose: string): Dice;
}

/** 32 bits of a text (FNV-1a, mixed). */
const hashed = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
};

/** Small fast counter generator (sfc32). */
const generator = (seed: string): (() => number) => {
  let a = hashed(`${seed}.a`);
  let b = hashed(`${seed}.b`);
  let c = hashed(`${seed}.c`);
  let counter = 1;
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 12; warm += 1) draw();
  return draw;
};

export const diceOf = (seed: string): Dice => {
  const next = generator(seed);
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError("nothing to pick from");
      return list[below(list.length)] as T;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
    fork: (purpose) => diceOf(`${seed}/${purpose}`),
  };
};

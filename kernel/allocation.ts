// Allocation: giving one of N unique units to exactly one of many who want it at once. Replaces SELECT … FOR UPDATE SKIP LOCKED.
// A token item exists exactly while its unit is available; whoever deletes the token in the order's transaction has the unit.

/** A free unit as the pool shows it. */
export interface Token {
  readonly unit_id: string;
}

/** Where free units are read: a page of tokens in key order from a point, in one direction. Must be strongly consistent. */
export interface Pool<T extends Token> {
  page(from: string, descending: boolean, limit: number): Promise<readonly T[]>;
}

/** What an attempt to take particular units came to. `taken`: somebody else has one of them. */
export type Attempt<A> = { readonly kind: "taken" } | { readonly kind: "answered"; readonly answer: A };
export type Allocation<A> = { readonly kind: "answered"; readonly answer: A } | { readonly kind: "out_of_stock" } | { readonly kind: "busy" };

/** Attempts (transactions) before the buyer is asked to come back. */
export const attemptsMax = 8;
/** Tries on one page before it is read anew: more tries on a stale page mostly meet units that are gone. */
export const triesPerPage = 2;
/** Tokens read for a quantity. */
export const pageSize = (quantity: number): number => Math.max(10, 3 * quantity);

/** Token keys are uniform text over this alphabet (Crockford base 32, lower case). */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A place to start reading, and the direction in which at least half of the key space lies, so that a pool of any size rarely
 * needs a second query to wrap round.
 * @param random uniform in [0, 1)
 */
export const startingPoint = (random: () => number): { readonly from: string; readonly descending: boolean } => {
  let from = "";
  for (let i = 0; i < 6; i++) from += alphabet[Math.floor(random() * alphabet.length)];
  return { from, descending: from >= "g" };
};

/** Picks `quantity` different tokens of a page at random. Undefined when the page is too short. */
export const pick = <T>(page: readonly T[], quantity: number, random: () => number): readonly T[] | undefined => {
  if (page.length < quantity) return undefined;
  const rest = [...page];
  return Array.from({ length: quantity }, () => rest.splice(Math.floor(random() * rest.length), 1)[0] as T);
};

/**
 * Takes `quantity` units: reads a page from a random start, tries at most two random picks of it, reads again; wraps round before it
 * believes that the pool is empty. Attempts are bounded; sold out is said only on an empty (or too small) pool.
 * @param attempt tries to commit with these units, all or nothing
 */
export const takeUnits = async <T extends Token, A>(
  pool: Pool<T>,
  quantity: number,
  random: () => number,
  attempt: (tokens: readonly T[]) => Promise<Attempt<A>>,
): Promise<Allocation<A>> => {
  let attempts = 0;
  while (attempts < attemptsMax) {
    const page = await readPage(pool, quantity, random);
    if (page.length < quantity) return { kind: "out_of_stock" };
    let candidates = page;
    for (let tries = 0; tries < triesPerPage && attempts < attemptsMax; tries++) {
      const tokens = pick(candidates, quantity, random);
      if (!tokens) break;
      attempts++;
      const outcome = await attempt(tokens);
      if (outcome.kind === "answered") return outcome;
      candidates = candidates.filter((token) => !tokens.includes(token));
    }
  }
  return { kind: "busy" };
};

const readPage = async <T extends Token>(pool: Pool<T>, quantity: number, random: () => number): Promise<readonly T[]> => {
  const { from, descending } = startingPoint(random);
  const limit = pageSize(quantity);
  const page = await pool.page(from, descending, limit);
  if (page.length >= quantity) return page;
  const other = await pool.page(from, !descending, limit);
  const seen = new Set(page.map((token) => token.unit_id));
  return [...page, ...other.filter((token) => !seen.has(token.unit_id))];
};

// What is too long for one run is tried in parts: a part each day, so that all of it comes round.

/** One run in `every`, beginning at `part`. The parts from 0 to `every - 1` together are the whole. */
export interface Share {
  readonly every: number;
  readonly part: number;
}
export const whole: Share = { every: 1, part: 0 };

/** @param at place in the list of runs, from 0 */
export const isIn = ({ every, part }: Share, at: number): boolean => at % every === part % every;

/** The day's own part: of any number of parts the next one tomorrow. `SIMULATION_PART` says another. */
export const shareOfToday = (every: number): Share => {
  const day = Math.floor(Date.now() / 86_400_000);
  const part = Number(process.env.SIMULATION_PART ?? day);
  if (!Number.isSafeInteger(part) || part < 0) throw new RangeError("SIMULATION_PART takes a whole number");
  return { every, part: part % every };
};

/** What somebody says to see the same part again. */
export const nameOfShare = ({ every, part }: Share): string => (every === 1 ? "all" : `SIMULATION_PART=${part} of ${every}`);

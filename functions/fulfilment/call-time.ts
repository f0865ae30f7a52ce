// How long a step may go on asking a provider. Lambda ends a step in the middle of whatever it does, so no call begins that might not be over in time.
import { type Clock, epochMs } from "../../platform/clock/clock.ts";
import { brisk } from "../payments/index.ts";

/** What the function of a step may take in all. */
export const stepSecondsMax = 10;
/** Kept after a call: to write down what it said, and a second to spare (R20). */
const afterCallMilliseconds = 2_000;

/** Starts the step's time. The answer says whether another call to a provider may begin. */
export const callTime = (clock: Clock): (() => boolean) => {
  const end = epochMs(clock.now()) + stepSecondsMax * 1000;
  return () => epochMs(clock.now()) + brisk.milliseconds * (brisk.retries + 1) + afterCallMilliseconds <= end;
};

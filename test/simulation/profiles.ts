// Conditions a story runs under: how much goes wrong, which layers work at all, and what is promised all the same.

export interface Profile {
  readonly name: string;
  readonly about: string;
  /** Greatest share of steps that go wrong; each run has its own share up to this. */
  readonly faultRate: number;
  readonly webhooks: boolean;
  /** Starts of the workflow by the webhook. */
  readonly starts: boolean;
  readonly sweep: boolean;
  readonly outbox: boolean;
  /** Clocks are off by up to this many milliseconds, each function by its own. */
  readonly skewMs: number;
  /** Captured money ends with a paid order or one at the exceptions desk. */
  readonly settlesMoney: boolean;
  /** … and this long after it was captured at the latest, milliseconds. Where faults strike, no time is promised. */
  readonly answersWithinMs?: number;
  /** A hold is over this long after its end at the latest, milliseconds; only where nothing goes wrong. */
  readonly holdEndsWithinMs?: number;
  /** A paid order's text is tried at least once. */
  readonly triesText: boolean;
}

const whole: Profile = {
  name: "storm",
  about: "every layer works, everything goes wrong now and then",
  faultRate: 0.2,
  webhooks: true,
  starts: true,
  sweep: true,
  outbox: true,
  skewMs: 0,
  settlesMoney: true,
  triesText: true,
};

export const profiles: readonly Profile[] = [
  {
    ...whole,
    name: "calm",
    about: "nothing goes wrong; only the order of things is random",
    faultRate: 0,
    answersWithinMs: 5_000,
    holdEndsWithinMs: 120_000,
  },
  whole,
  { ...whole, name: "skew", about: "as storm, with clocks off by up to five seconds", skewMs: 5_000 },
  { ...whole, name: "webhooks-lost", about: "no event of the payment provider ever arrives", webhooks: false },
  {
    ...whole,
    name: "sweep-alone",
    about: "no event arrives and nothing else goes wrong: the sweep settles everything by itself",
    webhooks: false,
    faultRate: 0,
    answersWithinMs: 15 * 60_000,
    holdEndsWithinMs: 120_000,
  },
  { ...whole, name: "starts-fail", about: "the webhook can never start the workflow", starts: false },
  {
    ...whole,
    name: "sweep-off",
    about: "nothing looks again: what is lost stays lost, and still nothing wrong may happen",
    sweep: false,
    settlesMoney: false,
  },
  {
    ...whole,
    name: "webhook-alone",
    about: "no sweep and no fault: the webhook path settles everything by itself",
    sweep: false,
    faultRate: 0,
    answersWithinMs: 5_000,
  },
  { ...whole, name: "outbox-off", about: "no operation ever reaches the queue", outbox: false, triesText: false },
];

export const profileOf = (name: string): Profile => {
  const found = profiles.find((profile) => profile.name === name);
  if (!found) throw new RangeError(`no profile ${name}: ${profiles.map((profile) => profile.name).join(", ")}`);
  return found;
};

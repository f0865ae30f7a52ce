// A life is data: states, which may follow which, where it begins and where it ends. Late news never moves a life back.

export interface Lifecycle<S extends string> {
  readonly name: string;
  readonly initial: S;
  readonly next: Readonly<Record<S, readonly S[]>>;
}

/** Declares a life; throws RangeError if a state cannot be reached from the first one or leads to an unknown one. */
export const lifecycle = <const S extends string>(
  name: string,
  initial: NoInfer<S>,
  next: Readonly<Record<S, readonly NoInfer<S>[]>>,
): Lifecycle<S> => {
  const life: Lifecycle<S> = { name, initial, next };
  const unreachable = statesOf(life).filter((state) => !reachable(life).has(state));
  if (unreachable.length > 0) throw new RangeError(`${name}: nothing leads to ${unreachable.join(", ")}`);
  return life;
};

export const statesOf = <S extends string>(life: Lifecycle<S>): readonly S[] => Object.keys(life.next) as S[];

/** States from which nothing follows. */
export const terminal = <S extends string>(life: Lifecycle<S>): readonly S[] => statesOf(life).filter((state) => life.next[state].length === 0);

/** The states from which `to` may be entered: what the guard of the write must ask for. */
export const sourcesOf = <S extends string>(life: Lifecycle<S>, to: S): readonly S[] =>
  statesOf(life).filter((state) => life.next[state].includes(to));

const reachable = <S extends string>(life: Lifecycle<S>): ReadonlySet<S> => {
  const seen = new Set<S>();
  const open: S[] = [life.initial];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    const targets = life.next[state];
    if (!targets) throw new RangeError(`${life.name}: unknown state ${state}`);
    open.push(...targets);
  }
  return seen;
};

// Where the simulators keep their truth. The stateful cores know only this port, so that the same core runs over
// SQLite on the machine and over memory in the simulation. Records are plain JSON; what is read is a copy.

/** A kind of record. The name is stored; the type lives in the compiler alone. */
export interface Kind<T> {
  readonly name: string;
  readonly record?: T;
}

export const kind = <T>(name: string): Kind<T> => ({ name });

export interface Index {
  /** When something must happen to this record by itself, ms since the epoch. Absent: never. */
  readonly due?: number | undefined;
  /** One secondary key: the account, the phone number, the session. */
  readonly by?: string | undefined;
}

export interface Newest {
  readonly limit: number;
  readonly by?: string | undefined;
  /** Only records first put before this one (a cursor). */
  readonly before?: string | undefined;
}

export interface Store {
  /** All or nothing, durable when it returns. A nested transaction joins the outer one. */
  transaction<T>(work: () => T): T;
  get<T>(kind: Kind<T>, id: string): T | undefined;
  /** Puts the whole record and its index entries. A record keeps the place in time of its first put. */
  put<T>(kind: Kind<T>, id: string, record: T, index?: Index): void;
  erase<T>(kind: Kind<T>, id: string): void;
  /** Newest first, by first put. */
  newest<T>(kind: Kind<T>, query: Newest): T[];
  /** Records whose time has come: the earliest first, then by first put. */
  due<T>(kind: Kind<T>, at: number, limit: number): T[];
  /** The earliest due time of the kind, ms since the epoch. */
  nextDue<T>(kind: Kind<T>): number | undefined;
}

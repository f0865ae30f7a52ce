// What a reply means to a verb, for every engine alike: repeated, refused, try again, or read back and ask "was it me?".
import { type Engine, type Item, OutcomeUnknown, type PlainWrite, type Reason, type Reply, TableFault } from "./engine.ts";
import { type Outcome, TableBusy } from "./model.ts";
import { place } from "./request.ts";

export interface RetryPorts {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** @param ms milliseconds */
  readonly sleep: (ms: number) => Promise<void>;
}

const attemptsMax = 8;
const backoffBaseMs = 25;
const backoffCapMs = 1000;

/** Full jitter: anywhere between nothing and the doubled, capped backoff. */
const pause = (ports: RetryPorts, attempt: number): Promise<void> =>
  ports.sleep(Math.floor(ports.random() * Math.min(backoffCapMs, backoffBaseMs * 2 ** attempt)));

/** Not settled yet: the same again. `attempts`: how often the wire was used for it. */
export interface Again {
  readonly again: true;
  readonly attempts: number;
}
const isAgain = (answer: unknown): answer is Again => typeof answer === "object" && answer !== null && "again" in answer;

/**
 * Calls `step` until it answers something else than `Again`, pausing between. After 8 attempts, the SDK's own included, throws `TableBusy`,
 * unless a last look finds that an earlier attempt was carried out after all.
 */
export async function persist<T>(ports: RetryPorts, step: () => Promise<T | Again>, lastLook?: () => Promise<T | undefined>): Promise<T> {
  for (let spent = 0, pauses = 0; spent < attemptsMax; pauses += 1) {
    if (spent > 0) await pause(ports, pauses - 1);
    const answer = await step();
    if (!isAgain(answer)) return answer;
    spent += answer.attempts;
  }
  const found = await lastLook?.();
  if (found !== undefined) return found;
  throw new TableBusy(`the table was still busy after ${attemptsMax} attempts`);
}

/** Sends one transaction until its outcome is known. */
export function settleTransaction(
  engine: Engine,
  writes: readonly PlainWrite[],
  send: () => Promise<Reply>,
  ports: RetryPorts,
): Promise<Outcome<string>> {
  let mayHaveWon = false;
  const step = async (): Promise<Outcome<string> | Again> => {
    const reply = await send();
    if (reply.kind === "committed") return { kind: "committed" };
    if (reply.kind === "unknown") {
      const found = await provenRepeated(engine, writes);
      if (found) return found;
      throw new OutcomeUnknown(`the outcome of a transaction of ${writes.map(place).join(", ")} is unknown`, { cause: reply.cause });
    }
    mayHaveWon ||= reply.attempts > 1;
    const again: Again = { again: true, attempts: reply.attempts };
    // A failed condition is never our own doing here: the token makes a second attempt of a committed transaction a success.
    return reply.kind === "throttled" ? again : (judge(writes, reply.reasons) ?? again);
  };
  return persist(ports, step, async () => (mayHaveWon ? provenRepeated(engine, writes) : undefined));
}

/** Sends one guarded write until its outcome is known. */
export function settleWrite(engine: Engine, write: PlainWrite, send: () => Promise<Reply>, ports: RetryPorts): Promise<Outcome<string>> {
  // A failed condition may be the doing of our own earlier attempt, whose response was lost.
  let mayHaveWon = false;
  const step = async (): Promise<Outcome<string> | Again> => {
    const reply = await send();
    if (reply.kind === "committed") return { kind: "committed" };
    if (reply.kind === "unknown") {
      if (await wasItMe(engine, write)) return { kind: "committed" };
      throw new OutcomeUnknown(`the outcome of a write of ${place(write)} is unknown`, { cause: reply.cause });
    }
    mayHaveWon ||= reply.attempts > 1;
    const again: Again = { again: true, attempts: reply.attempts };
    if (reply.kind === "throttled") return again;
    const failed = reply.reasons.some((reason) => reason.code === "condition");
    if (failed && mayHaveWon && (await wasItMe(engine, write))) return { kind: "committed" };
    return judge([write], reply.reasons) ?? again;
  };
  return persist(ports, step, async () => (mayHaveWon && (await wasItMe(engine, write)) ? { kind: "committed" } : undefined));
}

/** The outcome that a cancelled request's reasons say; undefined: the same request again. */
function judge(writes: readonly PlainWrite[], reasons: readonly Reason[]): Outcome<string> | undefined {
  const failed = writes.map((write, at) => ({ write, at, reason: reasons[at] ?? { code: "none" as const } }));
  for (const { write, reason } of failed) {
    if (reason.code === "condition" && write.op === "create" && write.proof) return { kind: "repeated", operation: reason.item ?? {} };
  }
  for (const { write, reason } of failed) {
    if (reason.code === "invalid") throw new TableFault(`the table refuses a write of ${place(write)}: ${reason.message}`);
  }
  for (const { write, at, reason } of failed) {
    if (reason.code !== "condition" || write.refusal === undefined) continue;
    return { kind: "refused", refusal: write.refusal, at, ...(reason.item && { item: reason.item }) };
  }
  for (const { write, reason } of failed) {
    if (reason.code === "condition") throw new TableFault(`a guard without a refusal failed: ${write.op} of ${place(write)}`);
  }
  for (const { write, at, reason } of failed) {
    if (reason.code === "conflict" && write.contended && write.refusal !== undefined) return { kind: "refused", refusal: write.refusal, at };
  }
  return undefined;
}

/** After a lost response: the proof item stands if and only if the transaction was committed. */
async function provenRepeated(engine: Engine, writes: readonly PlainWrite[]): Promise<Outcome<string> | undefined> {
  const proof = writes.find((write) => write.op === "create" && write.proof);
  const operation = proof && (await engine.get(proof.key, true));
  return operation && { kind: "repeated", operation };
}

async function wasItMe(engine: Engine, write: PlainWrite): Promise<boolean> {
  return bearsTheMark(write, await engine.get(write.key, true));
}

/** Whether the stored item is as this write would have left it. */
function bearsTheMark(write: PlainWrite, stored: Item | undefined): boolean {
  if (write.op === "check") return false;
  if (write.op === "erase") return stored === undefined;
  if (stored === undefined) return false;
  const holds = (attributes: Item) => Object.entries(attributes).every(([name, value]) => same(stored[name], value));
  if (write.op === "create") return holds(write.item);
  const { set = {}, remove = [], include = {}, exclude = {} } = write.change;
  const has = (name: string, member: string) => stored[name] instanceof Set && (stored[name] as ReadonlySet<unknown>).has(member);
  return (
    holds(set) &&
    remove.every((name) => stored[name] === undefined) &&
    Object.entries(include).every(([name, member]) => has(name, member)) &&
    Object.entries(exclude).every(([name, member]) => !has(name, member))
  );
}

/** Deep equality of stored values. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Set || b instanceof Set) {
    return a instanceof Set && b instanceof Set && a.size === b.size && [...a].every((member) => b.has(member));
  }
  if (Array.isArray(a) !== Array.isArray(b) || a instanceof Uint8Array !== b instanceof Uint8Array) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same((a as Item)[name], (b as Item)[name]));
}

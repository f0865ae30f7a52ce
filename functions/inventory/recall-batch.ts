// A supplier calls a batch back. Units that nobody has paid for leave the sale chunk by chunk, free ones and those that are held, each chunk with its
// operation in one transaction, so that a run that broke off is finished by the same key. Units that buyers have are named, never touched.
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId, operations } from "../../platform/operation/operation.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { batches } from "./batch-table.ts";
import type * as contract from "./contract.ts";
import type { RetirePorts } from "./retire-unit.ts";
import { isOut, type Unit } from "./unit.ts";
import { callBackHeld, units, withdrawUnit } from "./unit-table.ts";

type Request = CommandRequest<typeof contract.recallBatch>;
type Assigned = { readonly unit_id: string; readonly order_id: string };
/** What one chunk came to: kept in its operation, which a repeat answers from. */
interface Chunk {
  readonly recalled: readonly string[];
  /** Called back out of a hold. */
  readonly reserved: readonly Assigned[];
  readonly sold: readonly Assigned[];
  readonly already_out: number;
}

const kind = "batch_recalled";
/** Units of one transaction: small, because one of them taken by a buyer in the same moment sends the whole chunk round again. */
export const chunkSize = 8;
const looksMax = 8;

export const recallBatch = async (request: Request, ports: RetirePorts): Promise<CommandAnswer<typeof contract.recallBatch>> => {
  const { body } = request;
  const { table } = ports;
  const batch = await table.get(batches, { merchant_id: body.merchant_id, batch_id: body.batch_id }, { consistent: true });
  if (!batch) return { kind: "refused", refusal: "batch_unknown" };
  const chunks = Array.from({ length: Math.ceil(batch.units.length / chunkSize) }, (_, n) => batch.units.slice(n * chunkSize, (n + 1) * chunkSize));
  const known = await table.getMany(
    chunks.map((_, n) => [operations, { id: operationId(request.principal, kind, keyOf(request, n)) }] as const),
    { consistent: true },
  );
  if (known.some((operation) => operation && operation.content !== contentOf(body))) return { kind: "refused", refusal: "key_reused" };

  const done: Chunk[] = [];
  let busy: TableBusy | undefined;
  for (const [n, ids] of chunks.entries()) {
    const operation = known[n];
    const chunk = operation ? chunkOf(operation) : await recallChunk(request, n, ids, ports).catch(ifBusy);
    if (chunk === "key_reused") return { kind: "refused", refusal: "key_reused" };
    if (chunk instanceof TableBusy) busy = chunk;
    else done.push(chunk);
  }
  if (busy) throw busy;
  const serials = await serialsOf(body.merchant_id, [...done.flatMap(({ reserved }) => reserved), ...done.flatMap(({ sold }) => sold)], ports);
  const named = (assigned: readonly Assigned[]) => assigned.map(({ unit_id, order_id }) => ({ serial_number: serials.get(unit_id) ?? "", order_id }));
  return {
    kind: "ok",
    result: {
      units: batch.units.length,
      recalled: done.reduce((sum, { recalled }) => sum + recalled.length, 0),
      reserved: named(done.flatMap(({ reserved }) => reserved)),
      sold: named(done.flatMap(({ sold }) => sold)),
      already_out: done.reduce((sum, { already_out }) => sum + already_out, 0),
    },
    repeated: known.every((operation) => operation !== undefined),
  };
};

/** What buyers keep moving is left for the same key again; the rest of the batch does not wait for it on the shelf. */
const ifBusy = (error: unknown): TableBusy => {
  if (error instanceof TableBusy) return error;
  throw error;
};

const keyOf = ({ key }: Request, n: number): string => `${key}/${n}`;

const recallChunk = async (request: Request, n: number, ids: readonly string[], { table, clock }: RetirePorts): Promise<Chunk | "key_reused"> => {
  const { body, principal } = request;
  const leave = { reason: body.reason, operation: operationId(principal, kind, keyOf(request, n)) };
  for (let look = 0; look < looksMax; look++) {
    const found = await table.getMany(
      ids.map((unit_id) => [units, { merchant_id: body.merchant_id, unit_id }] as const),
      { consistent: true },
    );
    const { free, held, chunk } = sorted(found.flatMap((unit) => (unit ? [unit] : [])));
    const now = clock.now();
    const outcome = await table.transact([
      ...free.flatMap((unit) => withdrawUnit(unit, body.to, leave, now)),
      ...held.map((unit) => callBackHeld(unit, body.to, leave, now)),
      commanded(
        {
          kind,
          principal,
          key: keyOf(request, n),
          body,
          merchant_id: body.merchant_id,
          subject: body.batch_id,
          details: { to: body.to, reason: body.reason, ...chunk },
        },
        now,
      ),
    ]);
    if (outcome.kind === "committed") return chunk;
    if (outcome.kind === "repeated") return outcome.operation.content === contentOf(body) ? chunkOf(outcome.operation as Operation) : "key_reused";
  }
  throw new TableBusy("units of the batch are taken faster than they can be recalled");
};

/** What is to be called back of these units, free and held, and what the chunk comes to. */
const sorted = (found: readonly Unit[]): { readonly free: readonly Unit[]; readonly held: readonly Unit[]; readonly chunk: Chunk } => {
  const assigned = (units: readonly Unit[]) => units.flatMap(({ id, order_id }) => (order_id ? [{ unit_id: id, order_id }] : []));
  const free = found.filter(({ status }) => status === "available");
  const held = found.filter(({ status }) => status === "reserved");
  const gone = found.filter(({ status }) => isOut(status));
  const chunk = {
    recalled: free.map(({ id }) => id),
    reserved: assigned(held),
    // Whatever else a unit is, it is a buyer's.
    sold: assigned(found.filter((unit) => ![...free, ...held, ...gone].includes(unit))),
    already_out: gone.length,
  };
  return { free, held, chunk };
};
const chunkOf = ({ details }: Operation): Chunk => details as unknown as Chunk;

/** Serials never change, so a repeat may read them anew. */
const serialsOf = async (merchant_id: string, assigned: readonly Assigned[], { table }: RetirePorts): Promise<ReadonlyMap<string, string>> => {
  if (assigned.length === 0) return new Map();
  const found = await table.getMany(assigned.map(({ unit_id }) => [units, { merchant_id, unit_id }] as const));
  return new Map(found.flatMap((unit) => (unit ? [[unit.id, unit.serial_number] as const] : [])));
};

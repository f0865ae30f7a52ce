// A supplier calls a batch back. Free units leave the sale chunk by chunk, each chunk with its operation in one transaction, so that a
// run that broke off is finished by the same key. Units that orders have are named, never touched.
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId, operations } from "../../platform/operation/operation.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { batches } from "./batch-table.ts";
import type * as contract from "./contract.ts";
import type { RetirePorts } from "./retire-unit.ts";
import { isOut, type Unit } from "./unit.ts";
import { units, withdrawUnit } from "./unit-table.ts";

type Request = CommandRequest<typeof contract.recallBatch>;
type Assigned = { readonly unit_id: string; readonly order_id: string };
/** What one chunk came to: kept in its operation, which a repeat answers from. */
interface Chunk {
  readonly recalled: readonly string[];
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
  for (const [n, ids] of chunks.entries()) {
    const operation = known[n];
    const chunk = operation ? chunkOf(operation) : await recallChunk(request, n, ids, ports);
    if (chunk === "key_reused") return { kind: "refused", refusal: "key_reused" };
    done.push(chunk);
  }
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

const keyOf = ({ key }: Request, n: number): string => `${key}/${n}`;

const recallChunk = async (request: Request, n: number, ids: readonly string[], { table, clock }: RetirePorts): Promise<Chunk | "key_reused"> => {
  const { body, principal } = request;
  const leave = { reason: body.reason, operation: operationId(principal, kind, keyOf(request, n)) };
  for (let look = 0; look < looksMax; look++) {
    const found = await table.getMany(
      ids.map((unit_id) => [units, { merchant_id: body.merchant_id, unit_id }] as const),
      { consistent: true },
    );
    const held = found.flatMap((unit) => (unit ? [unit] : []));
    const free = held.filter(({ status }) => status === "available");
    const chunk = chunkFrom(held);
    const now = clock.now();
    const outcome = await table.transact([
      ...free.flatMap((unit) => withdrawUnit(unit, body.to, leave, now)),
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

const chunkFrom = (held: readonly Unit[]): Chunk => {
  const assigned = (units: readonly Unit[]) => units.flatMap(({ id, order_id }) => (order_id ? [{ unit_id: id, order_id }] : []));
  const free = held.filter(({ status }) => status === "available");
  const reserved = held.filter(({ status }) => status === "reserved");
  const gone = held.filter(({ status }) => isOut(status));
  return {
    recalled: free.map(({ id }) => id),
    reserved: assigned(reserved),
    // Whatever else a unit is, it is a buyer's.
    sold: assigned(held.filter((unit) => ![...free, ...reserved, ...gone].includes(unit))),
    already_out: gone.length,
  };
};
const chunkOf = ({ details }: Operation): Chunk => details as unknown as Chunk;

/** Serials never change, so a repeat may read them anew. */
const serialsOf = async (merchant_id: string, assigned: readonly Assigned[], { table }: RetirePorts): Promise<ReadonlyMap<string, string>> => {
  if (assigned.length === 0) return new Map();
  const found = await table.getMany(assigned.map(({ unit_id }) => [units, { merchant_id, unit_id }] as const));
  return new Map(found.flatMap((unit) => (unit ? [[unit.id, unit.serial_number] as const] : [])));
};

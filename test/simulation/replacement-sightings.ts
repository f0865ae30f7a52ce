// Rare situations of replacements and recalls, recognised as they happen.
import type { Commit } from "../../platform/table/memory.ts";
import type { TextMessage } from "./ports/twilio.ts";
import type { Execution } from "./scheduler.ts";
import type { World } from "./world-model.ts";

type Item = Readonly<Record<string, unknown>>;
/** Who did the last chunk of each recall, and units that came in as replacements. */
interface Seen {
  readonly recalls: Map<string, Execution | undefined>;
  readonly replacements: Set<string>;
}
const seen = new WeakMap<World["twin"], Seen>();
const seenIn = ({ twin }: World): Seen => {
  const known = seen.get(twin) ?? { recalls: new Map(), replacements: new Set() };
  seen.set(twin, known);
  return known;
};
const firstTextOf = ({ twin }: World, orderId: unknown): Item | undefined =>
  [...twin.snapshot.records("MESSAGE")].find(({ item }) => item.order_id === orderId && item.kind === "order_paid")?.item;

export const sawLeave = (world: World, commit: Commit, by: Execution | undefined): void => {
  const operation = commit.changes.find(({ key }) => key.pk.startsWith("OP#"))?.after;
  if (operation?.kind === "unit_replaced") sawReplacement(world, operation);
  if (operation?.kind === "batch_recalled") sawRecall(world, operation, by);
  if (operation) sawCalledBack(world, commit, String(operation.kind));
};

/** An order whose units were called back while it waited: what it comes to. */
const sawCalledBack = ({ reach, twin }: World, { changes }: Commit, kind: string): void => {
  const order = changes.find(({ key, before }) => key.pk.startsWith("ORDER#") && before?.status === "awaiting_payment");
  if (!order) return;
  const listed = (item: Item | undefined) => ((item?.lines ?? []) as readonly { readonly units: readonly string[] }[]).flatMap(({ units }) => units);
  const isOut = (id: string) => [...twin.snapshot.records("UNIT")].some(({ item: unit }) => unit.id === id && unit.status_operation !== undefined);
  const [was, is] = [listed(order.before), listed(order.after)];
  if (!was.some(isOut)) return;
  if (kind === "order_paid") {
    reach.saw("paid for a recalled unit: another unit");
    if (was.some((id) => is.includes(id))) reach.saw("paid for a recalled unit: another unit beside one that was kept");
  }
  if (kind === "refund_requested") {
    reach.saw("paid for a recalled unit: money back");
    if (!was.every(isOut)) reach.saw("paid for a recalled unit: money back, and what was kept is free again");
  }
  if (kind === "hold_expired") reach.saw("hold ended without a recalled unit");
};

const sawReplacement = (world: World, { subject, details }: Item): void => {
  const { reach, twin } = world;
  const { replacements } = seenIn(world);
  const { defective, replacement, listing_item_id } = details as Readonly<Record<string, string>>;
  const left = [...twin.snapshot.records("POOL")].some(({ key }) => key.pk.split("#")[2] === listing_item_id);
  if (!left) reach.saw("replacement took the last unit");
  if (replacements.has(defective ?? "")) reach.saw("replacement was replaced");
  replacements.add(replacement ?? "");
  const text = firstTextOf(world, subject);
  if (!text) reach.saw("replaced before the first text was begun");
  if (text?.status === "sending") reach.saw("replaced while the first text was being sent");
  const order = [...twin.snapshot.records("ORDER")].find(({ item }) => item.id === subject)?.item;
  if (order?.refund_count !== undefined) reach.saw("unit replaced beside a refunded one");
};

const sawRecall = (world: World, { subject, details, principal_id }: Item, by: Execution | undefined): void => {
  const { reach } = world;
  const { recalls } = seenIn(world);
  const { sold, already_out, reason } = details as { sold: readonly unknown[]; already_out: number; reason: string };
  const name = `${String(subject)} ${String(principal_id)} ${reason}`;
  const before = recalls.get(name);
  if (before && before !== by && !before.alive) reach.saw("recall finished by its key after a crash");
  if (before && before !== by && before.alive) reach.saw("two runs of one recall");
  recalls.set(name, by);
  if (sold.length > 0) reach.saw("recall met a sold unit");
  if (already_out > 0) reach.saw("recall met a unit that was out");
};

/** A text as the provider takes it. */
export const sawText = (world: World, { callback_url, body }: TextMessage): void => {
  const { reach, twin } = world;
  const [, orderId, kind] = (new URL(callback_url).searchParams.get("message") ?? "").split(".");
  const order = [...twin.snapshot.records("ORDER")].find(({ item }) => item.id === orderId)?.item;
  const first = firstTextOf(world, orderId);
  if (kind === "unit_replaced" && (!first || first.status === "sending")) reach.saw("text of a replaced unit overtook the first text");
  const own = new Set(((order?.lines ?? []) as readonly { readonly units: readonly string[] }[]).flatMap(({ units }) => units));
  for (const { item: unit } of twin.snapshot.records("UNIT")) {
    if (body.includes(String(unit.serial_number)) && !own.has(String(unit.id)))
      reach.saw(`${kind}: number was replaced while its text was being sent`);
  }
};

// When all is quiet: repeats answer as before, what is refused changes nothing, the page shows what the buyer has, and nothing is told again.
import type { History } from "../history.ts";
import type { World } from "../world-model.ts";
import { replaceItem, serialsOn } from "./shop-hands.ts";

type Item = Readonly<Record<string, unknown>>;
type Request = { readonly body: never; readonly key: string; readonly principal: { readonly type: "operator"; readonly id: string } };
type Answer = { readonly kind: "ok"; readonly result: unknown; readonly repeated?: boolean } | { readonly kind: "refused"; readonly refusal: string };

const known = ["replaceUnit", "retireUnit", "recallBatch"] as const;
type Name = (typeof known)[number];
const isKnown = (name: string): name is Name => (known as readonly string[]).includes(name);

export const replaceAfterwards = async (world: World, history: History): Promise<void> => {
  const { verbs, ports, shop, twin } = world;
  const records = (prefix: string): readonly Item[] => [...twin.snapshot.records(prefix)].map(({ item }) => item);
  const answerOf = async (name: Name, by: string, key: string, body: object): Promise<Answer | undefined> => {
    const request = { body: body as never, key, principal: { type: "operator", id: by } } satisfies Request;
    const ended = await world.invoke<Answer>(`operator ${name}`, () => verbs[name](request, ports));
    if (ended.kind !== "answered") history.broken.push(`${name} of ${by}: ${ended.kind}`);
    return ended.kind === "answered" ? ended.value : undefined;
  };
  const refused = async (name: Name, body: object, refusal: string, { by = "nobody", key = `${name}-after` } = {}): Promise<void> => {
    const answer = await answerOf(name, by, key, body);
    if (answer?.kind !== "refused" || answer.refusal !== refusal)
      history.broken.push(`${name} was to be refused as ${refusal}: ${JSON.stringify(answer)}`);
  };

  const done = history.commands.flatMap((answer) => (answer.kind === "ok" && isKnown(answer.name) ? [{ ...answer, name: answer.name }] : []));
  const firsts = [...Map.groupBy(done, ({ name, by }) => `${name} ${by}`).values()].flatMap(([first]) => (first ? [first] : []));
  for (const { name, by, key, body, result } of firsts) {
    const answer = await answerOf(name, by, key, JSON.parse(body) as object);
    if (answer?.kind !== "ok" || !answer.repeated || JSON.stringify(answer.result) !== JSON.stringify(result))
      history.broken.push(`${name} of ${by} was answered ${JSON.stringify(result)}, and is now answered ${JSON.stringify(answer)}`);
    await refused(name, { ...(JSON.parse(body) as object), reason: "quite another reason" }, "key_reused", { by, key });
  }

  const merchant_id = shop.merchant;
  const reason = "after the story";
  await refused("recallBatch", { merchant_id, batch_id: "0".repeat(26), to: "expired", reason }, "batch_unknown");
  const shelf = { merchant_id, listing_item_id: replaceItem, location_id: "main", reason };
  await refused("retireUnit", { ...shelf, serial_number: "NO-SUCH-UNIT", to: "archived" }, "unit_unknown");
  await refused("replaceUnit", { merchant_id, order_id: "0000000000000000", serial_number: "NO-SUCH-UNIT", reason }, "order_unknown");
  for (const unit of records("UNIT").filter(({ listing_item_id, status }) => listing_item_id === replaceItem && status === "archived"))
    for (const to of ["defective", "expired", "archived"])
      await refused("retireUnit", { ...shelf, serial_number: unit.serial_number, to }, "transition_refused");
  for (const unit of records("UNIT").filter(({ listing_item_id, status }) => listing_item_id === replaceItem && status === "sold"))
    await refused(
      "retireUnit",
      { ...shelf, serial_number: unit.serial_number, to: "expired" },
      unit.frozen_by === undefined ? "unit_sold" : "unit_disputed",
    );

  await pages(world, history);
  await tellAgain(world, history);
};

/** The page shows the number whatever became of the text. */
const pages = async ({ invoke, verbs, ports, twin, reach, texts }: World, history: History): Promise<void> => {
  const units = new Map([...twin.snapshot.records("UNIT")].map(({ item }) => [String(item.serial_number), item]));
  for (const { item: order } of twin.snapshot.records("ORDER")) {
    const token = history.tokens.get(String(order.id));
    const asked = history.asked.find(({ principal }) => history.answers.some((one) => one.principal === principal && one.order_id === order.id));
    if (order.status !== "paid" || token === undefined || asked?.item !== replaceItem) continue;
    const ended = await invoke("storefront", () =>
      verbs.orderView({ token, language: undefined, back: false }, { ...ports, checkoutOrigin: "https://pay.example" }),
    );
    const shown = ended.kind === "answered" ? ended.value?.units.map(({ serial }) => serial) : undefined;
    const own = serialsOn({ twin } as World, String(order.id)).filter((serial) => units.get(serial)?.status === "sold");
    const closed = (order.dispute as { status?: string } | undefined)?.status === "lost";
    if (JSON.stringify(shown) !== JSON.stringify(closed ? [] : own))
      history.broken.push(`the page of order ${order.id} shows ${JSON.stringify(shown)}, its buyer has ${JSON.stringify(own)}`);
    if (own.length > 0 && texts.optedOut.has(asked.phone)) reach.saw("page shows the number that no text could tell");
  }
};

/** Events of replacements whose text has its end, and reports that nobody signed: no text, no change. */
const tellAgain = async (world: World, history: History): Promise<void> => {
  const { invoke, verbs, ports, twin, texts } = world;
  const before = texts.messages.length;
  const ended = [...twin.snapshot.records("MESSAGE")]
    .map(({ item }) => item)
    .filter(({ kind, status }) => kind === "unit_replaced" && status !== "sending" && status !== "not_sent");
  for (const { merchant_id, order_id, about } of ended) {
    const event = { id: String(about), merchant_id: String(merchant_id), order_id: String(order_id) };
    await invoke("fulfil-events", () => verbs.sendReplacement(event, ports));
    const raw = Buffer.from(new URLSearchParams({ MessageSid: "SM0", MessageStatus: "undelivered" }).toString());
    const forged = { channel_id: "sms", message: `${event.merchant_id}.${event.order_id}.unit_replaced.${event.id}`, raw, signature: "forged" };
    const report = await invoke("notifications-callback", () => verbs.recordDelivery(forged, ports));
    if (report.kind !== "answered" || report.value.kind !== "refused") history.broken.push(`a forged report about order ${event.order_id} was taken`);
  }
  if (texts.messages.length > before) history.broken.push(`${texts.messages.length - before} texts went out when events came again`);
};

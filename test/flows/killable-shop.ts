// The shop as a process that a test starts, asks and kills. Everything in it is what `npm start` starts; besides, its parent may look into the
// table and invoke operator functions over the channel between the two, for which there is no door from outside.
import { startLocal } from "../../local/start.ts";
import type { Asked, Said } from "./killable.ts";
import { rawTable } from "./raw-table.ts";

process.env.TZ = "UTC";
const [port, dataDir = ""] = process.argv.slice(2);
// Whoever started it is gone: nobody is left to kill it.
process.on("disconnect", () => process.exit(0));

const shop = await startLocal({ port: Number(port), dataDir });
const table = rawTable(shop);

const answer = async ({ question }: Asked): Promise<unknown> => {
  switch (question.ask) {
    case "items":
      return table.all();
    case "makeDue":
      return table.makeDue(question.orderId);
    case "makeNewsDue":
      return table.makeNewsDue();
    case "invoke":
      return shop.invoke(question.to, question.event);
    case "denied":
      return shop.gateway.denied;
  }
};

const say = (said: Said): void => void process.send?.(said);
process.on("message", (asked: Asked) => {
  answer(asked).then(
    (value) => say({ id: asked.id, value }),
    (error: unknown) => say({ id: asked.id, error: String(error) }),
  );
});
say({ ready: shop.url, simulators: shop.simulators });

// Names that people choose, as every contract takes them.
import * as z from "zod";

/** Names that people choose (merchants, listings, locations, SKUs): no `#`, `.` or `/`, so that they fit in keys, links and paths. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
  .meta({ id: "Slug" });
/** What is printed on stickers and packages: `NODE_LEES`, `CW-60`. */
export const Label = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,39})$/)
  .meta({ id: "Label" });

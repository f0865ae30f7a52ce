// Bytes: the functions as they are uploaded, and what a phone loads to see the scan page (goals S19, S24).
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LocalShop } from "../local/start.ts";
import { heading, met, round, table } from "./print.ts";

const kb = (bytes: number): number => round(bytes / 1024, 1);

export async function sizes({ inventory, scan, url }: LocalShop): Promise<void> {
  heading("Bundles", "KB, minified as uploaded; the storefront is the hot page, orders and webhook may carry Stripe");
  const goals: Readonly<Record<string, number>> = { storefront: 360, orders: 620, "payments-webhook": 620 };
  const rows = inventory.functions.map(({ name, codeDir }) => {
    const code = readFileSync(join(codeDir, "index.js"));
    const short = name.replace(/^gigbridge-[a-z]+-/, "");
    const goal = goals[short];
    return [short, kb(code.length), kb(gzipSync(code).length), goal === undefined ? "" : met(kb(code.length), goal)];
  });
  table(["function", "KB", "gzip KB", "goal"], rows);

  heading("Scan page", "KB as served");
  const html = await (await fetch(scan)).text();
  const scripts = [...html.matchAll(/<script[^>]+src="([^"]+)"/g)].map(([, source = ""]) => source);
  const code = await Promise.all(scripts.map(async (source) => gzipSync(Buffer.from(await (await fetch(url + source)).arrayBuffer())).length));
  const [brotli, gzip] = [kb(await served(scan, "br")), kb(await served(scan, "gzip"))];
  const scripted = kb(code.reduce((all, one) => all + one, 0));
  table(
    ["", "KB", "goal"],
    [
      ["HTML with its style, uncompressed", kb(Buffer.byteLength(html)), ""],
      ["HTML, brotli", brotli, met(brotli, 14)],
      ["HTML, gzip", gzip, met(gzip, 14)],
      ["scripts until Pay, gzip", scripted, met(scripted, 15)],
    ],
  );
}

const served = (address: string, coding: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(address, { headers: { "accept-encoding": coding } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.once("end", () => resolve(bytes));
    });
    asked.once("error", reject);
    asked.end();
  });

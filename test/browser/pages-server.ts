// Serves the pages of fixture views with the headers they ask for, the built scripts, and an API whose answers a test decides.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { orderPage, problemPage } from "../../functions/storefront/order-page.ts";
import type { Page } from "../../functions/storefront/page.ts";
import { scanPage } from "../../functions/storefront/scan-page.ts";
import { money } from "../../kernel/money.ts";
import { type Language, languages } from "../../platform/contract/problem.ts";
import { buildSite } from "../../web/build.ts";
import { orderView, scanView } from "../storefront/fixtures.ts";
import { pageOf, type StoryName, storyNames } from "../storefront/stories.ts";

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: string;
}
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}
export interface PagesServer {
  readonly origin: string;
  /** Calls of /api/… so far, oldest first. */
  readonly calls: ApiCall[];
  /** Decides the answers of /api/…. */
  answer: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>;
  close(): Promise<void>;
}

const sentence: Readonly<Record<Language, string>> = {
  en: "The last one was just taken. Nothing was charged. Choose another card.",
  fr: "Le dernier vient d’être pris. Rien n’a été débité. Choisissez une autre carte.",
  zh: "最后一张刚刚被买走，未扣款。请选择其他卡。",
};

/** What a buyer may meet, by name. */
const views: Readonly<Record<string, (language: Language) => Page>> = {
  scan: (language) => scanPage(scanView(language)),
  "scan-refused": (language) =>
    scanPage(scanView(language, { problem: { code: "out_of_stock", sentence: sentence[language] }, phone: "604 555 0199" })),
  "scan-foreign": (language) => scanPage(scanView(language, { verified: false })),
  "scan-sold-out": (language) =>
    scanPage(scanView(language, { items: scanView(language).items.map((item) => ({ ...item, stock: "sold_out" as const })) })),
  "order-held": (language) => orderPage(orderView(language, "awaiting_payment")),
  "order-confirming": (language) => orderPage(orderView(language, "confirming")),
  "order-assigned": (language) => orderPage(orderView(language, "assigned")),
  "order-sent": (language) => orderPage(orderView(language, "sent")),
  "order-attention": (language) => orderPage(orderView(language, "attention")),
  "order-closed": (language) => orderPage(orderView(language, "closed")),
  "order-three": (language) =>
    orderPage(
      orderView(language, "assigned", {
        sms: "failed",
        quantity: 3,
        units: [{ serial: "LW60-0001", locker: "A-12", secret: "4821" }, { serial: "7394056218830417" }, { serial: "WASHMEMBERXQ" }],
      }),
    ),
  // The fullest pages of what comes after a sale; all of it is in `lifePages`.
  "order-after-sale": (language) =>
    orderPage(
      orderView(language, "assigned", {
        sms: "failed",
        smsWhy: "opted_out",
        quantity: 3,
        total: money(18_000, "CAD"),
        units: [{ serial: "LW60-0001", locker: "A-12" }, { serial: "LW60-0002" }],
        money: {
          failed: money(1_000, "CAD"),
          back: money(6_000, "CAD"),
          coming: money(1_250, "CAD"),
          left: money(10_750, "CAD"),
          dispute: { status: "open", sum: money(18_000, "CAD") },
        },
        numbers: { takenBack: 1, missing: 0, owed: false, replaced: true, forfeited: false },
      }),
    ),
  "order-wrong-sum": (language) =>
    orderPage(orderView(language, "attention", { attention: "payment_mismatch", money: { received: money(5_000, "USD") } })),
  missing: (language) =>
    problemPage(
      language,
      404,
      language === "zh" ? "此地址没有内容。" : language === "fr" ? "Il n’y a rien à cette adresse." : "There is nothing at this address.",
    ),
};

/** Names of all pages; each is at `/<name>-<language>`. */
export const pageNames = Object.keys(views);

const lifeName = (story: StoryName): string => `life-${story.replace(/\W+/g, "-")}`;
/** Names of the pages of every life that an order can have, as the product makes them; served where they are asked for. */
export const lifePages: readonly string[] = storyNames.map(lifeName);

const types: Readonly<Record<string, string>> = {
  ".svg": "image/svg+xml",
  ".js": "text/javascript",
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
};

/** @param lives also the pages named by `lifePages` */
export async function servePages({ lives = false } = {}): Promise<PagesServer> {
  const site = join(mkdtempSync(join(tmpdir(), "pages-")), "site");
  await buildSite(site);
  const pages = new Map<string, Page>(
    languages.flatMap((language) => Object.entries(views).map(([name, view]) => [`/${name}-${language}`, view(language)] as const)),
  );
  for (const story of lives ? storyNames : [])
    for (const language of languages) pages.set(`/${lifeName(story)}-${language}`, await pageOf(story, language));
  const calls: ApiCall[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://pages").pathname;
    if (path.startsWith("/api/")) {
      const call = { method: request.method ?? "", path, key: request.headers["idempotency-key"] as string | undefined, body: await bodyOf(request) };
      calls.push(call);
      const { status, body } = await running.answer(call);
      response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(body));
      return;
    }
    const page = pages.get(path);
    const file = join(site, path === "/" ? "index.html" : path);
    if (page)
      response
        .writeHead(page.status, { "content-type": "text/html; charset=utf-8", "content-security-policy": page.csp, "cache-control": "no-store" })
        .end(page.html);
    else if (existsSync(file)) response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const running: PagesServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: () => ({ status: 404, body: { code: "not_found", detail: "" } }),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => {
          rmSync(join(site, ".."), { recursive: true, force: true });
          closed();
        });
      }),
  };
  return running;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

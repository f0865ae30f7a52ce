import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, it } from "@jest/globals";
import { formAgain } from "../../platform/edge/form-again.ts";
import { launchBrowser } from "./browser.ts";

const servers: Server[] = [];
const serve = async (
  answer: (method: string, body: string) => { status: number; headers: Record<string, string>; body: string },
): Promise<string> => {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { status, headers, body: text } = answer(request.method ?? "GET", body);
    response.writeHead(status, headers).end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
afterAll(() => {
  for (const server of servers) server.close();
});

it("leads from a fault to the payment page on another origin, with the same key (X-3)", async () => {
  const checkout = await serve(() => ({ status: 200, headers: { "content-type": "text/html" }, body: "<h1>Checkout</h1>" }));
  const sent: string[] = [];
  const shop = await serve((method, body) => {
    if (method === "POST") {
      sent.push(body);
      return { status: 303, headers: { location: `${checkout}/pay` }, body: "" };
    }
    const page = formAgain("en", 503, "Many people are buying.", "/api/orders", { form_key: "key-0123456789abcdef", item: "CW-60" });
    return { status: page.status, headers: { "content-type": "text/html", "content-security-policy": page.csp }, body: page.html };
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(shop);
    expect((await page.locator("button").boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await page.click("button");
    await page.waitForURL(`${checkout}/pay`);
    expect(sent).toEqual(["form_key=key-0123456789abcdef&item=CW-60"]);
  } finally {
    await browser.close();
  }
}, 60_000);

// What the person at the terminal sees when the shop is ready.
import { toString as qr } from "qrcode";

export interface ReadyLine {
  readonly ready: true;
  /** Origin of the shop. */
  readonly url: string;
  /** The address on the demo's sticker. */
  readonly scan: string;
  readonly console: string;
  /** The simulated buyer's phone: texts that were sent. */
  readonly phone: string;
  /** Faults and facts of the simulated providers and of this host. */
  readonly control: string;
  readonly openapi: string;
}

export interface BannerFacts {
  readonly dataDir: string;
  readonly log: string;
  readonly seconds: number;
  readonly lan: boolean;
  readonly colours: boolean;
}

export async function banner(ready: ReadyLine, facts: BannerFacts): Promise<string> {
  // On a terminal with colours, so that the code is black on white whatever the theme; elsewhere without control characters.
  const code = await qr(ready.scan, facts.colours ? { type: "terminal", small: true } : { type: "utf8" });
  return `
${code}
  GigBridge is ready (${facts.seconds.toFixed(1)} s).

  Scan       ${ready.scan}
  Phone      ${ready.phone}
  Control    ${ready.control}
  Site       ${ready.console}
  API        ${ready.openapi}

  Data       ${facts.dataDir}
  Log        ${facts.log}
${facts.lan ? "" : "\n  To scan with a real phone in the same network: npm start -- --lan\n"}
  Ctrl-C stops everything; data is kept.
`;
}

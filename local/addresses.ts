// Which addresses this machine answers on, and which one a phone should use.
import { networkInterfaces } from "node:os";
import { StartRefused } from "./refusal.ts";

export interface Addresses {
  /** What servers bind. */
  readonly bind: string;
  /** What links say: reachable by whoever is meant to open them. */
  readonly host: string;
}

/** Throws StartRefused where a phone could reach the machine on no address. */
export function addressesOf(lan: boolean): Addresses {
  if (!lan) return { bind: "127.0.0.1", host: "localhost" };
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."));
  if (found === undefined)
    throw new StartRefused("--lan: this machine has no network address that a phone could reach. Join a network, or start without --lan.");
  return { bind: "0.0.0.0", host: found.address };
}

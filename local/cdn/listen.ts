// The listening ports of the edge. They open before anything is built, so that a busy port is known at once.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { apiAnswers } from "../http/answer.ts";
import { httpApiLimits } from "../http/api.ts";
import { BodyTooLarge, type EdgeRequest, type EdgeResponse, readRequest, textResponse, writeResponse } from "../http/message.ts";

/** CloudFront's own bound on a request line and its headers, in bytes. */
const headerBytesMax = 32_768;
const closeGraceMs = 1_000;

export type EdgeHandler = (request: EdgeRequest) => Promise<EdgeResponse>;
export interface Listener {
  readonly port: number;
  /** Until this is called every request is told to come back in a second. */
  serve(handler: EdgeHandler): void;
  /** Lets running requests finish for a second, then cuts them. */
  close(): Promise<void>;
}

const starting: EdgeResponse = {
  ...textResponse(503, "The shop is starting. Try again in a few seconds.\n"),
  headers: [
    ["content-type", "text/plain; charset=utf-8"],
    ["retry-after", "1"],
  ],
};
const broken = textResponse(500, "The local host failed to answer; its own words are in the log.\n");

/** @param port 0 for any free one. Rejects with `EADDRINUSE` if it is taken. */
export async function listen(host: string, port: number, onFault: (error: unknown) => void): Promise<Listener> {
  let handler: EdgeHandler = async () => starting;

  const server = createServer({ maxHeaderSize: headerBytesMax, keepAliveTimeout: 5_000 }, (incoming, outgoing) => {
    const method = incoming.method ?? "GET";
    readRequest(incoming, httpApiLimits.bodyBytesMax)
      .then((request) => handler(request))
      .catch((error: unknown) => {
        if (error instanceof BodyTooLarge) return apiAnswers.tooLarge;
        if (!incoming.destroyed) onFault(error);
        return broken;
      })
      .then((response) => writeResponse(outgoing, response, method))
      .catch(onFault);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      handler = next;
    },
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

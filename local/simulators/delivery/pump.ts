// Carries due deliveries over sockets and wakes when something is next owed. Holds no state worth keeping:
// a delivery that was in the air when the process died is still waiting in the store and goes out again.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Arrival, Courier, Delivery, Outgoing } from "./delivery.ts";
import { atOrigin, reordered } from "./delivery.ts";

/** Stripe and Twilio both give up on an endpoint that stays silent; ours may be one that is starting. */
const answerWithinMs = 20_000;
const inTheAirMax = 8;
/** A wake-up at least this often, so that a changed machine clock cannot strand anything. */
const sleepMaxMs = 5_000;

/** Sends once. Redirects are answers, not followed: providers count them as failures. Never rejects. */
export const post = (outgoing: Pick<Outgoing, "url" | "headers" | "body">): Promise<Arrival> =>
  new Promise((resolve) => {
    const send = outgoing.url.startsWith("https:") ? httpsRequest : httpRequest;
    const sent = send(
      outgoing.url,
      { method: "POST", agent: false, timeout: answerWithinMs, headers: { ...outgoing.headers, "content-length": Buffer.byteLength(outgoing.body) } },
      (answer) => {
        answer.resume();
        answer.once("close", () => resolve(answer.complete ? { status: answer.statusCode ?? 0 } : { error: "answer broke off" }));
      },
    );
    sent.once("timeout", () => sent.destroy(new Error("timed out")));
    sent.once("error", (fault: NodeJS.ErrnoException) => resolve({ error: fault.code ?? fault.message }));
    sent.end(outgoing.body);
  });

export interface Pump {
  /** Something may be owed now: look. */
  nudge(): void;
  /** Resolves when nothing is in the air and nothing is due now. */
  idle(): Promise<void>;
  /** Stops; what is in the air is waited for. */
  close(): Promise<void>;
}

export const startPump = (couriers: readonly Courier[], shopOrigin: string, now: () => number): Pump => {
  const inTheAir = new Map<string, Promise<void>>();
  /** The reordered delivery that must land before the next one may start. */
  let inOrder: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const carry = async (courier: Courier, delivery: Delivery): Promise<void> => {
    try {
      const outgoing = courier.prepare(delivery);
      const arrival: Arrival = outgoing.broken
        ? { error: "broken on request" }
        : await post({ ...outgoing, url: atOrigin(outgoing.url, shopOrigin) });
      courier.settle(delivery.id, arrival, outgoing.tampered);
    } catch (fault) {
      // One delivery that cannot be made must not stop the others.
      courier.settle(delivery.id, { error: String(fault) });
    }
  };

  const look = (): void => {
    clearTimeout(timer);
    if (closed) return;
    for (const courier of couriers) {
      courier.advance();
      const free = inTheAirMax - inTheAir.size;
      const ready = courier.due(inTheAirMax).filter((delivery) => !inTheAir.has(delivery.id));
      for (const delivery of ready.slice(0, Math.max(free, 0))) {
        if (delivery.note === reordered) {
          if (inOrder !== undefined) continue;
          inOrder = delivery.id;
        }
        const flight = carry(courier, delivery).finally(() => {
          inTheAir.delete(delivery.id);
          if (inOrder === delivery.id) inOrder = undefined;
          look();
        });
        inTheAir.set(delivery.id, flight);
      }
    }
    const next = Math.min(...couriers.map((courier) => courier.nextDue() ?? Infinity));
    // While the air is full, the next landing looks again by itself.
    const wait = inTheAir.size > 0 ? 50 : 0;
    timer = setTimeout(look, Math.min(Math.max(next - now(), wait, 1), sleepMaxMs));
    timer.unref();
  };

  look();
  return {
    nudge: () => void setImmediate(look),
    idle: async () => {
      for (;;) {
        await Promise.allSettled(inTheAir.values());
        const next = Math.min(...couriers.map((courier) => courier.nextDue() ?? Infinity));
        if (inTheAir.size === 0 && next > now()) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await Promise.allSettled(inTheAir.values());
    },
  };
};

import { desk } from "./desk.ts";
import { dispute } from "./dispute.ts";
import type { Flow } from "./flow.ts";
import { forgery } from "./forgery.ts";
import { lapse } from "./lapse.ts";
import { night } from "./night.ts";
import { refunds } from "./refund.ts";
import { replace } from "./replace.ts";
import { sale } from "./sale.ts";

/** Every flow of the simulation; each runs in every story. A new one is a file and a line here. */
export const flows: readonly Flow[] = [sale, lapse, night, forgery, refunds, dispute, replace, desk];

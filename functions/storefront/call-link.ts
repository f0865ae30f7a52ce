// The one way to reach a person: the shop's own number.
import { type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import type { Words } from "./words.ts";

/** @param phone as the shop gave it; a Canadian or US number is shown grouped as people there read it */
export const callLink = (phone: string, name: string, say: Words): Html =>
  html`<a class="call" href="tel:${phone.replace(/[^\d+]/g, "")}">${icons.phone}<span>${say.call(name)}<br><span class="digits">${grouped(phone)}</span></span></a>`;

const grouped = (phone: string): string => phone.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "$1 $2-$3");

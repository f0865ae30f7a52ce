// Makes the scan page kinder where scripts run: a refusal appears in place, a second tap does nothing, a lost network is tried again.
// Every try carries the key the server signed into the form, so however often it is sent, one order is placed.
import { data, the } from "./document.ts";

interface Placed {
  readonly order_url: string;
  /** Null when the payment provider did not answer: the order's page offers to try again. */
  readonly checkout_url: string | null;
}
interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly fields?: readonly { readonly path: string }[];
}

const tries = 4;
const firstWaitMs = 700;

enhance(the<HTMLFormElement>("form.buy"));

function enhance(form: HTMLFormElement): void {
  const button = the<HTMLButtonElement>("button.primary", form);
  const label = the(".label", button);
  const notice = the("#problem", form);
  const phone = the<HTMLInputElement>("#phone", form);
  const idle = [...label.childNodes];
  let busy = false;

  const rest = (): void => {
    busy = false;
    button.removeAttribute("aria-disabled");
    label.replaceChildren(...idle);
  };
  const show = (sentence: string): void => {
    the("p", notice).textContent = sentence;
    notice.hidden = false;
    notice.focus();
    notice.scrollIntoView({ block: "center" });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    notice.hidden = true;
    button.setAttribute("aria-disabled", "true");
    label.textContent = data(form, "opening");
    const field = new FormData(form);
    const answer = await place(field);
    if (answer && "checkout_url" in answer) {
      location.assign(answer.checkout_url ?? `${answer.order_url}?problem=payment_unavailable`);
      return;
    }
    rest();
    if (answer?.code === "out_of_stock") sellOut(form, String(field.get("item")));
    phone.setAttribute("aria-invalid", String(answer?.fields?.some(({ path }) => path === "body.phone") ?? false));
    show(answer?.detail ?? data(form, "unreachable"));
  });
  // Coming back with the browser's own button must not find a dead page.
  addEventListener("pageshow", rest);
}

/** The order, the refusal, or undefined when the network never answered. */
async function place(field: FormData): Promise<Placed | Refused | undefined> {
  const text = (name: string): string | undefined => (field.has(name) ? String(field.get(name)) : undefined);
  const body = JSON.stringify({
    listing_id: text("listing_id"),
    lines: [{ item: text("item"), quantity: 1 }],
    node: text("node"),
    phone: text("phone"),
    lang: text("lang"),
  });
  const headers = { "content-type": "application/json", "idempotency-key": text("form_key") ?? "" };
  let refused: Refused | undefined;
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await new Promise((done) => setTimeout(done, firstWaitMs * 2 ** (attempt - 1)));
    try {
      const response = await fetch("/api/orders", { method: "POST", headers, body });
      const answer = (await response.json()) as Placed & Refused;
      if (response.ok) return answer;
      refused = answer;
      if (response.status < 500 && answer.code !== "in_progress") return answer;
    } catch {
      refused = undefined;
    }
  }
  return refused;
}

function sellOut(form: HTMLFormElement, id: string): void {
  const radio = [...form.querySelectorAll<HTMLInputElement>("[name=item]")].find((input) => input.value === id);
  const card = radio?.closest("label");
  if (!radio || !card) return;
  radio.checked = false;
  radio.disabled = true;
  card.classList.add("sold-out");
  the(".stock", card).textContent = data(form, "soldOut");
}

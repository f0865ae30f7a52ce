// Makes the scan page kinder where scripts run: a refusal appears in place, a second tap does nothing, a lost network is tried again.
// Every try carries the key the server signed into the form, so however often it is sent, one order is placed.

interface Placed {
  readonly checkout_url: string;
}
interface Refused {
  readonly code: string;
  readonly detail: string;
}

const tries = 4;
const firstWaitMs = 700;

const form = document.querySelector<HTMLFormElement>("form.buy");
if (form) enhance(form);

function enhance(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("button.primary")!;
  const label = button.querySelector<HTMLElement>(".label")!;
  const notice = form.querySelector<HTMLElement>("#problem")!;
  const idle = label.innerHTML;
  let busy = false;

  const rest = (): void => {
    busy = false;
    button.removeAttribute("aria-disabled");
    label.innerHTML = idle;
  };
  const show = (sentence: string): void => {
    notice.querySelector("p")!.textContent = sentence;
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
    label.textContent = form.dataset["opening"]!;
    const field = new FormData(form);
    const answer = await place(field);
    if (answer && "checkout_url" in answer) {
      location.assign(answer.checkout_url);
      return;
    }
    rest();
    if (answer?.code === "out_of_stock") sellOut(form, String(field.get("item")));
    show(answer?.detail ?? form.dataset["unreachable"]!);
  });
  // Coming back with the browser's own button must not find a dead page.
  addEventListener("pageshow", rest);
}

/** The order, the refusal, or undefined when the network never answered. */
async function place(field: FormData): Promise<Placed | Refused | undefined> {
  const text = (name: string): string | undefined => (field.has(name) ? String(field.get(name)) : undefined);
  const body = JSON.stringify({ listing_id: text("listing_id"), lines: [{ item: text("item"), quantity: 1 }], node: text("node"), phone: text("phone"), lang: text("lang") });
  let refused: Refused | undefined;
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt) await new Promise((done) => setTimeout(done, firstWaitMs * 2 ** (attempt - 1)));
    try {
      const response = await fetch("/api/orders", { method: "POST", headers: { "content-type": "application/json", "idempotency-key": text("form_key")! }, body });
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
  card.querySelector(".stock")!.textContent = form.dataset["soldOut"]!;
}

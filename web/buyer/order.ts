// Keeps the order page true while it is open: asks whether the payment is confirmed, counts the hold down, copies the number.

const firstWaitMs = 1500;
/** Each wait is longer than the one before: a sale costs two questions, a slow one a dozen. */
const backoff = 1.7;
const questionsMax = 12;

document.documentElement.classList.add("scripted");
const status = document.querySelector<HTMLElement>(".status[data-watch]");
if (status) watch(status.dataset["token"]!, status.dataset["state"]!);
const countdown = document.querySelector<HTMLElement>(".countdown");
if (countdown) countDown(countdown);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) copyOnTap(button);
const again = document.querySelector<HTMLFormElement>("form.again");
if (again) once(again);

function watch(token: string, state: string): void {
  let questions = 0;
  let wait = firstWaitMs;
  const ask = async (): Promise<void> => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    questions++;
    try {
      const response = await fetch(`/api/orders/${encodeURIComponent(token)}`, { headers: { accept: "application/json" } });
      if (response.ok && ((await response.json()) as { state: string }).state !== state) {
        location.reload();
        return;
      }
    } catch {
      // No network for a moment: the next question may get through.
    }
    wait *= backoff;
    if (questions < questionsMax) setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}

/** Counts by the server's clock: the phone's may be wrong. */
function countDown(element: HTMLElement): void {
  const digits = element.querySelector(".digits")!;
  const loaded = performance.now();
  const left = (Date.parse(element.dataset["until"]!) - Date.parse(element.dataset["now"]!)) / 1000;
  const tick = (): void => {
    const seconds = Math.floor(left - (performance.now() - loaded) / 1000);
    if (seconds < 0) {
      clearInterval(timer);
      location.reload();
      return;
    }
    digits.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const timer = setInterval(tick, 1000);
}

function copyOnTap(button: HTMLButtonElement): void {
  const label = button.querySelector("span")!;
  const idle = label.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset["copy"]!);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement!.querySelector(".serial")!);
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
      return;
    }
    label.textContent = button.dataset["copied"]!;
    setTimeout(() => {
      label.textContent = idle;
    }, 2500);
  });
}

/** A second tap while the payment page opens must not ask for a second one. */
function once(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("button")!;
  const label = button.querySelector(".label")!;
  const idle = label.textContent;
  let busy = false;
  form.addEventListener("submit", (event) => {
    if (busy) event.preventDefault();
    busy = true;
    button.setAttribute("aria-disabled", "true");
    label.textContent = form.dataset["opening"]!;
  });
  addEventListener("pageshow", () => {
    busy = false;
    button.removeAttribute("aria-disabled");
    label.textContent = idle;
  });
}

// Keeps the order page true while it is open: asks whether the payment is confirmed, counts the hold down, copies the number.
import { data, the } from "./document.ts";

interface Status {
  readonly state: string;
  readonly sms: string;
}

const firstWaitMs = 1500;
/** Each wait is longer than the one before: a sale costs two questions, a slow one a dozen. */
const backoff = 1.7;
const questionsMax = 12;
const copiedForMs = 2500;

document.documentElement.classList.add("scripted");
for (const status of document.querySelectorAll<HTMLElement>("[data-expected]")) watch(data(status, "token"), data(status, "expected"));
for (const countdown of document.querySelectorAll<HTMLElement>(".countdown")) countDown(countdown);
for (const button of document.querySelectorAll<HTMLElement>("[data-copy]")) copyOnTap(button);
for (const form of document.querySelectorAll<HTMLFormElement>("form.again")) submitOnce(form);

/** @param expected what the answer says as long as this page is true */
function watch(token: string, expected: string): void {
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
      if (response.ok) {
        const { state, sms } = (await response.json()) as Status;
        if ((state === "assigned" ? `${state} ${sms}` : state) !== expected) {
          // Without `?back`: from here on the order itself says where it stands.
          location.replace(location.pathname + (/[?&](lang=\w+)/.exec(location.search)?.[1]?.replace(/^/, "?") ?? ""));
          return;
        }
      }
    } catch {
      // No network for a moment: the next question may get through.
    }
    wait *= backoff;
    if (questions < questionsMax) setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}

/** Counts down the seconds that the server said were left. What the phone believes to be the time does not matter. */
function countDown(countdown: HTMLElement): void {
  const digits = the(".digits", countdown);
  // The seconds were true when the answer began, however long this script took to get here.
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const madeMs = visit?.responseStart ?? 0;
  const ranMs = performance.now();
  const sawMs = Date.now();
  // The steady clock stands still while a phone sleeps, the wall clock jumps when it is set: whichever went further counts, and at the end
  // the server is asked.
  const passedMs = (): number => Math.max(performance.now(), ranMs + Date.now() - sawMs) - madeMs;
  const timer = setInterval(() => {
    const seconds = Math.floor(Number(data(countdown, "left")) - passedMs() / 1000);
    if (seconds < 0) {
      clearInterval(timer);
      location.reload();
      return;
    }
    digits.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);
}

function copyOnTap(button: HTMLElement): void {
  const label = the("span", button);
  const idle = label.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(data(button, "copy"));
    } catch {
      // Not allowed to copy: select the number, so that the phone's own menu can.
      if (button.parentElement) getSelection()?.selectAllChildren(the(".serial", button.parentElement));
      return;
    }
    label.textContent = data(button, "copied");
    setTimeout(() => {
      label.textContent = idle;
    }, copiedForMs);
  });
}

/** A second tap while the payment page opens must not ask for a second one. */
function submitOnce(form: HTMLFormElement): void {
  const button = the("button", form);
  const label = the(".label", button);
  const idle = label.textContent;
  let busy = false;
  form.addEventListener("submit", (event) => {
    if (busy) event.preventDefault();
    busy = true;
    button.setAttribute("aria-disabled", "true");
    label.textContent = data(form, "opening");
  });
  addEventListener("pageshow", () => {
    busy = false;
    button.removeAttribute("aria-disabled");
    label.textContent = idle;
  });
}

// What was started, in order, so that it can be stopped in reverse, whole or halfway through a failed start.

export interface Closing {
  /** Remembers how to stop something that now runs. */
  add(name: string, stop: () => unknown): void;
  /** Stops everything once, the last first; one part that fails does not keep the others running. Later calls wait for the first. */
  all(): Promise<void>;
}

/** @param onFault told what did not stop cleanly */
export function closing(onFault: (name: string, error: unknown) => void): Closing {
  const parts: { readonly name: string; readonly stop: () => unknown }[] = [];
  let done: Promise<void> | undefined;
  async function stopAll(): Promise<void> {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.stop();
      } catch (error) {
        onFault(part.name, error);
      }
    }
  }
  return {
    add: (name, stop) => void parts.push({ name, stop }),
    all: () => (done ??= stopAll()),
  };
}

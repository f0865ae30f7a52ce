// What the page is sure to hold. A page without it is a mistake of ours, so it throws; the plain form goes on working.

/** The first element of `root` that matches. */
export function the<E extends HTMLElement>(selector: string, root: ParentNode = document): E {
  const element = root.querySelector<E>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}

/** The text of `data-<name>`. */
export const data = (element: HTMLElement, name: string): string => element.dataset[name] ?? "";

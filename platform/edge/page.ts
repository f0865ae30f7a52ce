// An HTML answer: its status, its text, and the content policy that goes with it.

export interface Page {
  readonly status: number;
  readonly html: string;
  /** The page's own Content-Security-Policy. */
  readonly csp: string;
}

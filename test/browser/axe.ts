// What axe says about a page.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** Rules the page breaks that keep somebody from using it, with the markup that breaks them. Throws when axe looked at nothing. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // Details of what is broken alone, and all in the page itself, which has no frames: half the time, the same verdict.
  const { violations, passes } = await new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .setLegacyMode()
    .analyze();
  if (passes.length < 10) throw new Error(`axe checked only ${passes.length} rules`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

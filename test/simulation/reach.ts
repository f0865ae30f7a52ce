// Which rare situations a campaign has met. A safety net that was never fallen into has proved nothing.

export class Reach {
  readonly counts = new Map<string, number>();

  saw(situation: string): void {
    this.counts.set(situation, (this.counts.get(situation) ?? 0) + 1);
  }

  add(other: { readonly counts: Iterable<readonly [string, number]> }): void {
    for (const [situation, count] of other.counts) this.counts.set(situation, (this.counts.get(situation) ?? 0) + count);
  }

  of(situation: string): number {
    return this.counts.get(situation) ?? 0;
  }
}

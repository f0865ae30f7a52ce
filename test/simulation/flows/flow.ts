// A flow is one file: who comes, what they do, and what must work for them once the faults have stopped.
import type { Dice } from "../dice.ts";
import type { Nemesis } from "../faults.ts";
import type { History } from "../history.ts";
import type { Stock } from "../shop.ts";
import type { World } from "../world-model.ts";

export interface Flow {
  readonly name: string;
  readonly about: string;
  /** How many stories of a hundred it is told in: what is rare beside others must not make every story long. */
  readonly percent: number;
  /** What lies on the shelf in this run. */
  stock(dice: Dice): readonly Stock[];
  /** What goes wrong in its stories besides the seed's faults, where anything goes wrong at all: so is met often what is rare by chance alone. */
  nemesis?(dice: Dice): readonly Nemesis[];
  /** Sends its people in. Answers whether they have all gone home. */
  begin(world: World, history: History): () => boolean;
  /** Runs without faults after everything has settled; what fails here goes into `history.broken`. */
  afterwards?(world: World, history: History): Promise<void>;
}

// Which adapter a connection is served by, where it calls, and how long it may wait.
import type { Providers } from "../provider.ts";
import { brisk, type Patience, patient, stripeProvider } from "./stripe/calls.ts";

export { brisk, patient };

/** @param simulator base URL of the stage's simulated providers; a stage without one refuses simulated connections */
export const providersOf =
  (simulator: string | undefined, patience: Patience): Providers =>
  (connection, secrets) => {
    if (connection.endpoint === "simulated" && !simulator) throw new Error("this stage has no simulated providers");
    return stripeProvider(secrets, connection.endpoint === "simulated" ? simulator : undefined, patience);
  };

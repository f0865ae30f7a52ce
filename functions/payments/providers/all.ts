// Which adapter a connection is served by, and where it calls.
import type { Providers } from "../provider.ts";
import { stripeProvider } from "./stripe/calls.ts";

/** @param simulator base URL of the stage's simulated providers; a stage without one refuses simulated connections */
export const providersOf =
  (simulator: string | undefined): Providers =>
  (connection, secrets) => {
    if (connection.endpoint === "simulated" && !simulator) throw new Error("this stage has no simulated providers");
    return stripeProvider(secrets, connection.endpoint === "simulated" ? simulator : undefined);
  };

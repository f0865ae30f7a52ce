// Twilio's own signature check: 4 KB of its SDK, the rest of which stays out of the bundle.
import { validateRequest } from "twilio/lib/webhooks/webhooks.js";

/** @param url the whole address as we gave it to Twilio; it is under the signature with the fields */
export const signedByTwilio = (authToken: string, signature: string | undefined, url: string, fields: Readonly<Record<string, string>>): boolean =>
  signature !== undefined && validateRequest(authToken, signature, url, fields);

// What higher rows may use of notifications.
export { type Message, messages } from "./message-table.ts";
export { InProgress, ProviderUnknown, type SendPorts, sendOnce } from "./send-once.ts";
export type { TextingOf } from "./texting.ts";
export { twilioOf } from "./twilio.ts";

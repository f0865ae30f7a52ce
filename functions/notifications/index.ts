// What higher rows may use of notifications.
export { type Message, messages, nothingToTell } from "./message-table.ts";
export { type SendPorts, sendOnce, type Telling } from "./send-once.ts";
export { twilioOf } from "./twilio.ts";

// What higher rows may use of notifications.
export { type Message, messages } from "./message-table.ts";
export { type SendPorts, sendOnce } from "./send-once.ts";
export { twilioOf } from "./twilio.ts";

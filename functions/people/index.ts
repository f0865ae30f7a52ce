// What higher rows may use of people.
export { openPhone, type Person, people, personId, phoneEnding, sealPhone, seePerson } from "./person-table.ts";
export { Phone, toE164 } from "./contract.ts";

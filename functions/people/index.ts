// What higher rows may use of people.
export { openPhone, people, personId, phoneEnding, sealPhone, seePerson } from "./person-table.ts";

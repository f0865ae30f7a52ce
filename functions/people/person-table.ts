// A guest person: made the moment somebody orders, known by a keyed hash of the phone, the phone itself sealed under a key of its own.
import * as z from "zod";
import { languages } from "../../platform/contract/problem.ts";
import { Sealed, type Sealer } from "../../platform/crypto/sealer.ts";
import { keyedHash } from "../../platform/ids/ids.ts";
import { entity, upsert, type Write } from "../../platform/table/model.ts";

export const Person = z.object({
  id: z.string(),
  phone: Sealed,
  language: z.enum(languages),
  seen_at: z.string(),
});
export type Person = z.infer<typeof Person>;

export const people = entity({
  name: "person",
  prefix: "PERSON",
  about: "A guest who bought something: the sealed phone number, found by its keyed hash. A profile comes with registration.",
  schema: Person,
  key: (id: { person_id: string }) => ({ pk: `PERSON#${id.person_id}`, sk: "PERSON" }),
});

/** @param linkSecret the stage's secret: without it nobody can tell whose id this is */
export const personId = (linkSecret: string, phone: string): string => keyedHash(linkSecret, "person", phone);

/** Seals the phone under a data key of this person. */
export const sealPhone = async (sealer: Sealer, id: string, phone: string): Promise<Sealed> => {
  const [sealed] = await sealer.seal("person", id, [{ name: "phone", text: phone }]);
  if (!sealed) throw new Error("nothing was sealed");
  return sealed;
};

/** Throws when the sealed phone belongs to another person. */
export const openPhone = (sealer: Sealer, person: Person): Promise<string> => sealer.open("person", "phone", person.phone);

/** Makes the guest, or renews what is known: the same phone is the same person. */
export const seePerson = (person: Person): Write<never> => upsert(people, { person_id: person.id }, { set: person });

/** What a page may show of a phone number: its last two digits. */
export const phoneEnding = (phone: string): string => phone.slice(-2);

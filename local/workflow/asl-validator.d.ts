// asl-validator ships no declarations; only the call we make is declared.
declare module "asl-validator" {
  /** Adds `QueryLanguage` to the states of `definition` in place: hand it a copy. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}

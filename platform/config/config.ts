// Stage configuration, read once at start. A missing value stops the function at once and says which.

/** The value of a stage setting; throws naming it when the template did not set it. */
export const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the stage does not set ${name}`);
  return value;
};

/** A setting that only some stages have: `SIMULATED_PROVIDERS` exists in no production template. */
export const optional = (name: string): string | undefined => process.env[name] || undefined;

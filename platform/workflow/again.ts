// Errors that mean "ask again": the workflow's Retry and the queue's redelivery know them by name.

/** Someone else is doing this very thing now. */
export class InProgress extends Error {
  override readonly name = "InProgress";
}

/** A provider's answer was lost, or it gave none that counts; it will be asked again, never guessed. */
export class ProviderUnknown extends Error {
  override readonly name = "ProviderUnknown";
}

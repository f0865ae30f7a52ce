// How long the AWS SDK's clients wait: less than any function may take, and a timeout is an error, not a warning.

export const patience = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const;

/** No answer, or one that the service itself is ashamed of: the same question may be answered a moment later. Only of errors that a client of the SDK threw. */
export const isPassing = (error: unknown): boolean => {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata !== undefined && ($metadata.httpStatusCode === undefined || $metadata.httpStatusCode >= 500);
};

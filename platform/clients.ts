// How long the AWS SDK's clients wait: less than any function may take, and a timeout is an error, not a warning.

export const patience = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const;

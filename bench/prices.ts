// What AWS charges, as found on the day below; us-east-1, dollars, free tiers ignored. Sources: performance.md section 1, where [S] is a
// public page and [K] is common knowledge not looked up again. A figure in dollars is never better than this table.
export const pricesOf = "2026-11-21, us-east-1";

export const perMillion = {
  write_units: 0.625, // DynamoDB on demand [S]
  read_units: 0.125, // DynamoDB on demand [S]
  http_calls: 1.0, // HTTP API [S]
  invocations: 0.2, // Lambda requests [S]
  express_runs: 1.0, // Step Functions Express, requests [S]
  sqs_requests: 0.4, // standard queue [K]
  cdn_requests: 1.0, // CloudFront HTTPS [K]
  kms_requests: 3.0, // $0.03 per 10 000 [K]
} as const;

export const lambdaGbSecond = 0.0000133334; // arm64 [K]
export const expressGbSecond = 0.00001667; // [S]
export const logsGb = 0.5; // CloudWatch ingest [S]

/** What no measurement on this machine can tell, taken as in performance.md section 5. */
export const assumed = {
  /** Of an invocation, seconds; warm. */
  invocation_seconds: 0.06,
  invocation_gb: 0.5,
  /** A run of the workflow. */
  express_seconds: 3,
  express_gb: 0.0625,
  /** Of logs, bytes a sale: the bound of S18. */
  log_bytes: 6 * 1024,
  /** Pictures, scripts and icons that a first-time buyer loads beside the pages. */
  static_files: 4,
} as const;

export interface Used {
  readonly write_units: number;
  readonly read_units: number;
  readonly http_calls: number;
  readonly invocations: number;
  readonly express_runs: number;
  readonly sqs_requests: number;
  readonly kms_requests: number;
}

/** Dollars for a thousand sales, by service. */
export function dollarsPer1000(used: Used): Readonly<Record<string, number>> {
  const million = (count: number, price: number): number => (1000 * count * price) / 1_000_000;
  const lambda = used.invocations * assumed.invocation_seconds * assumed.invocation_gb * lambdaGbSecond;
  const express = used.express_runs * assumed.express_seconds * assumed.express_gb * expressGbSecond;
  return {
    "DynamoDB writes": million(used.write_units, perMillion.write_units),
    "DynamoDB reads": million(used.read_units, perMillion.read_units),
    "HTTP API": million(used.http_calls, perMillion.http_calls),
    Lambda: million(used.invocations, perMillion.invocations) + 1000 * lambda,
    "Step Functions": million(used.express_runs, perMillion.express_runs) + 1000 * express,
    SQS: million(used.sqs_requests, perMillion.sqs_requests),
    CloudFront: million(used.http_calls + assumed.static_files, perMillion.cdn_requests),
    KMS: million(used.kms_requests, perMillion.kms_requests),
    Logs: (1000 * assumed.log_bytes * logsGb) / 1024 ** 3,
  };
}

// Stands in for `@aws-sdk/credential-provider-node` in every bundle. Lambda puts a function's credentials into its environment; the other
// providers (SSO, profiles, processes, web identity, container and instance metadata) are never asked there, yet are a third of a small bundle
// (docs/deploy.md, "Bundles"). Without them, a function that got no credentials fails at once instead of asking a link-local address.

/** What the SDK's clients take as their default: called once for each client, and its answer whenever there are no credentials yet. */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error("The environment holds no AWS credentials");
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};

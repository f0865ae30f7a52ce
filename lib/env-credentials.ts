// Stands in for `@aws-sdk/credential-provider-node` in every bundle. Lambda puts a function's credentials into its
// environment; the other providers (SSO, profiles, processes, web identity, container and instance metadata) are never
// asked there, yet cost 130 KB and about a fifth of the SDK's start (docs/deploy.md, "Bundles"). Leaving the metadata
// provider out also means that a function without credentials fails at once instead of asking a link-local address.
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = fromEnv;

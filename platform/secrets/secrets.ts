// Generated stage secrets (the CDN's origin secret, the link secret), fetched at the first use and kept while the container lives.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { patience } from "../clients.ts";

export type Secret = () => Promise<string>;

/** A secret that is read once; a failed read is forgotten, so that one bad call does not poison the container. */
export const stageSecret = (secretId: string, client = new SecretsManagerClient(patience)): Secret => {
  let value: Promise<string> | undefined;
  return () => {
    value ??= client.send(new GetSecretValueCommand({ SecretId: secretId })).then(
      (answer) => {
        if (!answer.SecretString) throw new Error(`the secret ${secretId} is empty`);
        return answer.SecretString;
      },
      (error: unknown) => {
        value = undefined;
        throw error;
      },
    );
    return value;
  };
};

/** A policy that the local platform would not judge as AWS does: it stops the start. */
export class UnsupportedPolicy extends Error {
  override readonly name = "UnsupportedPolicy";
}

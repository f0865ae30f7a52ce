// Why the shop does not start, said so that a person knows how to go on. Anything else that is thrown is a fault of ours.

export class StartRefused extends Error {
  override readonly name = "StartRefused";
}

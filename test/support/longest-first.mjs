// Order of the test files: those that take longest first, so that no long one is left over for the end while the other workers have nothing
// to do. Jest itself knows how long a file took last time, and in a fresh clone only how large it is.
import Sequencer from "@jest/test-sequencer";

/** From the longest on; all others come after them, as jest would have them. */
const longest = [
  /\/simulation\/simulation\.test\.ts$/,
  /\/flows\/(news|after-sale|webhooks|load)\.test\.ts$/,
  /\/browser\/|\/flows\/|\/local\/start\/start\.test\.ts$|\/infra\/bundles\.test\.ts$/,
];
const rank = ({ path }) => {
  const place = longest.findIndex((pattern) => pattern.test(path));
  return place < 0 ? longest.length : place;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

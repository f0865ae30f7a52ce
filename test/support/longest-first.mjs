// Order of the test files: those that take longest first, so that no long one is left over for the end while the other workers have nothing
// to do. Jest itself knows how long a file took last time, and in a fresh clone only how large it is: the kills are a file of fifteen lines.
import Sequencer from "@jest/test-sequencer";

/** Two groups, the longer first, then all others; within each, as jest would have it. */
const long = [
  /\/simulation\/simulation\.test\.ts$|\/flows\/(news|after-sale|webhooks|kill)\.test\.ts$/,
  /\/browser\/(pages|sale)|\/flows\/(sale|needs)\.test|\/local\/start\/start\.test|\/infra\/bundles\.test/,
];
const rank = ({ path }) => {
  const group = long.findIndex((pattern) => pattern.test(path));
  return group < 0 ? long.length : group;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

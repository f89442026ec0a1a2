// Mocha's usual output, and the counts in the file that PORT_PRISM_COUNTS names: a run that died half-way leaves none, and counts as failed.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (process.env.PORT_PRISM_COUNTS) writeFileSync(process.env.PORT_PRISM_COUNTS, JSON.stringify({ passed: passes, failed: failures + pending }));
    });
  }
};

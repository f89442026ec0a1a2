// The rule service lives in its own bundle, loaded when the first rule file is looked at: activation does not pay for it.

import type { RuleService } from '../../shared/rules.js';

export class RuleServiceLoader {
  private service: RuleService | undefined;

  /** @param bundle absolute path of a CommonJS module that exports `createRuleService()` */
  constructor(private readonly bundle: string) {}

  get(): RuleService {
    if (this.service === undefined) {
      // The path is only known at run time, so the bundler leaves this call alone.
      const module = require(this.bundle) as { createRuleService(): RuleService };
      this.service = module.createRuleService();
    }
    return this.service;
  }
}

// Answers about holding. Decoding is loaded with the first rule: an engine that holds nothing carries none of it.

import type { HoldAction, HoldRequests, HoldRule, HoldStatus } from '../../../shared/hold.js';
import { Owner } from '../../../shared/lifecycle.js';
import type { Engine } from '../engine.js';
import type { Holds } from './holds.js';

type Result<K extends keyof HoldRequests> = HoldRequests[K]['result'];

const nothing: HoldStatus = { rules: [], held: [] };

/** One per engine. The `Holds` that it makes end with the engine's flows. */
export class HoldServer extends Owner {
  private holds: Holds | undefined;

  constructor(private readonly engine: Engine, private readonly tell: (status: HoldStatus) => void) {
    super();
  }

  async set(rules: readonly HoldRule[], spoken: readonly (readonly [number, string])[] = []): Promise<Result<'hold/set'>> {
    if (this.holds === undefined) {
      if (rules.length === 0) return { ...nothing, problems: [] };
      const { Holds } = await import('./holds.js');
      const made = this.register(new Holds());
      this.register(made.onChanged(() => this.tell(made.status())));
      this.holds = made;
    }
    const { holds } = this;
    const problems = holds.set(rules, spoken);
    this.engine.useHolds(holds.isOn ? holds : undefined);
    return { ...holds.status(), problems };
  }

  status(): HoldStatus {
    return this.holds?.status() ?? nothing;
  }

  read(id: number): Result<'hold/read'> {
    const bytes = this.holds?.read(id);
    return bytes === undefined ? null : { bytes };
  }

  decide(id: number, action: HoldAction): Result<'hold/decide'> {
    return { isDone: this.holds?.decide(id, action) === true };
  }
}

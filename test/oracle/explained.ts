// Differences that were looked into and decided: which decoder is right, or why both are.

export interface Explained {
  protocol: string;
  /** name of the list, as in comparisons.ts */
  name: string;
  /** holds for a difference `tshark: A | ours: B`, where a missing one is `nothing` */
  difference: RegExp;
  why: string;
}

export const explained: readonly Explained[] = [];

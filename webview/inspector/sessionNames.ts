// Names of the editor's debug sessions, for whatever shows a flow: its row knows ids only.

const names = new Map<string, string>();

export function setSessionNames(sessions: readonly { id: string; name: string }[]): void {
  names.clear();
  for (const { id, name } of sessions) names.set(id, name);
}

/** @returns names of the sessions that a flow's client and upstream belong to, joined; '' when there are none */
export function sessionWords({ session, upstreamSession }: { session?: string; upstreamSession?: string }): string {
  return [session, upstreamSession].flatMap((id) => (id === undefined ? [] : (names.get(id) ?? []))).join(', ');
}

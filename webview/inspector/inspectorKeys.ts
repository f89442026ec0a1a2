// Which key means what in the inspector, outside of the widgets that have keys of their own. The cheat sheet lists them.

export type InspectorAction = 'filter' | 'pause' | 'follow' | 'keys' | 'mark' | 'filterByThis' | 'toAnswer' | 'toRequest' | 'toList';

/** @param isInMessages the focus is in the list of messages */
export function inspectorKey(event: KeyboardEvent, areMessages: boolean, isInMessages: boolean, isInDetail: boolean): InspectorAction | undefined {
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) return key.toLowerCase() === 'f' ? 'filter' : undefined;
  if (event.altKey || event.metaKey) return undefined;
  if (key === 'Escape') return isInDetail ? 'toList' : undefined;
  if (isTyping(event.target)) return undefined;
  if (key === '?') return 'keys';
  if (key === '/') return 'filter';
  if (isInDetail) return undefined;
  switch (key.toLowerCase()) {
    case 'p': return 'pause';
    case 'f': return 'follow';
    default: break;
  }
  if (!areMessages || !isInMessages) return undefined;
  switch (key.toLowerCase()) {
    case 'm': return 'mark';
    case '=': return 'filterByThis';
    case ']': return 'toAnswer';
    case '[': return 'toRequest';
    default: return undefined;
  }
}

/** Letters that go into a text are no commands. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

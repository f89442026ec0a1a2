import type { Protocol } from '../src/core/protocols/protocol.js';
export function fillSchema(schema: unknown, protocols: readonly Protocol[], groups: Readonly<Record<string, readonly string[]>>): unknown;
export function fillProtocols(readme: string, protocols: readonly Protocol[], decoded: readonly string[]): string;

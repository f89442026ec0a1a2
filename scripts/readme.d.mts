/** The README with its tables of commands and settings as the manifest has them. */
export function fillTables(readme: string, manifest: unknown, strings: Record<string, string>): string;

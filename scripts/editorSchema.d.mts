export function editorSchema(schema: unknown): unknown;
export function editorSchemaText(): string;

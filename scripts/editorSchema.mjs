// Writes media/port-prism.editor.schema.json: the rule file's schema as the editor uses it, for completion and hover alone.
// What is wrong is said by our own check, with a place, a reason and a fix; a schema that also complains says everything twice.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../media/${name}`, import.meta.url));

/** Keys of a JSON schema that only ever complain. */
const complaints = new Set(['not', 'if', 'then', 'else', 'dependencies', 'additionalProperties', 'required', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties', 'uniqueItems', 'errorMessage', 'patternErrorMessage', 'format', 'multipleOf']);

/** @returns the schema without complaints; values of an `enum` stay as suggestions */
export function editorSchema(schema) {
  if (Array.isArray(schema)) return schema.map(editorSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const loose = {};
  for (const [key, value] of Object.entries(schema)) {
    if (complaints.has(key) && (key !== 'additionalProperties' || typeof value === 'boolean')) continue;
    if (key === 'enum') loose.examples = value;
    else if (key === 'const') loose.examples = [value];
    else if (key === 'type') {
      if (value === 'boolean') loose.examples = [true, false];
    }
    // Alternatives that no longer complain all fit: "exactly one" would be a complaint again.
    else if (key === 'oneOf') loose.anyOf = editorSchema(value);
    else if (key === 'properties' || key === 'definitions' || key === '$defs') loose[key] = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, editorSchema(part)]));
    else if (key === 'default' || key === 'examples' || key === 'defaultSnippets') loose[key] = value;
    else loose[key] = editorSchema(value);
  }
  return loose;
}

export function editorSchemaText() {
  return `${JSON.stringify(editorSchema(JSON.parse(readFileSync(file('port-prism.schema.json'), 'utf8'))), null, 2)}\n`;
}

if (process.argv[1]?.endsWith('editorSchema.mjs')) writeFileSync(file('port-prism.editor.schema.json'), editorSchemaText());

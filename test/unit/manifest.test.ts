import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const read = (file: string): string => readFileSync(join(process.cwd(), file), 'utf8');
const json = (file: string): Record<string, string> => JSON.parse(read(file)) as Record<string, string>;

suite('manifest and translations', () => {
  for (const file of ['package.nls.json', 'package.nls.zh-cn.json']) {
    test(`${file} has a text for every key of the manifest, and no other`, () => {
      const used = new Set([...read('package.json').matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]));
      assert.deepEqual(Object.keys(json(file)).sort(), [...used].sort());
      for (const [key, text] of Object.entries(json(file))) assert.notEqual(text.trim(), '', key);
    });
  }

  test('every command that the manifest declares has a row in host/commands.ts, and the other way round', () => {
    const manifest = JSON.parse(read('package.json')) as { contributes: { commands: { command: string }[] } };
    const declared = manifest.contributes.commands.map(({ command }) => command).sort();
    const rows = [...read('src/host/commands.ts').matchAll(/^ {6}'(portPrism\.[\w.]+)':/gm)].map((match) => match[1]).sort();
    assert.deepEqual(rows, declared);
  });

  test('the editor\'s schema follows the rule file\'s schema (node scripts/editorSchema.mjs)', async () => {
    const { editorSchema } = (await import(pathToFileURL(join(process.cwd(), 'scripts', 'editorSchema.mjs')).href)) as typeof import('../../scripts/editorSchema.mjs');
    assert.deepEqual(JSON.parse(read('media/port-prism.editor.schema.json')), editorSchema(JSON.parse(read('media/port-prism.schema.json'))));
  });

  test('menus and keys name declared commands only', () => {
    const manifest = JSON.parse(read('package.json')) as {
      contributes: { commands: { command: string }[]; menus: Record<string, { command: string }[]>; keybindings: { command: string }[] };
    };
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    const named = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.keybindings].map(({ command }) => command);
    assert.deepEqual(named.filter((command) => !declared.has(command)), []);
  });

  test('the Chinese bundle has every text of host, pages and the words of filters, and no other', () => {
    const texts = new Set(['src/extension.ts', ...sources('src/host'), ...sources('webview'), ...sources('src/core/lens/filter')].flatMap((file) => textsOf(read(file))));
    assert.ok(texts.size > 100);
    const bundle = json('media/l10n/bundle.l10n.zh-cn.json');
    assert.deepEqual([...texts].filter((text) => bundle[text] === undefined), [], 'not translated');
    // Keys with a comment are core's sentences: sentences.test.ts.
    assert.deepEqual(Object.keys(bundle).filter((text) => !text.endsWith('/core') && !texts.has(text)), [], 'no longer used');
  });

  test('a translation keeps the values of its text', () => {
    const holes = (text: string): string[] => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();
    for (const [english, chinese] of Object.entries(json('media/l10n/bundle.l10n.zh-cn.json'))) {
      assert.deepEqual(holes(chinese), holes(english), english);
    }
  });
});

function sources(folder: string): string[] {
  return readdirSync(join(process.cwd(), folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(process.cwd().length + 1));
}

/** Texts in `t('...')` and `plural(n, '...', '...')`, as written. */
function textsOf(source: string): string[] {
  const literal = `'(?:[^'\\\\\\n]|\\\\.)*'`;
  const found = [
    ...[...source.matchAll(new RegExp(`(?<![\\w.])(?:vscode\\.l10n\\.t|l10n\\.t|t)\\(\\s*([^'()]*\\?\\s*)?(${literal})(?:\\s*:\\s*(${literal}))?`, 'g'))].flatMap((match) => [match[2], match[3]]),
    ...[...source.matchAll(new RegExp(`(?<!\\w)plural\\([^;\\n]*?,\\s*(${literal}),\\s*(${literal})`, 'g'))].flatMap((match) => [match[1], match[2]]),
  ];
  return found.flatMap((text) => (text === undefined ? [] : [unquoted(text)]));
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_whole, character: string) => (character === 'n' ? '\n' : character));
}

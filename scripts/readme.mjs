// Fills the tables of README.md that stand in the manifest already: commands and settings, between comment markers.
//   node scripts/readme.mjs           writes README.md
//   node scripts/readme.mjs --check   says whether it is up to date, exit 1 when not
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param readme text with `<!-- commands -->` ... `<!-- /commands -->` and the same for `settings`
 * @param manifest package.json, parsed
 * @param strings package.nls.json, parsed
 * @returns the text with both tables as the manifest has them
 */
export function fillTables(readme, manifest, strings) {
  const contributes = manifest.contributes ?? {};
  let text = between(readme, 'commands', commandTable(contributes, strings));
  text = between(text, 'settings', settingTable(contributes, strings));
  return text;
}

function commandTable(contributes, strings) {
  // Commands that need a row of a tree are in its menus; the palette leaves them out, and so does this table.
  const hidden = new Set((contributes.menus?.commandPalette ?? []).filter((entry) => entry.when === 'false').map((entry) => entry.command));
  const keys = new Map((contributes.keybindings ?? []).map((binding) => [binding.command, binding.key]));
  const rows = (contributes.commands ?? []).filter(({ command }) => !hidden.has(command)).map(({ command, title, category }) => {
    const key = keys.get(command);
    return `| ${local(category, strings)}: ${local(title, strings)} | \`${command}\` | ${key === undefined ? '' : `\`${key}\``} |`;
  });
  return ['| command | id | key |', '|---|---|---|', ...rows].join('\n');
}

function settingTable(contributes, strings) {
  const groups = [contributes.configuration ?? []].flat();
  const rows = groups.flatMap((group) => Object.entries(group.properties ?? {})).map(([name, setting]) => {
    const text = local(setting.markdownDescription ?? setting.description ?? '', strings);
    return `| \`${name}\` | \`${JSON.stringify(setting.default)}\` | ${cell(text.replace(/`#([^#`]+)#`/g, '`$1`'))} |`;
  });
  return ['| setting | default | what it does |', '|---|---|---|', ...rows].join('\n');
}

function local(text, strings) {
  const key = /^%(.+)%$/.exec(text ?? '')?.[1];
  if (key === undefined) return text ?? '';
  const found = strings[key];
  if (found === undefined) throw new Error(`package.nls.json lacks ${key}`);
  return typeof found === 'string' ? found : found.message;
}

function cell(text) {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}

function between(text, name, content) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md lacks the markers ${open} and ${close}`);
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const read = (name) => readFileSync(join(projectRoot, name), 'utf8');
  const now = read('README.md');
  const wanted = fillTables(now, JSON.parse(read('package.json')), JSON.parse(read('package.nls.json')));
  if (process.argv.includes('--check')) {
    if (now !== wanted) console.error('README.md is stale: run "npm run readme".');
    process.exit(now === wanted ? 0 : 1);
  }
  writeFileSync(join(projectRoot, 'README.md'), wanted);
}

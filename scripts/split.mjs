// Engine, lens, rules and the command line share the catalogue and the dissectors, which are most of each: esbuild puts what several entries use into
// files of their own. It does so for ES modules only, while threads and `require` start CommonJS 5 ms sooner: so its import and export statements,
// whose form is known, become require and module.exports. Bindings stay plain constants; a bundle with lazy modules took twice as long to start.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import vm from 'node:vm';

const shared = 'shared-';
/** Room for what comes first in each file, so that lines stay where the source map says they are. */
const shebang = '#!/usr/bin/env node';
const strict = '"use strict";';

/** Only what esbuild can have written: a package would be inside the bundle, a string in the code does not look like this. */
const importStatement = /\bimport\s*(?:([\w$]+)\s*,?\s*)?(?:\{([\w$\s,]*)\}|\*\s*as\s+([\w$]+))?\s*(?:\bfrom\s*)?"(node:[\w/]+|\.\/[\w-]+\.js)";?/g;
const exportStatement = /\bexport\s*\{([\w$\s,]*)\};?(?=\s*(?:\/\/# sourceMappingURL=\S*\s*)?$)/;

/** Options for esbuild: the entries and `shared-HASH.js` beside them. */
export const splitOptions = {
  format: 'esm',
  splitting: true,
  chunkNames: `${shared}[hash]`,
  banner: { js: `${shebang}\n${strict}` },
  write: false,
};

/**
 * @param folder where they go; files of an earlier build that no entry needs any more are removed
 * @param programs names of entries that a shell starts
 */
export function commonJs(folder, programs) {
  return {
    name: 'commonjs',
    setup(build) {
      build.onEnd(({ errors, outputFiles, metafile }) => {
        if (errors.length > 0) return;
        const written = new Set();
        for (const { path, text } of outputFiles) {
          const name = basename(path);
          written.add(name);
          writeFileSync(path, name.endsWith('.js') ? convert(text, importsOf(metafile, name), programs.includes(name)) : text);
        }
        for (const name of readdirSync(folder)) if (name.startsWith(shared) && !written.has(name)) rmSync(join(folder, name));
      });
    },
  };
}

function importsOf(metafile, name) {
  const [, { imports }] = Object.entries(metafile.outputs).find(([path]) => basename(path) === name);
  return new Set(imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => (path.startsWith('node:') ? path : `./${basename(path)}`)));
}

/** @throws Error when a statement is not of the form that is known */
function convert(text, expected, isProgram) {
  const required = [];
  const found = new Set();
  const withoutImports = text.replace(importStatement, (statement, standard, names, all, from) => {
    found.add(from);
    const source = `require("${from}")`;
    const bound = [standard, names === undefined ? undefined : `{${names.replace(/\s+as\s+/g, ':').replace(/\s+/g, '')}}`, all].filter((binding) => binding !== undefined);
    required.push(bound.length === 0 ? source : `const ${bound.map((binding) => `${binding}=${source}`).join(',')}`);
    return '\n'.repeat(statement.split('\n').length - 1);
  });
  const missed = [...expected].filter((from) => !found.has(from));
  if (missed.length > 0) throw new Error(`import of ${missed.join(', ')} is not of the form that scripts/split.mjs knows`);
  const code = withoutImports.replace(exportStatement, (statement, names) => {
    const exported = names.split(',').map((name) => name.trim().split(/\s+as\s+/)).map(([local, outside = local]) => `${outside}:${local}`);
    return `module.exports={${exported.join(',')}};${'\n'.repeat(statement.split('\n').length - 1)}`;
  });
  const whole = code.replace(`${shebang}\n${strict}`, () => `${isProgram ? shebang : ''}\n${strict}${required.map((line) => `${line};`).join('')}`);
  new vm.Script(whole);
  return whole;
}

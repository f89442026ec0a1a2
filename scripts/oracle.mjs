// `npm run oracle [-- PROTOCOL...]`: real traffic is recorded by `port-prism run`, decoded by `port-prism decode` and by tshark, and compared.
// What differs is listed; what is not explained in test/oracle/explained.ts makes it fail. With CI=true nothing may be left out.
import { join } from 'node:path';
import { findProgram } from './browser.mjs';
import { installForOracle } from './debian.mjs';
import { ensurePackages, requireNode, root } from './install.mjs';
import { endOnSignal, run } from './processes.mjs';

requireNode();
endOnSignal();
await ensurePackages();
await installForOracle();
if (findProgram('tshark') === undefined) {
  console.error('tshark is not installed: there is nothing to compare with.');
  process.exit(1);
}
const built = await run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--tests'], { cwd: root });
process.exit(built || (await run(process.execPath, [join(root, 'dist', 'test', 'oracle', 'index.js'), ...process.argv.slice(2)], { cwd: root })));

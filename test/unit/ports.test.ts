import assert from 'node:assert/strict';
import { parseHexAddress, parseTcpTable, parseUnixTable } from '../../src/core/ports/procNet.js';
import { ancestorsOf, parseParent } from '../../src/core/ports/procScan.js';
import { ProcessResolver } from '../../src/core/ports/processResolver.js';
import { listeningAt, parseLsof, parseParents, parseWindows, type OwnerQuestion, type SocketOwners } from '../../src/core/ports/socketOwner.js';
import type { ProcessFacts } from '../../src/shared/flow.js';

suite('socket tables', () => {
  test('Linux: /proc/net/tcp as the kernel prints it', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0',
      '   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 20 4 30 10 -1',
      '',
    ].join('\n');
    assert.deepEqual(parseTcpTable(text), [
      { localHost: '127.0.0.1', localPort: 8080, remoteHost: '0.0.0.0', remotePort: 0, isListening: true, inode: 31337 },
      { localHost: '127.0.0.1', localPort: 50000, remoteHost: '127.0.0.1', remotePort: 8080, isListening: false, inode: 4242 },
    ]);
  });

  test('Linux: addresses in words of the machine\'s byte order, shortened as Node shows them', () => {
    const cases: [string, string][] = [
      ['0100007F', '127.0.0.1'],
      ['00000000000000000000000001000000', '::1'],
      ['00000000000000000000000000000000', '::'],
      ['0000000000000000FFFF00000100007F', '127.0.0.1'],
      ['B80D0120000000000000000001000000', '2001:db8::1'],
    ];
    for (const [hex, expected] of cases) assert.equal(parseHexAddress(hex), expected);
  });

  test('Linux: sockets bound to a path', () => {
    const text = 'Num RefCount Protocol Flags Type St Inode Path\n0000: 00000002 00000000 00010000 0001 01 777 /tmp/a.sock\n0000: 00000002 00000000 00010000 0001 01 778 /tmp/b.sock';
    assert.deepEqual(parseUnixTable(text, '/tmp/b.sock'), [778]);
  });

  test('macOS: lsof -F', () => {
    const text = ['p501', 'cnode', 'f21', 'n127.0.0.1:50000->127.0.0.1:3000', 'TST=ESTABLISHED', 'f22', 'n[::1]:3000', 'TST=LISTEN', 'p7', 'cpostgres', 'f3', 'n*:5432', 'TST=LISTEN'].join('\n');
    const rows = parseLsof(text);
    assert.deepEqual(rows.map((row) => [row.pid, row.name, row.localHost, row.localPort, row.remotePort, row.isListening]), [
      [501, 'node', '127.0.0.1', 50000, 3000, false],
      [501, 'node', '::1', 3000, 0, true],
      [7, 'postgres', '*', 5432, 0, true],
    ]);
  });

  test('macOS: lsof with the parents that ps tells', () => {
    const parents = parseParents('    1     0\n  400     1\n  501   400\n');
    const [row] = parseLsof(['p501', 'cnode', 'n[::1]:3000', 'TST=LISTEN'].join('\n'), parents);
    assert.deepEqual(row?.ancestors, [400, 1]);
  });

  test('Linux: a parent is read behind a name that may hold anything', () => {
    assert.equal(parseParent('4242 (a) S 1 (x) S 77 4242 4242 0'), 77);
    assert.equal(parseParent(''), undefined);
  });

  test('ancestors end at the top, where a process is gone, and in a circle', () => {
    const parents = new Map([[9, 8], [8, 1], [1, 0], [5, 6], [6, 5], [3, 2]]);
    const parent = (pid: number) => parents.get(pid);
    assert.deepEqual(ancestorsOf(9, parent), [8, 1]);
    assert.deepEqual(ancestorsOf(3, parent), [2]);
    assert.equal(ancestorsOf(5, parent).length, 32);
  });

  test('who listens: at the very address, else at all of them, else at any', () => {
    const rows = parseLsof(['p1', 'ca', 'n127.0.0.1:80', 'TST=LISTEN', 'p2', 'cb', 'n[::1]:80', 'TST=LISTEN', 'p3', 'cc', 'n*:81', 'TST=LISTEN', 'p4', 'cd', 'n192.168.1.5:81', 'TST=LISTEN'].join('\n'));
    const pids = (host: string, port: number) => listeningAt(rows, { host, port }).map(({ pid }) => pid);
    assert.deepEqual([pids('::1', 80), pids('127.0.0.1', 81), pids('192.168.1.5', 81), pids('10.0.0.1', 80), pids('127.0.0.1', 82)], [[2], [3], [4], [1, 2], []]);
  });

  test('Windows: PowerShell\'s JSON, one row or many, names without .exe', () => {
    const row = { l: '127.0.0.1', lp: 50000, r: '127.0.0.1', rp: 3000, s: 'Established', p: 12, n: 'mysql.exe', c: '"C:\\mysql.exe" -h localhost' };
    assert.equal(parseWindows(JSON.stringify(row))[0]?.name, 'mysql');
    assert.deepEqual(parseWindows(JSON.stringify([row, { ...row, s: 'Listen', n: null, c: null }])).map((found) => [found.isListening, found.name]), [[false, 'mysql'], [true, '']]);
    assert.deepEqual(parseWindows(''), []);
  });
});

suite('program look-ups', () => {
  const end = (port: number) => ({ host: '127.0.0.1', port });
  const program: ProcessFacts = { pid: 1, name: 'psql', commandLine: 'psql' };

  /** Owners that answer when told to. */
  function owners(): SocketOwners & { asked: number[][]; answer: () => void } {
    let release: () => void = () => undefined;
    const asked: number[][] = [];
    return {
      asked,
      answer: () => release(),
      find(questions: readonly OwnerQuestion[]) {
        asked.push(questions.map((question) => ('port' in question.client ? question.client.port : 0)));
        return new Promise((resolve) => (release = () => resolve(questions.map(() => program))));
      },
      listening: async () => null,
    };
  }

  test('questions of routes that come together are answered with one look', async () => {
    const system = owners();
    const resolver = new ProcessResolver(system);
    const answers = [resolver.now(end(1), end(9)), resolver.now(end(2), end(9))];
    while (system.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    system.answer();
    assert.deepEqual(await Promise.all(answers), [program, program]);
    assert.deepEqual(system.asked, [[1, 2]]);
    resolver.dispose();
  });

  test('a look that fails has found nothing', async () => {
    const resolver = new ProcessResolver({ find: () => Promise.reject(new Error('no /proc')), listening: async () => null });
    assert.equal(await resolver.now(end(1), end(9)), null);
    resolver.dispose();
  });

  test('for display, flows that are over by then are not looked up', async () => {
    const system = owners();
    const resolver = new ProcessResolver(system);
    const found: number[] = [];
    resolver.later(end(1), end(9), () => false, () => found.push(1));
    resolver.later(end(2), end(9), () => true, () => found.push(2));
    while (system.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    system.answer();
    while (found.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(system.asked, [[2]]);
    assert.deepEqual(found, [2]);
    resolver.dispose();
  });

  test('for display, the first flow after a rest is looked up at once, and is named although it ended meanwhile', async () => {
    const system = owners();
    const resolver = new ProcessResolver(system);
    const found: number[] = [];
    let isOpen = true;
    assert.ok(resolver.isRested);
    resolver.later(end(1), end(9), () => isOpen, () => found.push(1));
    assert.deepEqual(system.asked, [[1]]);
    assert.ok(!resolver.isRested);
    isOpen = false;
    system.answer();
    while (found.length === 0) await new Promise((resolve) => setImmediate(resolve));
    resolver.dispose();
  });

  test('for display, flows that share an upstream are answered with one look', async () => {
    const looks: string[] = [];
    const resolver = new ProcessResolver({ find: async () => [], listening: async (address) => (looks.push('port' in address ? String(address.port) : address.path), program) });
    const answers: (ProcessFacts | null)[] = [];
    // The first is looked up at once; the next two wait for its rest, together.
    resolver.laterListening({ kind: 'tcp', host: '127.0.0.1', port: 1 }, (process) => answers.push(process));
    resolver.laterListening({ kind: 'tcp', host: '127.0.0.1', port: 2 }, (process) => answers.push(process));
    resolver.laterListening({ kind: 'tcp', host: '127.0.0.1', port: 2 }, (process) => answers.push(process));
    while (answers.length < 3) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(looks, ['1', '2']);
    assert.deepEqual(answers, [program, program, program]);
    resolver.dispose();
  });

  test('disposal answers what is pending', async () => {
    const resolver = new ProcessResolver(owners());
    const answer = resolver.now(end(1), end(9));
    resolver.dispose();
    assert.equal(await answer, null);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from './support/cli.js';

suite('port-prism: words', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  test('called wrongly: exit 2, what was wrong and how it goes on standard error, nothing on standard output', async () => {
    const cases: [string[], RegExp][] = [
      [[], /There is no command/],
      [['fly'], /no command "fly"/],
      [['decode'], /decode needs a capture file/],
      [['decode', 'a.pcapng', 'b.pcapng'], /one capture file, and got 2/],
      [['--fast'], /no option --fast/],
      [['run'], /run needs a rule file/],
      [['run', 'a.json', 'b.json'], /one rule file, and got 2/],
      [['run', 'a.json', '--recrod', 'x'], /--recrod/],
      [['run', 'a.json', '--memory', 'lots'], /--memory takes a number/],
      [['run', 'a.json', '--memory', '0'], /--memory takes a number/],
      [['run', 'a.json', '--no-capture', '--record', 'x'], /--record needs/],
      [['check'], /check needs a rule file/],
      [['classify', 'file'], /file/],
    ];
    for (const [words, expected] of cases) {
      const cli = stage.start(...words);
      assert.equal(await cli.finish(), 2, words.join(' '));
      assert.match(cli.stderr, expected);
      assert.match(cli.stderr, /Usage:/);
      assert.equal(cli.stdout, '');
    }
  });

  test('--help and --version', async () => {
    for (const words of [['--help'], ['run', '--help'], ['help']]) {
      const cli = stage.start(...words);
      assert.equal(await cli.finish(), 0);
      assert.match(cli.stdout, /port-prism run RULES/);
    }
    const cli = stage.start('--version');
    assert.equal(await cli.finish(), 0);
    const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8')) as { version: string };
    assert.equal(cli.stdout, `${manifest.version}\n`);
  });
});

suite('port-prism check', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  const good = { listeners: [{ name: 'dev', listen: '127.0.0.1:3000', routes: [{ name: 'web', match: { protocol: 'http' }, to: '8080' }], default: '9000' }] };

  test('a good file: nothing to say, exit 0', async () => {
    const cli = stage.start('check', stage.rules(good));
    assert.equal(await cli.finish(), 0);
    assert.deepEqual([cli.stdout, cli.stderr], ['', '']);
  });

  test('a byte order mark, as editors on Windows write it, is no error', async () => {
    const cli = stage.start('check', stage.rules(`\uFEFF${JSON.stringify(good)}`));
    assert.equal(await cli.finish(), 0);
    assert.equal(cli.stdout + cli.stderr, '');
  });

  test('an error is printed with its place, counted from 1, and exit 1', async () => {
    const file = stage.rules('{\n  "listeners": [\n    {\n      "name": "dev",\n      "lisen": "3000"\n    }\n  ]\n}');
    const cli = stage.start('check', file);
    assert.equal(await cli.finish(), 1);
    const lines = cli.stdout.trimEnd().split('\n');
    assert.ok(lines.some((line) => line.startsWith(`${file}:5:7: `) && line.includes('lisen')), cli.stdout);
    for (const line of lines) assert.match(line.slice(file.length), /^:\d+:\d+: \S/);
  });

  test('a warning is printed, and exit 0', async () => {
    const [listener] = good.listeners;
    const file = stage.rules({ listeners: [{ ...listener, routes: [{ name: 'all', match: {}, to: '1' }, ...listener!.routes] }] });
    const json = stage.start('check', file, '--json');
    assert.equal(await json.finish(), 0, json.stdout);
    const problems = json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { severity: string; code: string; line: number });
    assert.ok(problems.some(({ code, severity }) => code === 'unreachableRoute' && severity === 'warning'), json.stdout);
    const prose = stage.start('check', file);
    assert.equal(await prose.finish(), 0);
    assert.equal(prose.stdout.trimEnd().split('\n').length, problems.length);
  });

  test('several files are all looked at, also after one that is not there', async () => {
    const bad = stage.rules('[', 'bad.json');
    const cli = stage.start('check', join(stage.folder, 'none.json'), bad, stage.rules(good));
    assert.equal(await cli.finish(), 1);
    assert.match(cli.stderr, /none\.json cannot be read/);
    assert.ok(cli.stdout.startsWith(`${bad}:1:`), cli.stdout);
  });
});

suite('port-prism classify', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
  const line = (question: object): string => `${JSON.stringify(question)}\n`;
  const answers = (text: string): Record<string, unknown>[] => text.trimEnd().split('\n').map((answer) => JSON.parse(answer) as Record<string, unknown>);

  test('answers each line with id, protocol and whose bytes told', async () => {
    const cli = stage.start('classify');
    const questions = [
      { id: 'a', client: hex('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), server: hex('HTTP/1.1 200 OK\r\n\r\n'), first: 'client' },
      { id: 'b', client: hex('*1\r\n$4\r\nPING\r\n'), server: '', first: 'client' },
      { id: 'c', client: '', server: hex('SSH-2.0-OpenSSH_9.7\r\n'), first: 'server' },
      { id: 7, client: 'ffffffffffffffff', server: '', first: 'client' },
      { id: 'ünïcode', client: hex('SSH-2.0-x\r\n') },
    ];
    assert.equal(await cli.finish(questions.map(line).join('')), 0);
    assert.deepEqual(answers(cli.stdout), [
      { id: 'a', protocol: 'http1', by: 'both' },
      { id: 'b', protocol: 'redis', by: 'client' },
      { id: 'c', protocol: 'ssh', by: 'server' },
      { id: 7, protocol: 'unknown', by: 'none' },
      { id: 'ünïcode', protocol: 'ssh', by: 'client' },
    ]);
  });

  test('answers before the input ends, however the input is cut', async () => {
    const cli = stage.start('classify');
    const question = Buffer.from(line({ id: 'é1', client: hex('SSH-2.0-x\r\n'), server: '', first: 'client' }));
    for (let at = 0; at < question.length; at += 10) cli.child.stdin.write(question.subarray(at, at + 10));
    await cli.until(() => (cli.stdout.endsWith('\n') ? true : undefined), 'answer');
    assert.deepEqual(answers(cli.stdout), [{ id: 'é1', protocol: 'ssh', by: 'client' }]);
    assert.equal(await cli.finish(line({ id: 2, client: hex('SSH-2.0-x\r\n') }).trimEnd()), 0);
    assert.equal(answers(cli.stdout).length, 2);
  });

  test('a bad line is answered in its place, told on standard error, and the rest goes on', async () => {
    const cli = stage.start('classify');
    const input = ['not json', '[1]', '{"id":"odd","client":"abc"}', '{"id":"nohex","client":"zz"}', '{"id":"who","client":"","first":"me"}', '', line({ id: 'ok', client: hex('SSH-2.0-x\r\n') })].join('\n');
    assert.equal(await cli.finish(input), 1);
    const said = answers(cli.stdout);
    assert.deepEqual(said.map(({ id, protocol }) => [id, protocol]), [[null, 'unknown'], [null, 'unknown'], ['odd', 'unknown'], ['nohex', 'unknown'], ['who', 'unknown'], ['ok', 'ssh']]);
    assert.match(String(said[2]!['error']), /line 3: "client"/);
    assert.match(cli.stderr, /^line 1: it is not JSON\nline 2: /);
  });

  test('100,000 lines come back as 100,000 lines, in order', async () => {
    const cli = stage.start('classify');
    const client = hex('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const input = Array.from({ length: 100_000 }, (_, id) => `{"id":${id},"client":"${client}","server":"","first":"client"}\n`).join('');
    assert.equal(await cli.finish(input), 0);
    const said = answers(cli.stdout);
    assert.equal(said.length, 100_000);
    assert.ok(said.every(({ id, protocol }, index) => id === index && protocol === 'http1'));
  });
});

// "Copy As" grpcurl: what real shells hand to the program is read back, and its JSON, made bytes again by protobuf.js, is the message that was captured.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { client, Scratch } from './real/programs.js';
import { CopyDesk, shells } from './support/copyDesk.js';

const proto = `syntax = "proto3";
package demo;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
message All {
  string text = 1; bytes data = 2; int64 big = 3; double real = 4; repeated sint32 list = 5; map<string, All> inner = 6; Kind kind = 7;
  google.protobuf.Timestamp at = 8; google.protobuf.Duration took = 9; google.protobuf.BoolValue flag = 10; float small = 11; uint64 most = 12; bool yes = 13; fixed64 fixed = 14;
}
enum Kind { NONE = 0; SOME_KIND = 1; }
service Echo { rpc Say (All) returns (All); }
`;

suite('copy as grpcurl', function () {
  this.timeout(60_000);
  const desk = new CopyDesk();
  const scratch = new Scratch();
  const server = new grpc.Server();
  const method: grpc.MethodDefinition<Buffer, Buffer> = { path: '/demo.Echo/Say', requestStream: false, responseStream: false, requestSerialize: (bytes) => bytes, requestDeserialize: (bytes) => bytes, responseSerialize: (bytes) => bytes, responseDeserialize: (bytes) => bytes };
  const { root } = protobuf.parse(proto, { keepCase: true });
  let port = 0;
  let all: protobuf.Type;

  suiteSetup(async () => {
    for (const name of ['timestamp', 'duration', 'wrappers']) root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
    all = root.resolveAll().lookupType('demo.All');
    server.addService({ Say: method }, { Say: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => done(null, call.request) });
    const bound = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (fault, at) => (fault === null ? resolve(at) : reject(fault))));
    port = (await desk.listen({ server: bound })).get('server')!;
    await desk.lens.request('schemas/set', { files: [{ name: 'demo.proto', text: proto }] });
    // Prints its arguments, each with a NUL behind it, and what it is given.
    writeFileSync(join(scratch.folder, 'grpcurl'), '#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done\ncase "$*" in *"-d @"*) cat;; esac\n');
    chmodSync(join(scratch.folder, 'grpcurl'), 0o755);
  });
  suiteTeardown(async () => {
    await desk.close();
    server.forceShutdown();
    await scratch.dispose();
  });

  async function call(bytes: Buffer, headers: Record<string, string> = {}): Promise<{ text: string; notes: string[] }> {
    const before = (await desk.lens.request('lens/summary', null)).totalFlows;
    const Client = grpc.makeGenericClientConstructor({ Say: method }, 'Echo');
    const one = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const answer = await new Promise<Buffer>((resolve, reject) => void one['Say']!(bytes, metadata, (fault: Error | null, said: Buffer) => (fault === null ? resolve(said) : reject(fault))));
    assert.deepEqual(answer, bytes);
    one.close();
    await desk.untilClosed(before + 1);
    const flow = await desk.newest();
    const page = await desk.lens.request('messages/list', { flow: flow.id, start: 0, count: 200 });
    const request = page.rows.find(({ kind, from, summary }) => from === 'client' && kind === 'request' && summary.includes('Say'))!;
    return desk.copy(flow, request.index, 'grpcurl');
  }

  /** @returns arguments, and what came from a pipe */
  async function read(shell: string, command: string): Promise<{ words: string[]; input: string }> {
    const { stdout, code, stderr } = await client(shell, [], { input: `PATH=${scratch.folder}:$PATH\n${command}` });
    assert.equal(code, 0, stderr);
    const pieces = stdout.split('\0');
    return { words: pieces.slice(0, -1), input: pieces.at(-1)! };
  }

  const values: Record<string, Record<string, unknown>> = {
    'what shells act upon': { text: `it's "so" \`id\` $(id) $HOME \\ \\n %s !!\n\u0000\u001b[31m ä€😀 -x` },
    'numbers, bytes, lists and maps': { text: '@x', data: Buffer.from([0, 255, 10]), big: '-9007199254740993', real: 5e-324, list: [-1, 0, 2147483647], inner: { "it's": { text: '' }, '': { yes: true } }, kind: 1, small: Math.fround(0.1), most: '18446744073709551615', fixed: '1' },
    'types of Google': { at: { seconds: 1709210096, nanos: 120_000_000 }, took: { seconds: -1, nanos: -500_000_000 }, flag: { value: false } },
    'nothing': {},
    'long': { text: "'\\".repeat(20_000) },
  };
  for (const [what, value] of Object.entries(values)) {
    for (const shell of shells) {
      test(`${what}: the same message from ${shell}`, async () => {
        const bytes = Buffer.from(all.encode(all.fromObject(value)).finish());
        const { text, notes } = await call(bytes, { 'x-odd': `it's $(id) "x" \\` });
        assert.deepEqual(notes, []);
        const { words, input } = await read(shell, text);
        const json = words[words.indexOf('-d') + 1] === '@' ? input : words[words.indexOf('-d') + 1]!;
        assert.deepEqual([words[0], words.at(-2), words.at(-1), words[words.indexOf('-H') + 1]], ['-plaintext', `127.0.0.1:${port}`, 'demo.Echo/Say', `x-odd: it's $(id) "x" \\`], text);
        const told = plain(JSON.parse(json === '' ? '{}' : json) as Record<string, unknown>);
        assert.equal(Buffer.from(all.encode(all.fromObject(told)).finish()).toString('hex'), bytes.toString('hex'), json);
      });
    }
  }

  test('what the .proto file does not have is left out, and the copy says so', async () => {
    const { text, notes } = await call(Buffer.concat([Buffer.from([0x0a, 1, 0x78]), Buffer.from([0xa2, 0x06, 1, 0x79])]));
    assert.match(text, /-d '\{"text":"x"\}'/);
    assert.deepEqual(notes, ['Fields that the .proto file does not have are left out.']);
  });

  test('bytes that are not of the type: the copy asks to fill them in', async () => {
    const { text, notes } = await call(Buffer.from([0x0a, 2, 0xff, 0xfe]));
    assert.match(text, /-d '\{\}'/);
    assert.match(notes.join(' '), /not of the type that the .proto file says/);
  });
});

/** JSON of Google's own types, as protobuf.js takes them: their fields. */
function plain(object: Record<string, unknown>): Record<string, unknown> {
  const { at, took, flag, ...rest } = object;
  const time = typeof at === 'string' ? { at: { seconds: Math.floor(Date.parse(at) / 1000), nanos: (((Date.parse(at) % 1000) + 1000) % 1000) * 1e6 } } : {};
  const seconds = typeof took === 'string' ? Number(took.slice(0, -1)) : 0;
  const duration = typeof took === 'string' ? { took: { seconds: Math.trunc(seconds), nanos: Math.round((seconds % 1) * 1e9) } } : {};
  return { ...rest, ...time, ...duration, ...(flag === undefined ? {} : { flag: { value: flag } }) };
}

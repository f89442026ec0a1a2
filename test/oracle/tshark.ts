// Runs the other decoder.
import { spawn } from 'node:child_process';
import { program } from '../integration/real/programs.js';
import type { Comparison, Frame } from './facts.js';

interface JsonFrame {
  _source: { layers: Record<string, string[]> };
}

/** @returns frames of the connections to `port`, in the order of the file */
export async function tsharkFrames(file: string, port: number, { decodeAs, fields }: Pick<Comparison, 'decodeAs' | 'fields'>): Promise<Frame[]> {
  const common = ['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport'];
  const printed = await outputOf(program('tshark'), [
    '-n', '-r', file, '-d', `tcp.port==${port},${decodeAs}`, '-Y', `tcp.port == ${port} && ${decodeAs}`, '-T', 'json', ...[...common, ...fields].flatMap((field) => ['-e', field]),
  ]);
  return (JSON.parse(printed) as JsonFrame[]).map(({ _source: { layers } }) => {
    const isFromServer = Number(layers['tcp.srcport']?.[0]) === port;
    const [address, clientPort] = isFromServer ? [layers['ip.dst']?.[0], layers['tcp.dstport']?.[0]] : [layers['ip.src']?.[0], layers['tcp.srcport']?.[0]];
    return { flow: `${address}:${clientPort}`, from: isFromServer ? 'upstream' : 'client', all: (field) => layers[field] ?? [] };
  });
}

/** @throws Error with what it complained of when it fails */
export function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data) => (complaint += String(data)));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(Buffer.concat(out).toString('utf8')) : reject(new Error(`${command} ended with ${code}: ${complaint}`))));
  });
}

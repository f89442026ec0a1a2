// Installs from Debian what the tests talk to, when that is possible here: root on Debian.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser, findProgram } from './browser.mjs';
import { run } from './processes.mjs';

/** Programs of each real-server suite, and those that read exports back, with the packages that bring them. */
export const realServers = {
  nginx: { programs: ['nginx', 'curl', 'openssl'], packages: ['nginx', 'curl', 'openssl'] },
  redis: { programs: ['redis-server', 'redis-cli'], packages: ['redis-server', 'redis-tools'] },
  openssh: { programs: ['sshd', 'ssh', 'ssh-keygen'], packages: ['openssh-server', 'openssh-client'] },
  postgresql: { programs: ['psql', 'initdb'], packages: ['postgresql', 'postgresql-client'] },
  mariadb: { programs: ['mariadbd', 'mariadb-install-db', 'mariadb'], packages: ['mariadb-server', 'mariadb-client'] },
  vsftpd: { programs: ['vsftpd', 'ftp'], packages: ['vsftpd', 'ftp'] },
  mosquitto: { programs: ['mosquitto', 'mosquitto_pub', 'mosquitto_sub'], packages: ['mosquitto', 'mosquitto-clients'] },
  httpie: { programs: ['http'], packages: ['httpie'] },
  tshark: { programs: ['tshark', 'text2pcap'], packages: ['tshark'] },
};

/** @returns names of the suites with what they lack, for those that cannot run here */
export function missingServers() {
  return Object.entries(realServers).flatMap(([name, { programs }]) => {
    const missing = programs.filter((program) => findProgram(program) === undefined && findVersioned(program) === undefined);
    return missing.length === 0 ? [] : [{ name, missing }];
  });
}

/** Debian keeps PostgreSQL's server programs, several versions side by side, outside of PATH; `psql` alone is only the client. */
export function findVersioned(program) {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin', program)).find(existsSync);
}

/** Installs what the tests lack; does nothing where that is not possible. */
export async function installFromDebian() {
  const wanted = missingServers().flatMap(({ name }) => realServers[name].packages);
  // Without fonts the pictures of the user interface are empty boxes.
  if (findBrowser() === undefined) wanted.push('chromium', 'fonts-dejavu-core', 'fonts-liberation');
  await installPackages(wanted);
}

/** Installs what `npm run oracle` lacks: the servers and the other decoder. */
export async function installForOracle() {
  await installPackages(missingServers().flatMap(({ name }) => realServers[name].packages));
}

async function installPackages(wanted) {
  if (wanted.length === 0 || !isRootOnDebian()) return;
  console.log(`Installing ${wanted.join(', ')} (apt-get) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Packages start their daemon when they are installed; tests start their own, in folders of their own.
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
    const code = (await run('apt-get', ['update', ...quiet], { env })) || (await run('apt-get', ['install', '-y', '--no-install-recommends', ...quiet, ...wanted], { env }));
    if (code !== 0) console.error(`apt-get ended with ${code}; what is missing is named below.`);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

function isRootOnDebian() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || findProgram('apt-get') === undefined) return false;
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

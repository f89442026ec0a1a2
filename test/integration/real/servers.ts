// How each real server is started: as the user who runs the tests, in a scratch folder, on a free port of the loopback interface.
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findVersioned } from '../../../scripts/debian.mjs';
import { freePort, isRoot, program, succeed, type Account, type Scratch } from './programs.js';

/** A certificate for `names`, made by openssl. */
export async function makeCertificate(folder: string, ...names: string[]): Promise<{ key: string; cert: string }> {
  const key = join(folder, 'server.key');
  const cert = join(folder, 'server.crt');
  await succeed(program('openssl'), [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${names[0]}`,
    '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`, '-keyout', key, '-out', cert,
  ]);
  return { key, cert };
}

export async function startNginx(scratch: Scratch): Promise<{ plain: number; secure: number; root: string; cert: string }> {
  const root = folder(scratch, 'www');
  const [plain, secure] = [await freePort(), await freePort()];
  const { key, cert } = await makeCertificate(scratch.folder, 'shop.test');
  const file = join(scratch.folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${scratch.folder}/${name};`).join('\n    ');
  writeFileSync(file, `
${isRoot ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${scratch.folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    access_log off;
    client_max_body_size 0;
    ${temporary}
    server {
        listen 127.0.0.1:${plain};
        listen 127.0.0.1:${secure} ssl http2;
        ssl_certificate ${cert};
        ssl_certificate_key ${key};
        root ${root};
        dav_methods PUT;
        location = /who { default_type text/plain; return 200 "$host $scheme $server_protocol\\n"; }
    }
}
`);
  await scratch.server(program('nginx'), ['-e', 'stderr', '-p', scratch.folder, '-c', file], plain, { signal: 'SIGQUIT' });
  return { plain, secure, root, cert };
}

export async function startRedis(scratch: Scratch): Promise<number> {
  const port = await freePort();
  await scratch.server(program('redis-server'), ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', scratch.folder], port);
  return port;
}

export async function startSshd(scratch: Scratch): Promise<{ port: number; key: string; user: string }> {
  const port = await freePort();
  const hostKey = join(scratch.folder, 'host_key');
  const key = join(scratch.folder, 'client_key');
  for (const file of [hostKey, key]) await succeed(program('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  // Started by root, sshd insists on this folder of the system for its unprivileged half.
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const file = join(scratch.folder, 'sshd_config');
  writeFileSync(file, [
    `ListenAddress 127.0.0.1:${port}`, `HostKey ${hostKey}`, `AuthorizedKeysFile ${key}.pub`, `PidFile ${scratch.folder}/sshd.pid`,
    'StrictModes no', 'PasswordAuthentication no', 'PermitRootLogin prohibit-password',
    // Without PAM a root account without password counts as locked; with it only root may run sshd.
    `UsePAM ${isRoot ? 'yes' : 'no'}`, 'PrintMotd no', 'PrintLastLog no', 'Subsystem sftp internal-sftp', '',
  ].join('\n'));
  await scratch.server(program('sshd'), ['-D', '-e', '-f', file], port);
  return { port, key, user: userInfo().username };
}

export async function startPostgres(scratch: Scratch): Promise<{ port: number; cert: string }> {
  const port = await freePort();
  const { key, cert } = await makeCertificate(scratch.folder, 'localhost');
  const data = folder(scratch, 'pg');
  // PostgreSQL refuses to run as root, so root lends it the account that its package made.
  const account: Account = isRoot ? { uid: Number(await succeed(program('id'), ['-u', 'postgres'])), gid: Number(await succeed(program('id'), ['-g', 'postgres'])) } : {};
  if (account.uid !== undefined && account.gid !== undefined) for (const path of [scratch.folder, data, key, cert]) chownSync(path, account.uid, account.gid);
  await succeed(postgresProgram('initdb'), ['-D', data, '-U', 'shop', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'], { ...account, cwd: scratch.folder });
  const settings = { port: `${port}`, listen_addresses: '127.0.0.1', unix_socket_directories: scratch.folder, ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, fsync: 'off' };
  // SIGINT asks for a fast shutdown: it does not wait for clients.
  await scratch.server(postgresProgram('postgres'), ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], port, { ...account, signal: 'SIGINT' });
  return { port, cert };
}

/** Debian keeps the server's programs out of PATH, by version. */
function postgresProgram(name: string): string {
  return findVersioned(name) ?? program(name);
}

export async function startMariadb(scratch: Scratch): Promise<number> {
  const port = await freePort();
  const data = folder(scratch, 'mariadb');
  const user = isRoot ? ['--user=root'] : [];
  await succeed(program('mariadb-install-db'), ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user]);
  const init = join(scratch.folder, 'init.sql');
  writeFileSync(init, "CREATE DATABASE shop;\nCREATE USER 'shop'@'%' IDENTIFIED BY 'only-a-test';\nGRANT ALL ON shop.* TO 'shop'@'%';\n");
  await scratch.server(program('mariadbd'), [
    '--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${scratch.folder}/maria.sock`, `--pid-file=${scratch.folder}/maria.pid`,
    `--init-file=${init}`, '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0', ...user,
  ], port);
  return port;
}

export async function startVsftpd(scratch: Scratch): Promise<{ port: number; root: string }> {
  const [port, data] = [await freePort(), await freePort()];
  const root = folder(scratch, 'ftp');
  const empty = folder(scratch, 'empty');
  // An account of every Unix whose home is there: vsftpd goes there first.
  const asFtpUser = isRoot ? ['ftp_username=daemon'] : ['run_as_launching_user=YES'];
  const file = join(scratch.folder, 'vsftpd.conf');
  writeFileSync(file, [
    'listen=YES', 'listen_address=127.0.0.1', `listen_port=${port}`, 'background=NO', 'anonymous_enable=YES', 'no_anon_password=YES', 'local_enable=NO',
    `anon_root=${root}`, `secure_chroot_dir=${empty}`, 'seccomp_sandbox=NO', 'pasv_enable=YES', `pasv_min_port=${data}`, `pasv_max_port=${data}`,
    ...asFtpUser, 'allow_writeable_chroot=YES', 'xferlog_enable=NO', 'connect_from_port_20=NO', '',
  ].join('\n'));
  await scratch.server(program('vsftpd'), [file], port);
  return { port, root };
}

export async function startMosquitto(scratch: Scratch): Promise<number> {
  const port = await freePort();
  const file = join(scratch.folder, 'mosquitto.conf');
  writeFileSync(file, [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'log_dest stdout', isRoot ? 'user root' : '', ''].join('\n'));
  await scratch.server(program('mosquitto'), ['-c', file], port);
  return port;
}

function folder(scratch: Scratch, name: string): string {
  const path = join(scratch.folder, name);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return path;
}

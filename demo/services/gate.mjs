// SSH: the shop's machine, as far as `uptime` goes.
import ssh2 from 'ssh2';

/** Both sides know it, so it protects nothing. */
export const account = { username: 'ops', password: 'only-a-demo' };

const answers = {
  uptime: ' 14:02:31 up 12 days,  3:41,  1 user,  load average: 0.08, 0.03, 0.01\n',
  'df -h /': 'Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1        98G   41G   53G  44% /\n',
};

export async function startGate(port) {
  const server = new ssh2.Server({ hostKeys: [newHostKey()] }, (client) => {
    // A client that leaves without a word is no news here.
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      if (attempt.method === 'password' && attempt.username === account.username && attempt.password === account.password) attempt.accept();
      else attempt.reject(['password']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const stream = acceptExec();
        const answer = answers[command];
        if (answer === undefined) stream.stderr.write(`${command}: command not found\n`);
        else stream.write(answer);
        stream.exit(answer === undefined ? 127 : 0);
        stream.end();
      });
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => server.close();
}

/** ssh2 1.x writes about one Ed25519 key in 375 that it cannot read itself: then another one. */
function newHostKey() {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519').private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

// SMTP: where order confirmations go. The server speaks first, so no client byte can tell the protocol: see the rules `mailer` and `quiet`.
import { createServer } from 'node:net';

export async function startMail(port) {
  const server = createServer((socket) => {
    let isData = false;
    let text = '';
    // A client that leaves without a word is no news here.
    socket.on('error', () => {});
    socket.setEncoding('latin1');
    socket.write('220 mail.shop.test ESMTP\r\n');
    socket.on('data', (data) => {
      text += data;
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (isData) {
          if (line !== '.') continue;
          isData = false;
          socket.write('250 2.0.0 queued\r\n');
        } else if (/^DATA$/i.test(line)) {
          isData = true;
          socket.write('354 end with a line that is a dot\r\n');
        } else if (/^QUIT$/i.test(line)) {
          socket.end('221 2.0.0 bye\r\n');
        } else if (/^EHLO /i.test(line)) {
          socket.write('250-mail.shop.test\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n');
        } else {
          socket.write('250 2.1.0 ok\r\n');
        }
      }
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => server.close();
}

// Sends order confirmations by SMTP. It waits for the server to speak, so the rule that recognises it looks at the program, not at bytes.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { keepDoing, pick, whenOpen } from './pace.mjs';
import { prism } from './ports.mjs';

async function confirm() {
  const to = `${pick(['ada', 'grace', 'edsger'])}@customers.test`;
  const socket = connect(prism);
  socket.setTimeout(8000, () => socket.destroy(new Error('the mail server did not answer')));
  let fault = new Error('the mail server closed the connection');
  socket.on('error', (error) => (fault = error));
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expect = async (code) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw fault;
      if (value.startsWith(`${code} `)) return;
      if (!value.startsWith(`${code}-`)) throw new Error(`the mail server said "${value}"`);
    }
  };
  try {
    await expect(220);
    for (const [line, code] of [
      ['EHLO shop.test', 250], ['MAIL FROM:<shop@shop.test>', 250], [`RCPT TO:<${to}>`, 250], ['DATA', 354],
      [`Subject: Your order\r\nTo: ${to}\r\n\r\nThank you. It is on its way.\r\n.`, 250], ['QUIT', 221],
    ]) {
      socket.write(`${line}\r\n`);
      await expect(code);
    }
  } finally {
    socket.destroy();
  }
}

process.send?.('ready');
await whenOpen(prism);
void keepDoing('mailer', 9000, confirm);

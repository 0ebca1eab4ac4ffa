import { describe, expect, it } from 'vitest';
import { service } from '../inference/memory-workspace.ts';
import { found } from './found.ts';

const MAIL = `const nodemailer = require('nodemailer');
const transport = nodemailer.createTransport({ host: 'mail' });
const sendMail = async (to, subject) => {
  const info = await transport.sendMail({ to, subject });
  console.log('sent', info.messageId);
};
module.exports = { sendMail, transport };
`;
/** A sign-up whose body is given; what is looked for stands in the line with \`// here\`. */
const signUp = (body: string, mail = MAIL): Record<string, string> =>
  service(
    { express: '^4.0.0', pg: '^8.0.0', nodemailer: '^6.0.0', twilio: '^5.0.0', stripe: '^17.0.0', '@workos-inc/node': '^7.0.0' },
    {
      'src/mail.js': mail,
      'src/index.js': `const express = require('express');
const { Pool } = require('pg');
const { sendMail, transport } = require('./mail');
const twilio = require('twilio')('sid', 'x');
const stripe = require('stripe')('x');
const { WorkOS } = require('@workos-inc/node');
const workos = new WorkOS('x');
const pool = new Pool({ host: 'db' });
const app = express();
app.post('/signup', async (req, res, next) => {
  const user = await pool.query('INSERT INTO users (email) VALUES ($1)', [req.body.email]);
${body}
});
app.listen(3000);
`,
    },
  );

const ROWS: readonly [says: string, state: 'weak' | 'sound' | 'unknown' | 'absent', body: string][] = [
  ['a mail before the answer', 'weak', '  await sendMail(user.email, "welcome"); // here\n  res.json(user);'],
  ['a mail without a wrapper', 'weak', '  await transport.sendMail({ to: user.email }); // here\n  res.json(user);'],
  ['a chain', 'weak', '  return sendMail(user.email, "welcome").then(() => res.json(user)); // here'],
  ['an error that is only logged', 'weak', '  try {\n    await sendMail(user.email, "welcome"); // here\n  } catch (error) {\n    console.error(error);\n  }\n  res.json(user);'],
  ['a catch that only logs', 'weak', '  await sendMail(user.email, "welcome").catch((error) => console.error(error)); // here\n  res.json(user);'],
  [
    'one handler of errors for all',
    'weak',
    '  try {\n    await pool.query("INSERT INTO log (id) VALUES (1)");\n    await sendMail(user.email, "x"); // here\n    res.json(user);\n  } catch (error) {\n    next(error);\n  }',
  ],
  ['only to some', 'weak', '  if (req.body.wants) await sendMail(user.email, "welcome"); // here\n  res.json(user);'],
  ['a text message', 'weak', '  await twilio.messages.create({ to: user.phone, body: "hi" }); // here\n  res.json(user);'],

  ['an audit event', 'weak', '  await workos.auditLogs.createEvent("org", { action: "user.created" }); // here\n  res.json(user);'],
  ['an audit event by its address', 'weak', '  await fetch("https://audit.aws.eu.pangea.cloud/v1/log", { method: "POST", body: "{}" }); // here\n  res.json(user);'],

  ['nobody awaits it', 'sound', '  sendMail(user.email, "welcome").catch(console.error);\n  res.json(user);'],
  ['after the answer', 'sound', '  res.json(user);\n  await sendMail(user.email, "welcome");'],

  [
    'the client learns of its error',
    'unknown',
    '  try {\n    await sendMail(user.email, "code");\n  } catch (error) {\n    return res.status(502).json({ error: "no mail" });\n  }\n  res.json(user);',
  ],
  ['a rejection that becomes another answer', 'unknown', '  await sendMail(user.email, "code").catch(() => { throw new Error("no mail"); });\n  res.json(user);'],
  ['its result is answered', 'unknown', '  const sent = await transport.sendMail({ to: user.email });\n  res.json({ id: sent.messageId });'],
  [
    'its result decides',
    'unknown',
    '  const sent = await transport.sendMail({ to: user.email });\n  if (sent.rejected.length > 0) return res.status(400).end();\n  res.json(user);',
  ],
  ['a payment is none of it', 'absent', '  await stripe.paymentIntents.create({ amount: 5 });\n  res.json(user);'],
  ['a lookup at the same vendor is none of it', 'absent', '  await twilio.lookups.fetch(user.phone);\n  res.json(user);'],
];

describe('blocking-work-in-request in code', () => {
  it.each(ROWS)('%s: %s', async (_says, state, body) => {
    const files = signUp(body);
    const at = (files['src/index.js'] as string).split('\n').findIndex((line) => line.includes('// here')) + 1;
    const all = await found('blocking-work-in-request', files);
    expect(all.map((it) => it.state)).toEqual(state === 'absent' ? [] : [state]);
    if (state === 'weak') expect(all[0]?.place).toMatchObject({ file: 'src/index.js', line: at });
  });

  it('a wrapper of errors around the handler is not the call', async () => {
    const files = signUp('');
    const handler =
      "const wrap = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);\napp.post('/contact', wrap(async (req, res) => {\n  await sendMail('a', 'b');\n  res.end();\n}));\n";
    files['src/index.js'] = (files['src/index.js'] as string).replace('app.listen', `${handler}app.listen`);
    const [only] = await found('blocking-work-in-request', files);
    expect((files['src/index.js'] as string).split('\n')[(only?.place.line ?? 0) - 1]).toBe("  await sendMail('a', 'b');");
  });
});

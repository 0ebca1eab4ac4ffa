import fixes from '../../rules/fixes/missing-http-caching.ts';
import { plain } from '../../rules/fixes/shops.ts';
import type { Gate, Proof } from './gate.ts';
import { replicated } from './replicated.ts';
import { repeats } from './strains.ts';

const mongo: Proof = {
  says: 'Fastify, JavaScript, mongoose, beside a route that writes',
  files: plain(
    { fastify: '^5.2.0', mongoose: '^8.9.0' },
    {
      'src/server.js': `const app = require('fastify')();
const mongoose = require('mongoose');

mongoose.connect('mongodb://db:27017/notes', { maxPoolSize: 20 });
const Note = mongoose.model('Note', new mongoose.Schema({ owner: String, text: String }));
app.get('/notes', async () => Note.find().limit(20).lean());
app.post('/notes', async (request) => Note.create({ text: request.body.text }));
app.listen({ port: 3000 });
`,
    },
  ),
};

export default { strain: repeats, proofs: [...fixes, replicated(fixes[0], 3), mongo] } satisfies Gate;

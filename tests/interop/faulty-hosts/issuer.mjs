// The documents of issuers and tokens of theirs, as files, for hosts that are at times faulty:
//
//   node issuer.mjs FOLDER NAME=PORT...
//
// For each issuer, whose host is at this port of the loopback interface, FOLDER/NAME gets
//
//   well/       its metadata and its key set
//   half/       the first half of each
//   huge/       each with a member that nobody asked for, which makes it longer than 512 KiB
//   gzip/       each compressed
//   good        a token
//   unknown     a token of a key that is not in the key set

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LONG = 600 * 1024;

const published = key('published');
const unpublished = key('unpublished');

const [folder, ...hosts] = process.argv.slice(2);
for (const host of hosts) {
  const [name, port] = host.split('=');
  const issuer = `http://127.0.0.1:${port}`;
  const write = (path, content) => {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  for (const [path, document] of Object.entries(documents(issuer))) {
    const text = JSON.stringify(document);
    write(`well/${path}`, text);
    write(`half/${path}`, text.slice(0, text.length / 2));
    write(`huge/${path}`, JSON.stringify({ padding: 'x'.repeat(LONG), ...document }));
    write(`gzip/${path}.gz`, gzipSync(text));
  }
  write('good', token(issuer, published));
  write('unknown', token(issuer, unpublished));
}

function key(kid) {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

function documents(issuer) {
  const { kid, publicKey } = published;
  const jwk = { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid };
  return {
    '.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
    keys: { keys: [jwk] },
  };
}

function token(issuer, { kid, privateKey }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: 'api://orders',
    sub: 'clerk',
    client_id: 'clerk',
    scope: 'orders.read',
    jti: randomUUID(),
    iat: now,
    exp: now + 3600,
  };
  const signed = [{ typ: 'at+jwt', alg: 'ES256', kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

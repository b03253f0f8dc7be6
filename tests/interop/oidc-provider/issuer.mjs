// A real authorization server (oidc-provider) for the interop suite, on a free port of the
// loopback interface:
//
//   node issuer.mjs [--max-seconds 300]
//
// Prints one line of JSON when it is ready: {"issuer":"http://127.0.0.1:…"}.
//
// Clients get JWT access tokens by client credentials. The resource that they ask for (RFC 8707)
// names the audience and decides the algorithm: https://orders.test/es256, and https://billing.test/es256
// for tokens that differ in the audience alone.
//
// POST /rotate generates new keys, which sign from then on. The ones before stay published.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { errors, Provider } from 'oidc-provider';

const ALGORITHMS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

const SCOPES = ['orders.read', 'orders.write', 'reports.read'];

const CLIENTS = [
  client('clerk', 'client_secret_basic'),
  client('kiosk', 'client_secret_post'),
];

function client(name, authentication) {
  return {
    client_id: name,
    client_secret: `${name}-secret`,
    token_endpoint_auth_method: authentication,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  };
}

/** One private key for each algorithm, which its `alg` and its `kid` name. */
function generateKeys(generation) {
  return Object.entries(ALGORITHMS).map(([alg, generate]) => ({
    ...generate().privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg,
    kid: keyId(alg, generation),
  }));
}

function keyId(alg, generation) {
  return `${alg.toLowerCase()}-${generation}`;
}

/** What tokens for a resource look like. */
function resourceServer(resource, generation) {
  const name = /^https:\/\/(?:orders|billing)\.test\/([a-z0-9]+)$/.exec(resource)?.[1];
  const alg = Object.keys(ALGORITHMS).find((alg) => alg.toLowerCase() === name);
  if (alg === undefined) throw new errors.InvalidTarget();
  return {
    audience: resource,
    scope: SCOPES.join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: 300,
    jwt: { sign: { alg, kid: keyId(alg, generation) } },
  };
}

/** A provider's keys are fixed, so every generation of keys has its own. */
function provider(issuer, keys, generation) {
  return new Provider(issuer, {
    clients: CLIENTS,
    jwks: { keys },
    scopes: SCOPES,
    cookies: { keys: ['not used: no browser comes here'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => resourceServer(resource, generation),
      },
    },
  }).callback();
}

const { values: options } = parseArgs({
  options: { 'max-seconds': { type: 'string', default: '300' } },
});

let generation = 0;
let issuer;
let keys = [];
let answer;

function rotate() {
  generation += 1;
  const previous = keys;
  keys = generateKeys(generation);
  answer = provider(issuer, [...keys, ...previous], generation);
}

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/rotate') {
    rotate();
    response.writeHead(204).end();
  } else {
    answer(request, response);
  }
});

server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  rotate();
  console.log(JSON.stringify({ issuer }));
});

process.on('SIGTERM', () => process.exit(0));
setTimeout(() => process.exit(0), Number(options['max-seconds']) * 1000);

// autocannon's signed mode as one would write it: the notification is an object, its ids are
// random, setupRequest signs with node:crypto.
const { createHash, createHmac, randomBytes, randomUUID } = require('node:crypto');
const { readFileSync } = require('node:fs');
const autocannon = require('autocannon');

const notification = JSON.parse(readFileSync(process.env.BODY, 'utf8'));
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secret = Buffer.from(process.env.SECRET, 'base64');
const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

function id() {
  let text = '';
  for (const b of randomBytes(27)) text += letters[b % 62];
  return text;
}

function setupRequest(request) {
  const now = new Date();
  const iso = now.toISOString();
  notification.id = id();
  notification.time = iso.replace('Z', '0000Z');
  notification.data.timestamp = iso;
  request.body = JSON.stringify(notification);
  const iat = Math.floor(now.getTime() / 1000);
  const hash = createHash('sha256').update(request.body).digest('hex');
  const claims = { iat, jti: randomUUID(), iss: 'Vonage', payload_hash: hash, exp: iat + 300 };
  const signed = header + '.' + Buffer.from(JSON.stringify(claims)).toString('base64url');
  request.headers['Vonage-Signature'] = signed + '.' + createHmac('sha256', secret).update(signed).digest('base64url');
  return request;
}

autocannon({
  url: process.env.URL,
  connections: Number(process.env.CONNECTIONS),
  duration: Number(process.env.FOR.replace('s', '')),
  requests: [{ method: 'POST', headers: { 'Content-Type': 'application/cloudevents+json' }, setupRequest }],
}, () => {});

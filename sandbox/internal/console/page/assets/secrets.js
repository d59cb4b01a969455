// secrets.js knows the secrets that were shown since the page was opened. They are kept nowhere
// else, so they are gone with the page.

const secrets = new Map();

export const remember = (subscription, secret) => secrets.set(subscription, secret);
export const secretOf = (subscription) => secrets.get(subscription) ?? "";

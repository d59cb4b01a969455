// Tells ringback what this consumer knows of a conversation: GET /calls/CONVERSATION.
//
// Adapt channelsOf to your own store; it must tell what your program believes, so do not compute it from
// the notifications again. Leave out a member that you do not keep: it is not compared then. So seconds has all
// seven phases, or is left out as a whole: a phase that is missing in it counts as 0. For tests only: never serve
// it in production.
//
//   node state.js
//   ringback examine --to http://127.0.0.1:8080/events --state 'http://127.0.0.1:8081/calls/{conversationId}'
const http = require('node:http');

// channelsOf returns the channels of a conversation, or null if the conversation is not known.
async function channelsOf(conversationId) {
  // const rows = await db.all('SELECT * FROM channels WHERE conversation_id = ?', conversationId);
  const rows = [];
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    channelId: row.channel_id,           // required; all other members are optional
    interactionId: row.interaction_id,
    agentId: row.agent_id,               // text: 0150 is not 150
    role: row.role,                      // external, agent, monitor or voicemail
    phase: row.phase,                    // alerting, connected, held, parked, interrupted, unexpected, wrap, ended
    notifications: row.notifications,    // different ones: by source and id
    seconds: {                           // how long it was in each phase, with fractions; a missing phase counts as 0
      alerting: row.ms_alerting / 1000,
      connected: row.ms_connected / 1000,
      held: row.ms_held / 1000,
      parked: row.ms_parked / 1000,
      interrupted: row.ms_interrupted / 1000,
      unexpected: row.ms_unexpected / 1000,
      wrap: row.ms_wrap / 1000,
    },
  }));
}

const server = http.createServer(async (request, response) => {
  const match = /^\/calls\/([^/?]+)$/.exec(request.url);
  try {
    const channels = match && (await channelsOf(decodeURIComponent(match[1])));
    response.writeHead(channels ? 200 : 404, { 'content-type': 'application/json' });
    response.end(channels ? JSON.stringify({ channels }) : '');
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(String(error));
  }
});

server.listen(Number(process.env.PORT ?? 8081), '127.0.0.1');

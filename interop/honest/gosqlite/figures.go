package main

// figures are those of docs/consumer.md, for one conversation. Endless is later than any moment.
const figures = `
WITH
member AS (SELECT no, role, agent, lower(interaction) AS interaction FROM channel WHERE conversation = :conversation),
span AS (
	SELECT m.no, m.role, s.phase, s.began, s.ended, coalesce(s.ended, 9000000000000000000) AS until
	FROM member m JOIN stay s ON s.channel = m.no),
talking AS (SELECT * FROM span WHERE phase = 'connected'),
meeting AS (
	SELECT a.role AS a, b.role AS b, max(a.began, b.began) AS began
	FROM talking a JOIN talking b ON a.no <> b.no
	WHERE max(a.began, b.began) < min(a.until, b.until)),
answer AS (SELECT min(began) AS at FROM meeting WHERE a = 'agent' AND b IN ('agent', 'external')),
agents AS ( -- channels of agents that were connected: since when, and when they were left
	SELECT m.no, m.agent, m.interaction,
		(SELECT min(t.began) FROM talking t WHERE t.no = m.no) AS since,
		coalesce((SELECT min(s.began) FROM span s WHERE s.no = m.no AND s.phase IN ('wrap', 'ended')), 9000000000000000000) AS left_at
	FROM member m WHERE m.role = 'agent' AND EXISTS (SELECT 1 FROM talking t WHERE t.no = m.no))
SELECT
	((SELECT at FROM answer) - (SELECT min(h.ticks) FROM member m JOIN happening h ON h.channel = m.no)) / 1e7,
	(SELECT at FROM answer) IS NULL
		AND EXISTS (SELECT 1 FROM talking WHERE role = 'external')
		AND NOT EXISTS (SELECT 1 FROM member m WHERE role = 'external'
			AND NOT EXISTS (SELECT 1 FROM span s WHERE s.no = m.no AND s.phase = 'ended'))
		AND NOT EXISTS (SELECT 1 FROM meeting WHERE a = 'voicemail' AND b = 'external'),
	coalesce((SELECT sum(ended - began) FROM span WHERE role = 'agent' AND phase = 'connected'), 0) / 1e7,
	coalesce((SELECT sum(ended - began) FROM span WHERE role = 'external' AND phase = 'held'), 0) / 1e7,
	coalesce((SELECT sum(ended - began) FROM span WHERE role = 'agent' AND phase = 'wrap'), 0) / 1e7,
	(SELECT count(DISTINCT agent) FROM agents),
	(SELECT count(*) FROM agents x
		WHERE EXISTS (SELECT 1 FROM agents o WHERE o.no <> x.no AND o.interaction = x.interaction AND o.since < x.since)
		AND NOT EXISTS (SELECT 1 FROM agents o WHERE o.no <> x.no AND o.interaction = x.interaction AND o.since < x.since
			AND o.left_at >= x.left_at))
`

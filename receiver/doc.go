// Package receiver is the reference consumer of VCC notifications.
//
// Requests come in, or bodies and events that reached the caller in another way; answers go
// out, one Judgement of each, and on demand a Report of every channel's life. It promises
// to refuse what is not signed, fresh and well-formed, to count a repeated notification
// once, to reach the same lives whatever the order of arrival, and to hold against the
// sender only what no assumption allows and no missing notification explains. It never
// grows beyond its bound of memory, judges a gap before it is asked for a report, or
// shares code with the planner: the lifecycle here is a second, independent one.
package receiver

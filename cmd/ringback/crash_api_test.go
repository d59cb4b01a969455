package main

import "time"

// What the control API says, as a program in another language would read it.

type crashRun struct {
	ID, State, Error, Source string
	Seed                     uint64 `json:",string"`
	Start                    time.Time
	Options                  struct {
		Count uint64
		Calls string
	}
}

type crashNotification struct {
	Number               int64
	ID, Type, Run, Party string
	Conversation         string `json:"conversation_id"`
}

type crashLive struct {
	ID, Run  string
	Allowed  []crashAllowed
	Channels []struct{ Events []struct{ ID string } }
}

type crashAllowed struct {
	Step, Party string
	Agents      []string
}

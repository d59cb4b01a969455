package control

import (
	"context"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Room is what the desk needs of the engine room. *room.Room is one.
type Engine interface {
	StartRun(ctx context.Context, p engine.Play) (store.Run, error)
	PauseRun(ctx context.Context, id string) (store.Run, error)
	ResumeRun(ctx context.Context, id string) (store.Run, error)
	StopRun(ctx context.Context, id string) (store.Run, error)
	SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error)
	Begin(ctx context.Context, medium, from string) (engine.Live, error)
	Do(ctx context.Context, conversation string, s engine.Step) (engine.Live, error)
	Conversations(limit int) []engine.Live
	Agents() []engine.Agent
	SetPresence(ctx context.Context, agent, presence string) (engine.Agent, error)
	Resend(ctx context.Context, notification int64, subscription, kind string) (store.Delivery, error)
	InjectFault(a engine.InjectedFault) error
	InjectedFaults() []engine.InjectedFault
	ClearFaults()
	Listen(ctx context.Context) <-chan engine.Message
	Broadcast(kind string, data any)
	Reset(ctx context.Context) error
	Try(ctx context.Context, subscription string) (status int, failure string, err error)
}

var _ Engine = (*engine.Engine)(nil)

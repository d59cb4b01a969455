package desk

import (
	"context"

	"github.com/ringback/ringback/sandbox/room"
	"github.com/ringback/ringback/sandbox/store"
)

// Room is what the desk needs of the engine room. *room.Room is one.
type Room interface {
	SubscriptionsChanged()
	StartRun(ctx context.Context, p room.Play) (store.Run, error)
	PauseRun(ctx context.Context, id string) (store.Run, error)
	ResumeRun(ctx context.Context, id string) (store.Run, error)
	StopRun(ctx context.Context, id string) (store.Run, error)
	SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error)
	Begin(ctx context.Context, medium, from string) (room.Live, error)
	Do(ctx context.Context, conversation string, s room.Step) (room.Live, error)
	Floor(limit int) []room.Live
	Agents() []room.Agent
	SetPresence(ctx context.Context, agent, presence string) (room.Agent, error)
	Resend(ctx context.Context, notification int64, subscription, kind string) (store.Delivery, error)
	Arm(a room.Armed) error
	ArmedFaults() []room.Armed
	Disarm()
	Listen(ctx context.Context) <-chan room.Message
	Tell(kind string, data any)
	Reset(ctx context.Context) error
	Try(ctx context.Context, subscription string) (status int, failure string, err error)
}

var _ Room = (*room.Room)(nil)

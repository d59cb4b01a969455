package examine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Preflight is why a consumer cannot be examined. Nothing was judged.
type Preflight struct {
	Text    string // what was seen, and what to do
	Setting string // that may be wrong: secret or state; "" of others
}

// Error is the text.
func (p *Preflight) Error() string { return p.Text }

// aside is the round of trials that only find out whether anything is accepted any more; those before it are for others.
const aside = 999

// sentFirst is what is sent first, as far as it is claimed. The stories hold each type, and are sent where nothing before is claimed.
var sentFirst = []string{"bytes/plain", "bytes/external", "bytes/presence", "bytes/v1",
	"stories/call-with-hold", "stories/parked-chat", "stories/interrupted-email", "stories/missed-then-answered"}

// preflight finds out whether there is a consumer that accepts anything, and which aspects its state
// tells. Where everything is refused, it finds out why.
func (r *run) preflight(ctx context.Context) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	options := dimension.Options{Seed: r.Seed, Start: r.Start, Round: r.Round, Profile: r.Profile}
	options.Profile.Aspects = 0
	r.planner = dimension.New(options)
	others := dimension.New(options.Apart()) // what is sent now is no part of the examination
	var all []*trial.Played
	any := false
	claimed := others.IDs(dimension.Bytes)
	for _, id := range sentFirst {
		if story := strings.HasPrefix(id, string(dimension.Stories)); story && len(all) > 0 || !story && !slices.Contains(claimed, id) {
			continue
		}
		t, err := others.Make(id)
		if err != nil {
			return &Preflight{Text: "nothing can be sent: " + err.Error()}
		}
		if len(t.Deliveries) == 0 {
			continue // nothing of it is claimed
		}
		if len(all) == 0 { // where nobody answers, one is enough
			p, err := r.first(ctx, t.Reduced([]int{0}))
			if err != nil {
				return err
			}
			first := &p.Answers[0]
			if (first.Status == 0 && !late(first) || first.Status == http.StatusBadRequest) && !r.cut[p] && r.transport.SpeaksTLS(ctx) {
				return &Preflight{Text: "the consumer speaks TLS at this port: write https:// in its URL"}
			}
			if all = append(all, p); away(first) {
				break
			}
		}
		p, err := r.play(ctx, t)
		if err != nil {
			return err
		}
		all = append(all, p)
		any = any || slices.ContainsFunc(p.Answers, func(a trial.Answer) bool { return a.Accepted() })
		if r.silenced || !any && away(&p.Answers[0]) {
			break // each further one would be answered alike
		}
	}
	r.shownBefore(all)
	return r.admitted(ctx, all, any)
}

// admitted finds out what became of what was sent first, any being whether some of it was accepted: whether there is a consumer to be examined.
func (r *run) admitted(ctx context.Context, all []*trial.Played, any bool) error {
	switch {
	case len(all) == 0:
		return &Preflight{Text: "the profile claims no type of event that could be sent"}
	case r.cut[all[len(all)-1]] && (any || all[0].Answers[0].Attempts == 0):
		return &Preflight{Text: fmt.Sprintf("the budget of %s was over before anything could be examined: the consumer takes too long to answer", r.budget())}
	case !any:
		return r.refused(ctx, all[0])
	case !r.silenced && refusesChannels(all):
		return r.ofChannels(ctx, all)
	case r.silenced:
		r.all, r.stopped = all, len(all)
		return r.found(all[len(all)-1], rulebook.Endure, stops(accepted(all)))
	}
	if page, err := r.isSite(ctx, all[0]); page || err != nil {
		return cmp.Or(err, error(&Preflight{Text: "the URL answers everything with a web page: is it the consumer's?"}))
	}
	err := r.state(ctx, all)
	for _, p := range all[min(1, len(all)-1):] { // of the first one's conversation more is sent before the state is asked for
		if err == nil && !p.Asked.IsZero() && !slices.Contains(r.all, p) {
			r.controls = append(r.controls, p)
		}
	}
	return err
}

// isSite reports whether a web page is the answer to a notification, and to one that is forged as well.
func (r *run) isSite(ctx context.Context, p *trial.Played) (bool, error) {
	if !p.Answers[0].Page {
		return false, nil
	}
	forged := p.Deliveries[0]
	forged.Token = trial.OtherKey
	answers, _, err := r.transport.Send(ctx, []trial.Delivery{forged})
	return err == nil && answers[0].Accepted() && answers[0].Page, err
}

func (r *run) budget() time.Duration { return cmp.Or(r.Budget, DefaultBudget) }

// found makes a refusal the only finding: everything else would follow from it.
func (r *run) found(p *trial.Played, rule rulebook.ID, text string) error {
	out := refusal{rule: rule, text: text}
	for i := range p.Answers {
		if p.Answers[i].Attempts > 0 && !p.Answers[i].Accepted() {
			out.refused = append(out.refused, &answered{0, i, p, p.Delivery(i), &p.Answers[i]})
		}
	}
	r.basic = &out
	return nil
}

// elsewhere reports whether an answer says that there is no consumer at the URL.
func elsewhere(a *trial.Answer) bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed
}

// away reports whether nobody takes what is sent, or nobody in time.
func away(first *trial.Answer) bool {
	return elsewhere(first) || first.Status == 0 && !strings.HasPrefix(first.Failure, "reset")
}

// first plays what is sent first. A consumer that hangs may be one that an earlier examination has left behind: it is started again, if
// that is possible.
func (r *run) first(ctx context.Context, t *trial.Trial) (*trial.Played, error) {
	p, err := r.play(ctx, t)
	if err != nil || r.Sending.Kill == nil || !hangs(&p.Answers[0]) {
		return p, err
	}
	if err := r.transport.Revive(ctx); err != nil {
		return p, err
	}
	r.paces = paces{} // what was left behind says nothing about how long the rest takes
	return r.play(ctx, t)
}

// hangs reports whether there was no answer in time, or a failure that took long.
func hangs(a *trial.Answer) bool { return late(a) || a.Status >= 500 && a.Took > time.Second }

// refused finds out why everything is refused: of the ways to sign that explain it, the one that is accepted, or what the
// status says.
func (r *run) refused(ctx context.Context, p *trial.Played) error {
	first := &p.Answers[0]
	basic := func(rule rulebook.ID, text string) error { return r.found(p, rule, text) }
	switch {
	case late(first):
		return basic(rulebook.AnswerInTime, "")
	case first.Status == 0:
		class, text, _ := strings.Cut(first.Failure, ": ")
		return &Preflight{Text: "the consumer does not answer: " + because(emitter.Failure{Class: emitter.Class(class), Text: text})}
	case elsewhere(first):
		return &Preflight{Text: fmt.Sprintf("the consumer answers %s: is the path of the URL right, and does it take POST?", status(first.Status))}
	}
	return r.unbecause(ctx, p, basic)
}

// unexplained tries the ways to sign that would explain why everything is refused.
func (r *run) unbecause(ctx context.Context, p *trial.Played, basic func(rulebook.ID, string) error) error {
	first := &p.Answers[0]
	bound := r.bound(ctx, nil)
	for _, token := range trial.Explaining() {
		if hangs(first) {
			break // no token is the reason
		}
		d := p.Deliveries[0]
		d.Token = token
		answers, _, err := r.transport.Send(bound, []trial.Delivery{d})
		if bound.Err() != nil && ctx.Err() == nil {
			break
		}
		if err != nil && !errors.Is(err, transport.ErrSilent) {
			return err
		}
		if answers[0].Accepted() {
			does, mend := token.Explains()
			err := basic(token.Rule(), fmt.Sprintf("refuses everything (%s), but accepts %s: %s", status(first.Status), token.Text(), does))
			r.basic.mend = mend
			return err
		}
	}
	d := p.Deliveries[0]
	d.Media = "application/json"
	answers, _, err := r.transport.Send(bound, []trial.Delivery{d})
	switch {
	case bound.Err() != nil && ctx.Err() == nil: // the budget is over
	case err != nil && !errors.Is(err, transport.ErrSilent):
		return err
	case answers[0].Accepted():
		err := basic(rulebook.AcceptValid, "refuses application/cloudevents+json, which the real sender sends, and accepts application/json")
		r.basic.mend = "Take application/cloudevents+json for JSON: frameworks ask which types of content they are to read."
		return err
	case first.Status == http.StatusUnauthorized || first.Status == http.StatusForbidden:
		return &Preflight{fmt.Sprintf("everything is refused (%s): has the consumer the secret that ringback signs with?", status(first.Status)), "secret"}
	case first.Status >= 300 && first.Status < 400:
		err := basic(rulebook.AcceptValid, fmt.Sprintf("redirects every notification (%s): the real sender follows no redirect", status(first.Status)))
		r.basic.mend = "Answer at the very URL that you subscribe with, without a redirect to another path, host or scheme."
		return err
	}
	if past, err := r.refusesThePast(ctx, p); past || err != nil {
		return err
	}
	return basic(rulebook.AcceptValid, fmt.Sprintf("answers every notification with %s", status(first.Status)))
}

func status(code int) string {
	if text := http.StatusText(code); text != "" {
		return fmt.Sprintf("%d %s", code, text)
	}
	return fmt.Sprint(code)
}

// reads notes the words and the aspects of the states that were told of a trial, and reports whether there were any.
func (r *run) reads(p *trial.Played) (known bool) {
	r.words.read(p)
	for _, s := range p.Told {
		if s != nil {
			known = true
			r.aspects |= s.Aspects()
		}
	}
	return known
}

// state asks for the state of what was accepted, and finds out which aspects it has.
func (r *run) state(ctx context.Context, all []*trial.Played) error {
	if r.asker == nil {
		return nil
	}
	if err := r.askAll(ctx, all); err != nil {
		return err
	}
	known := false
	for _, p := range all {
		known = r.reads(p) || known
	}
	text := ""
	switch {
	case len(r.untold) > 0:
		text = fmt.Sprintf("the state cannot be read: %v", r.untold[0].err)
	case len(r.unsettled) > 0:
		text = fmt.Sprintf("the state never settles: of conversation %s something else was told each time it was asked for, and nothing was sent meanwhile", r.unsettled[0])
	case r.cut[all[0]]:
		text = fmt.Sprintf("the budget of %s was over before the state was told", r.budget())
	case !slices.ContainsFunc(all, func(p *trial.Played) bool { return len(p.Conversations()) > 0 }):
		text = "the profile claims no event of a channel, so there is no state to compare: leave out what asks for it, or claim channel events"
	case !known:
		text = "the consumer accepted a call, but its state does not know the conversation"
		if status := ask.Unknown(r.asker.Way); status != "" {
			text += " (" + status + ")"
		}
		text += ": is it the state of this consumer, at the right path, and with the member channels?"
	case r.aspects == 0:
		text = "the state tells nothing that can be compared: want some of phase, seconds, notifications, interactionId, agentId, role, or figures; see docs/state.md"
	default:
		return nil
	}
	names := r.words.unknown
	for _, a := range []trial.Aspect{trial.Phase, trial.Role} {
		names = append(names, r.words.strange[a].values...)
	}
	if len(names) > 0 {
		text += "; it has what is none of a state's: " + strings.Join(names, ", ")
	}
	return &Preflight{text, "state"}
}

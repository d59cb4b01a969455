package plan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

func TestASpoiledBodyIsWhatItsFaultSays(t *testing.T) {
	body := []byte(`{"specversion":"1.0","type":"channel.held.v0","id":"2tnejWeTxhrXAdBM4HQiAqjK4Sc",` +
		`"data":{"timestamp":"2025-03-03T09:00:00.000Z","channel":{"channelId":"x"}}}`)
	before := bytes.Clone(body)
	for _, kind := range fault.Kinds() {
		sent, signed := plan.FaultyBody(kind, body)
		var was struct {
			Type, ID string
			Data     any
		}
		sound := json.Unmarshal(sent, &was) == nil
		switch kind {
		case fault.TamperedBody:
			if !sound || bytes.Equal(sent, body) || !bytes.Equal(signed, body) {
				t.Errorf("%s sends %s, signed %s", kind, sent, signed)
			}
		case fault.MalformedJSON:
			if sound || sent == nil || signed != nil {
				t.Errorf("%s sends %s", kind, sent)
			}
		case fault.UnknownType:
			if was.Type == "channel.held.v0" || was.ID == "2tnejWeTxhrXAdBM4HQiAqjK4Sc" || len(was.ID) != 27 {
				t.Errorf("%s sends %s", kind, sent)
			}
		case fault.MissingMember:
			if !sound || was.Data != nil || was.ID == "2tnejWeTxhrXAdBM4HQiAqjK4Sc" {
				t.Errorf("%s sends %s", kind, sent)
			}
		case fault.BodyStyle:
			if !sound || bytes.Equal(sent, body) || signed != nil || was.ID != "2tnejWeTxhrXAdBM4HQiAqjK4Sc" {
				t.Errorf("%s sends %s", kind, sent)
			}
		case fault.UnknownMember:
			if !sound || !bytes.Contains(sent, []byte("sampled")) {
				t.Errorf("%s sends %s", kind, sent)
			}
		default:
			if sent != nil {
				t.Errorf("%s sends %s", kind, sent)
			}
		}
	}
	if !bytes.Equal(body, before) {
		t.Error("the body itself was changed")
	}
}

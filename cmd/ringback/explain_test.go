package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/internal/verify"
)

func TestEveryExitStatusIsExplained(t *testing.T) {
	statuses := []int{exitOK, exitFailed, exitUsage, exitScenario, exitInvalid, exitInterrupted}
	for _, status := range statuses {
		if _, err := evidence.Find(fmt.Sprintf("exit status %d", status)); err != nil {
			t.Error(err)
		}
	}
	for _, status := range []int{exitOK, exitFailed, exitInvalid} { // with which capacity ends in ways of its own
		if e, err := evidence.Find(fmt.Sprintf("exit status %d", status)); err != nil || !strings.Contains(e[0].Is, "`capacity`") {
			t.Errorf("exit status %d of capacity: %+v, %v", status, e, err)
		}
	}
	if got := evidence.InGroup("exit statuses"); len(got) != len(statuses) {
		t.Errorf("%d exit statuses are explained, want %d", len(got), len(statuses))
	}
}

// Each finding of verify names a rule, and explain answers it.
func TestEveryFindingNamesWhatExplainKnows(t *testing.T) {
	const sound = `{"specversion":"1.0","type":"channel.alerted.v0","id":"2VejGqWZPqHXHVNcfUPUO8IASAp","source":"/channel","subject":"740109c1-12d5-430f-9543-131fe5c4edcb","time":"2022-08-30T14:34:36.6134321Z","datacontenttype":"application/json","data":{"timestamp":"2022-08-30T14:34:36.088Z","channel":{"conversationId":"3e71f453-116a-3abc-7769-bc678ef6e080","interactionId":"1371f451-116a-4abc-8869-bc678ef67070","channelId":"740109c1-12d5-430f-9543-131fe5c4edcb","party":{"role":"agent","agentId":"1544","userId":"ef71f453-556a-3abc-7769-bc678ef6e090"}}}}`
	names := regexp.MustCompile(`"[A-Za-z]+":`).FindAllString(sound, -1)
	bodies := []string{sound, "not json", "[]", `{"type":1,"id":2,"data":3}`, strings.Replace(sound, "alerted", "unheard", 1),
		strings.Replace(sound, `"agent",`, `"external",`, 1), strings.Replace(sound, "{", `{"a":{"b":1},`, 1), strings.Replace(sound, `"data":{`, `"data":{"`+strings.Repeat("x", 500)+`":1,`, 1)}
	for _, name := range names {
		bodies = append(bodies, strings.Replace(sound, name, `"gone":`, 1), strings.Replace(sound, name, name+`1,`+name, 1))
	}
	found := 0
	for _, files := range [][]string{bodies, {""}} {
		v := verify.New(verify.Options{})
		for i, text := range append(files, sound) {
			if err := v.File(fmt.Sprint(i), strings.NewReader(sound+"\n"+text+"\n")); err != nil && text != "" {
				t.Fatal(err)
			}
		}
		_ = v.File("empty", strings.NewReader(""))
		for _, f := range v.Result().Findings {
			found++
			if _, err := evidence.Find(f.Rule); err != nil {
				t.Errorf("the rule %q of %q: %v", f.Rule, f.Text, err)
			}
		}
	}
	if found < 2*len(names) {
		t.Errorf("only %d findings", found)
	}
}

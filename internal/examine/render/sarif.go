package render

import (
	"io"
	"strings"

	"github.com/ringback/ringback/internal/jsontext"
)

// The parts of SARIF 2.1.0 that are written. The names of the members are those of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string            `json:"id"`
		Short      sarifText         `json:"shortDescription"`
		Properties map[string]string `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		CommandLine string `json:"commandLine"`
		Successful  bool   `json:"executionSuccessful"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Fingerprints map[string]string  `json:"partialFingerprints,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]string  `json:"properties,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// writeSARIF writes the rules and what became of each: fail, pass, or notApplicable where it was not tested.
func (r *Result) writeSARIF(w io.Writer) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{"ringback", r.Version, []sarifRule{}}}, Results: []sarifResult{},
		Invocations: []sarifInvocation{{r.Again, !r.Interrupted}}}
	for i := range r.Rules {
		rule := &r.Rules[i]
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{rule.ID, sarifText{rule.Demand}, map[string]string{"level": rule.Level}})
		run.Results = append(run.Results, r.sarif(rule))
	}
	return jsontext.WriteIndented(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// sarif is the result of a rule.
func (r *Result) sarif(rule *Rule) sarifResult {
	f := r.finding(rule.ID)
	if f == nil {
		out := sarifResult{RuleID: rule.ID, Kind: "pass", Level: "none", Message: sarifText{"the consumer " + rule.Demand}}
		if rule.Why != "" {
			out.Kind, out.Message.Text = "notApplicable", "not tested: "+rule.Why
		}
		return out
	}
	out := sarifResult{RuleID: rule.ID, Kind: "fail", Level: "error", Message: sarifText{"The consumer " + f.Text + ". " + strings.Join(f.Seen, "; ")},
		Fingerprints: map[string]string{"rule/v1": rule.ID},
		Properties:   map[string]string{"mend": f.Mend, "trial": f.Trial, "reproduce": f.Again}}
	if f.Waived != "" {
		out.Suppressions = []sarifSuppression{{"external", f.Waived}}
	}
	return out
}

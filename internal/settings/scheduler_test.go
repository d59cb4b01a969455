package settings

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/plan"
)

// variables are those of a process, such as "A=1 B=2".
func variables(text string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, pair := range strings.Fields(text) {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func TestTheSchedulerTellsTheShard(t *testing.T) {
	third := plan.Shard{Index: 2, Of: 4}
	for text, want := range map[string]plan.Shard{
		"JOB_COMPLETION_INDEX=2 RINGBACK_SHARDS=4":                                                            third,
		"AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=4":                                              third,
		"AWS_BATCH_JOB_ARRAY_INDEX=2 RINGBACK_SHARDS=4":                                                       third, // as of before 2023
		"AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=4 RINGBACK_SHARDS=4":                            third,
		"NOMAD_ALLOC_INDEX=2 RINGBACK_SHARDS=4":                                                               third,
		"GITLAB_CI=true CI_NODE_INDEX=3 CI_NODE_TOTAL=4":                                                      third,
		"CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=4":                                                             third,
		"CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=1":                                                             {Index: 0, Of: 1},
		"BUILDKITE_PARALLEL_JOB=2 BUILDKITE_PARALLEL_JOB_COUNT=4":                                             third,
		"SYSTEM_JOBPOSITIONINPHASE=3 SYSTEM_TOTALJOBSINPHASE=4":                                               third,
		"SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=4":                                                               third,
		"SLURM_PROCID=0 CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=4":                                              third, // CI inside a job of Slurm
		"SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 CI_NODE_TOTAL=1 AWS_BATCH_JOB_ARRAY_INDEX=2 RINGBACK_SHARDS=4": third,
	} {
		if got, err := ParseShard("auto", variables(text)); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestASchedulerThatDoesNotTellIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "no variable numbers this process; see docs/shards.md; elsewhere use 0/4",
		"RINGBACK_SHARDS=4":             "no variable numbers this process",
		"JOB_COMPLETION_INDEX=":         "no variable numbers this process",
		"KUBERNETES_SERVICE_HOST=h":     "in a Job with completionMode: Indexed",
		"SLURM_JOB_ID=7":                "this Slurm job is no array; submit it with sbatch -a 0-3",
		"SLURM_JOB_ID=7 SLURM_PROCID=0": "this Slurm job is no array",
		"SLURM_JOB_ID=7 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1": "this Slurm job is no array",
		"AWS_BATCH_JOB_ID=x":                                        "no array job; submit it with an array size",
		"GITLAB_CI=true CI_NODE_TOTAL=1":                            "not parallel; give it parallel: 4",
		"GITHUB_ACTIONS=true":                                       "set RINGBACK_SHARD to ${{ strategy.job-index }}/${{ strategy.job-total }}",
		"JOB_COMPLETION_INDEX=2":                                    "RINGBACK_SHARDS is not set; set it to the number of shards, which Kubernetes does not tell",
		"JOB_COMPLETION_INDEX=2 RINGBACK_SHARDS=":                   "RINGBACK_SHARDS is not set",
		"JOB_COMPLETION_INDEX=2 RINGBACK_SHARDS=0":                  "want at least 1 in RINGBACK_SHARDS, got 0",
		"JOB_COMPLETION_INDEX=2 RINGBACK_SHARDS=2":                  "JOB_COMPLETION_INDEX is 2 and RINGBACK_SHARDS is 2; Kubernetes numbers 2 processes from 0 to 1",
		"JOB_COMPLETION_INDEX=x RINGBACK_SHARDS=2":                  `want a whole number in JOB_COMPLETION_INDEX, got "x"`,
		"JOB_COMPLETION_INDEX=-1 RINGBACK_SHARDS=2":                 `JOB_COMPLETION_INDEX, got "-1"`,
		"JOB_COMPLETION_INDEX=1 RINGBACK_SHARDS=99999999999":        `RINGBACK_SHARDS, got "99999999999"`,
		"NOMAD_ALLOC_INDEX=2":                                       "RINGBACK_SHARDS is not set; set it to the number of shards, which Nomad does not tell",
		"AWS_BATCH_JOB_ARRAY_INDEX=2":                               "RINGBACK_SHARDS is not set; set it to the number of shards, which AWS Batch does not tell",
		"AWS_BATCH_JOB_ARRAY_INDEX=4 AWS_BATCH_JOB_ARRAY_SIZE=4":    "AWS Batch numbers 4 processes from 0 to 3",
		"CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=4 RINGBACK_SHARDS=8": "CIRCLE_NODE_TOTAL is 4 and RINGBACK_SHARDS is 8; leave out the latter",
		"CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=4 RINGBACK_SHARDS=x": `RINGBACK_SHARDS, got "x"`,
		"GITLAB_CI=true CI_NODE_INDEX=0 CI_NODE_TOTAL=4":            "GitLab CI numbers 4 processes from 1 to 4",
		"GITLAB_CI=true CI_NODE_INDEX=5 CI_NODE_TOTAL=4":            "GitLab CI numbers 4 processes from 1 to 4",
		"CI_NODE_INDEX=2 CI_NODE_TOTAL=4":                           "CI_NODE_INDEX counts from 1 in GitLab CI and from 0 elsewhere, and GITLAB_CI is not set",
		"SLURM_PROCID=4 SLURM_STEP_NUM_TASKS=4":                     "srun numbers 4 processes from 0 to 3",

		"NOMAD_ALLOC_INDEX=0 GITLAB_CI=true CI_NODE_INDEX=2 CI_NODE_TOTAL=4":                                          "NOMAD_ALLOC_INDEX (Nomad) and CI_NODE_INDEX (GitLab CI) are set; unset what does not number the shards",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=4": "SLURM_ARRAY_TASK_ID (a Slurm array) and SLURM_PROCID (srun) are set",
	} {
		if got, err := ParseShard("auto", variables(text)); got != (plan.Shard{}) || err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "shard: auto: ") {
			t.Errorf("%s: %v, %v; want %q", text, got, err, want)
		}
	}
}

// told are the variables that Slurm 22.05 sets in a task: the step is that of the last range that was written.
func told(tasks []uint64, step, task uint64, more string) func(string) (string, bool) {
	return variables(fmt.Sprintf("SLURM_ARRAY_TASK_ID=%d SLURM_ARRAY_TASK_COUNT=%d SLURM_ARRAY_TASK_MIN=%d SLURM_ARRAY_TASK_MAX=%d SLURM_ARRAY_TASK_STEP=%d SLURM_PROCID=0 %s",
		task, len(tasks), slices.Min(tasks), slices.Max(tasks), step, more))
}

func TestAnArrayWithoutGapsHasAllShards(t *testing.T) {
	for _, a := range []struct {
		written string
		tasks   []uint64
		step    uint64
	}{
		{"0-3", []uint64{0, 1, 2, 3}, 1},
		{"1-4%2", []uint64{1, 2, 3, 4}, 1},
		{"100-102", []uint64{100, 101, 102}, 1},
		{"0-12:4", []uint64{0, 4, 8, 12}, 4},
		{"0-15:4", []uint64{0, 4, 8, 12}, 4},
		{"3-9:3", []uint64{3, 6, 9}, 3},
		{"3,1,2,0", []uint64{0, 1, 2, 3}, 1},
	} {
		for i, task := range a.tasks {
			got, err := ParseShard("auto", told(a.tasks, a.step, task, ""))
			if want := (plan.Shard{Index: uint64(i), Of: uint64(len(a.tasks))}); got != want || err != nil {
				t.Errorf("task %d of %s: %v, %v; want %v", task, a.written, got, err, want)
			}
		}
	}
	least := "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=5"
	if got, err := ParseShard("auto", variables(least)); got != (plan.Shard{Index: 2, Of: 4}) || err != nil {
		t.Errorf("%s: %v, %v; want 2/4", least, got, err)
	}
}

// Of an array with gaps, at least one task refuses, and no two play the same shard.
func TestAnArrayWithGapsIsRefused(t *testing.T) {
	for _, a := range []struct {
		written string
		tasks   []uint64
		step    uint64
		some    bool // only some of the tasks can know
	}{
		{"0,1,5,7", []uint64{0, 1, 5, 7}, 1, false},
		{"0,4,8,12", []uint64{0, 4, 8, 12}, 1, false},
		{"0-1,2-5:3", []uint64{0, 1, 2, 5}, 3, false},
		{"0-4:2,5", []uint64{0, 2, 4, 5}, 1, false},
		{"0,1,4-6:2", []uint64{0, 1, 4, 6}, 2, true},
	} {
		played := map[plan.Shard]bool{}
		for _, task := range a.tasks {
			got, err := ParseShard("auto", told(a.tasks, a.step, task, ""))
			switch {
			case err == nil && (!a.some || played[got]):
				t.Errorf("task %d of %s plays %v", task, a.written, got)
			case err == nil:
				played[got] = true
			case !strings.Contains(err.Error(), "the Slurm array has gaps: 4 tasks, numbered from 0 to") || !strings.Contains(err.Error(), "submit 0-3, or for some"):
				t.Errorf("task %d of %s: %v", task, a.written, err)
			}
		}
		if len(played) == len(a.tasks) {
			t.Errorf("all tasks of %s play", a.written)
		}
	}
}

func TestSomeShardsArePlayedAgain(t *testing.T) {
	for _, a := range []struct {
		tasks []uint64
		task  uint64
		more  string
		want  plan.Shard
		err   string
	}{
		{[]uint64{2}, 2, "RINGBACK_SHARDS=4", plan.Shard{Index: 2, Of: 4}, ""},
		{[]uint64{0, 3}, 3, "RINGBACK_SHARDS=4", plan.Shard{Index: 3, Of: 4}, ""},
		{[]uint64{0}, 0, "RINGBACK_SHARDS=1", plan.Shard{Index: 0, Of: 1}, ""},
		{[]uint64{2}, 2, "", plan.Shard{}, "an array of one task may be one shard or the whole plan; set RINGBACK_SHARDS"},
		{[]uint64{1, 2, 3, 4}, 1, "RINGBACK_SHARDS=4", plan.Shard{}, "RINGBACK_SHARDS is 4, and the array has a task 4; number the tasks from 0, or leave out RINGBACK_SHARDS"},
		{[]uint64{0}, 0, "RINGBACK_SHARDS=0", plan.Shard{}, "RINGBACK_SHARDS is 0, and the array has a task 0"},
		{[]uint64{0}, 0, "RINGBACK_SHARDS=x", plan.Shard{}, `RINGBACK_SHARDS, got "x"`},
	} {
		got, err := ParseShard("auto", told(a.tasks, 1, a.task, a.more))
		if got != a.want || (err == nil) != (a.err == "") || err != nil && !strings.Contains(err.Error(), a.err) {
			t.Errorf("task %d of %v, %s: %v, %v; want %v, %q", a.task, a.tasks, a.more, got, err, a.want, a.err)
		}
	}
}

// What a container has not been handed on is missed.
func TestAnArrayIsToldWhole(t *testing.T) {
	for text, want := range map[string]string{
		"SLURM_ARRAY_TASK_ID=1":                                                                         "SLURM_ARRAY_TASK_COUNT is not set; hand all variables SLURM_ARRAY_… on",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4":                                                "SLURM_ARRAY_TASK_MIN is not set",
		"SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_COUNT=4":                                                `SLURM_ARRAY_TASK_ID, got "x"`,
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=2":                         "gaps",
		"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=2":                         "gaps",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=0 SLURM_ARRAY_TASK_MIN=1":                         "gaps",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=0": "gaps",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=x":  `SLURM_ARRAY_TASK_MAX, got "x"`,
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=x": `SLURM_ARRAY_TASK_STEP, got "x"`,
	} {
		if got, err := ParseShard("auto", variables(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %q", text, got, err, want)
		}
	}
}

// docs/shards.md has a row for each scheduler, with the variables that are read.
func TestTheSchedulersAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/shards.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schedulers {
		count := s.count
		if count == "" {
			count = shardsVariable
		}
		row := regexp.MustCompile(`(?m)^\| [^|]* \| ` + "`" + s.index + "`" + `, from [^|]* \| ` + "`" + count + "`")
		if found := row.FindString(string(page)); found == "" || s.index != slurmArray+"ID" && !strings.Contains(found, fmt.Sprintf("from %d", s.first)) {
			t.Errorf("docs/shards.md has no row about %s with %s from %d and %s, but %q", s.name, s.index, s.first, count, found)
		}
	}
}

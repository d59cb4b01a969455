package settings

import "github.com/ringback/ringback/plan"

// array is what Slurm tells a task of its array. Slurm does not tell the numbers of the other tasks, only the least, the
// greatest, how many there are, and the last step that was written.
type array struct{ task, count, least, greatest, step uint64 }

// arrayOf reads the variables of an array. Where a container has lost the greatest and the step, the array begins at the least
// and has every number.
func (e environment) arrayOf() (a array, err error) {
	const missing = "hand all variables SLURM_ARRAY_… on to this process, or use 0/4 and so on"
	if a.task, err = e.number(slurmArray+"ID", missing); err != nil {
		return a, err
	}
	if a.count, err = e.number(slurmArray+"COUNT", missing); err != nil {
		return a, err
	}
	if a.least, err = e.number(slurmArray+"MIN", missing); err != nil {
		return a, err
	}
	if a.step, err = e.numberOr(slurmArray+"STEP", 1); err != nil {
		return a, err
	}
	a.greatest, err = e.numberOr(slurmArray+"MAX", a.least+(max(a.count, 1)-1)*a.step)
	return a, err
}

// position is the place of the task among the tasks of the array, from 0, and whether that is certain: each number from the least to
// the greatest, step by step, is in the array if these are as many as it has tasks and all tasks find themselves among them.
func (a array) position() (uint64, bool) {
	if a.step == 0 || a.task < a.least || a.task > a.greatest || (a.greatest-a.least)%a.step != 0 || (a.task-a.least)%a.step != 0 {
		return 0, false
	}
	return (a.task - a.least) / a.step, (a.greatest-a.least)/a.step+1 == a.count
}

// ofArray is the shard of a task of an array. With the number of shards in RINGBACK_SHARDS, the array may be a part of
// them, such as those that are played again, and the number of a task is that of its shard.
func (e environment) ofArray(s scheduler) (plan.Shard, error) {
	a, err := e.arrayOf()
	if err != nil {
		return plan.Shard{}, err
	}
	of, err := e.numberOr(shardsVariable, 0)
	if err != nil {
		return plan.Shard{}, err
	}
	if e.text(shardsVariable) != "" {
		if a.task >= of || a.greatest >= of {
			return plan.Shard{}, problem(Shard, "auto: %s is %d, and the array has a task %d; number the tasks from 0, or leave out %[1]s if they are all shards",
				shardsVariable, of, max(a.task, a.greatest))
		}
		return plan.Shard{Index: a.task, Of: of}, nil
	}
	if a.count == 1 { // it would play the whole plan, where somebody wanted one shard again
		return plan.Shard{}, problem(Shard, "auto: an array of one task may be one shard or the whole plan; set %s to the number of shards", shardsVariable)
	}
	position, certain := a.position()
	if !certain {
		return plan.Shard{}, problem(Shard, "auto: the Slurm array has gaps: %d tasks, numbered from %d to %d in steps of %d, of which this is %d; submit 0-%d, or for some of the shards set %s to the number of all",
			a.count, a.least, a.greatest, a.step, a.task, max(a.count, 1)-1, shardsVariable)
	}
	return plan.Shard{Index: position, Of: a.count}, nil
}

package scenario

import (
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/source"
)

// ReadAgents reads a CSV file of agents: a header with agentId, userId or both, and one
// agent a line. Other columns are left alone. What a line does not say is seeded, as it is
// for agents of a scenario. The name stands in errors, which contain Problems.
func ReadAgents(name string, text []byte) ([]Agent, error) {
	f, rows := source.Table(name, text, MaxAgentsFile)
	var all []Agent
	var columns []int
	first := map[string]Pos{} // of each identifier
	for i, row := range rows {
		switch {
		case i == 0:
			if columns = header(f, row, "agentId", "userId"); columns[0] < 0 && columns[1] < 0 {
				f.Errorf(row[0].Pos, "want a header with agentId, userId or both").Hint = "for example the lines \"agentId,userId\" and \"1544,ef71f453-556a-3abc-7769-bc678ef6e090\""
				return nil, f.Err()
			}
		case len(all) == MaxPool:
			f.Errorf(row[0].Pos, "want at most %d agents", MaxPool)
			return nil, f.Err()
		default:
			all = append(all, agentRow(f, row, columns, first))
		}
	}
	return filled(f, all, "agents")
}

// header finds where in a header line columns are: -1 where there is none.
func header(f *source.File, row []source.Cell, names ...string) []int {
	at := make([]int, len(names))
	for i, name := range names {
		at[i] = -1
		for column, cell := range row {
			switch {
			case !strings.EqualFold(cell.Text, name):
			case at[i] >= 0:
				f.Errorf(cell.Pos, "the column %s is there twice", name)
			default:
				at[i] = column
			}
		}
	}
	return at
}

// filled is what was read from a table, unless something is wrong with it or it has no rows.
func filled[T any](f *source.File, all []T, what string) ([]T, error) {
	if f.Err() == nil && len(all) == 0 {
		f.Errorf(Pos{Line: 1, Column: 1}, "there are no %s in the file", what)
	}
	if f.Err() != nil {
		return nil, f.Err()
	}
	return all, nil
}

func agentRow(f *source.File, row []source.Cell, columns []int, first map[string]Pos) Agent {
	a := Agent{Pos: row[0].Pos}
	for i, column := range columns {
		if column < 0 || column >= len(row) || row[column].Text == "" {
			continue
		}
		cell := row[column]
		if i == 0 {
			a.AgentID = cell.Text
			once(f, cell.Pos, "agentId "+cell.Text, first)
			continue
		}
		if _, err := event.ParseGUID(cell.Text); err != nil {
			f.Errorf(cell.Pos, "userId: %v", err)
		}
		a.UserID = strings.ToLower(cell.Text) // one user, however written
		once(f, cell.Pos, "userId "+a.UserID, first)
	}
	if a.AgentID == "" && a.UserID == "" {
		f.Errorf(a.Pos, "want an agentId or a userId")
	}
	return a
}

// once refuses what is there twice, with both places.
func once(f *source.File, at Pos, what string, first map[string]Pos) {
	if before, taken := first[what]; taken {
		f.Errorf(at, "%s is there twice; first at line %d", what, before.Line)
		return
	}
	first[what] = at
}

// ReadConversationIDs reads a file of conversation IDs: one GUID a line, or a CSV file with
// the column conversationId. The name stands in errors, which contain Problems.
func ReadConversationIDs(name string, text []byte) ([]event.GUID, error) {
	f, rows := source.Table(name, text, MaxIDsFile)
	var all []event.GUID
	first := map[event.GUID]int{} // line of each
	column := 0
	for i, row := range rows {
		if i == 0 {
			if at := header(f, row, "conversationId")[0]; at >= 0 {
				column = at
				continue
			}
		}
		if len(row) <= column {
			f.Errorf(row[0].Pos, "want a conversation ID")
			continue
		}
		if len(all) == MaxIDs {
			f.Errorf(row[0].Pos, "want at most %d conversation IDs", MaxIDs)
			break
		}
		cell := row[column]
		id, err := event.ParseGUID(strings.ToLower(cell.Text))
		if err != nil {
			f.Errorf(cell.Pos, "conversationId: %v", err)
			continue
		}
		if before, taken := first[id]; taken {
			f.Errorf(cell.Pos, "conversationId %s is there twice; first at line %d", id, before)
			continue
		}
		first[id] = cell.Pos.Line
		all = append(all, id)
	}
	return filled(f, all, "conversation IDs")
}

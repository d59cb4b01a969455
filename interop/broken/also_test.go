package main

import "github.com/ringback/ringback/internal/rulebook"

// alsoNamed lists what else names the mistake of a consumer that is a program. Its table has the rule that its author chose.
var alsoNamed = map[string][]rulebook.ID{
	"journal/exp-unchecked":             {rulebook.RefuseExpired},                                                          // exp is not looked at: both follow
	"journal/duplicate-is-409":          {rulebook.AcceptValid},                                                            // a duplicate is valid, and counted once
	"threads/conflict-409":              {rulebook.CountOnce},                                                              // as above
	"loops/already-208":                 {rulebook.CountOnce},                                                              // 208 comes for duplicates alone
	"journal/impossible-dropped":        {rulebook.StoreBeforeAlerted, rulebook.OrderSameInstant, rulebook.NeverReopen},    // whatever comes too early is lost
	"loops/drop-illegal":                {rulebook.StoreBeforeAlerted, rulebook.OrderSameInstant, rulebook.NeverReopen},    // as above
	"journal/stale-dropped":             {rulebook.NeverReopen, rulebook.StoreBeforeAlerted},                               // after ended all is older
	"loops/ignore-stale":                {rulebook.NeverReopen, rulebook.StoreBeforeAlerted},                               // as above
	"journal/after-ended-dropped":       {rulebook.OrderByTimestamp},                                                       // what comes after ended is late
	"loops/closed-is-closed":            {rulebook.OrderByTimestamp},                                                       // as above
	"journal/last-arrival-is-phase":     {rulebook.OrderByTimestamp},                                                       // the phase follows arrival, and opens again after ended
	"loops/last-writes-phase":           {rulebook.OrderByTimestamp},                                                       // as above
	"journal/sorted-by-second":          {rulebook.OrderSameInstant},                                                       // instants of one second are equal to it
	"journal/ties-by-arrival":           {rulebook.OrderByTimestamp},                                                       // arrival decides
	"journal/failed-offer-ends":         {rulebook.FailedOffers},                                                           // unexpected is what a failed offer begins
	"journal/failed-offer-is-alerting":  {rulebook.FailedOffers},                                                           // as above
	"loops/unexpected-is-wrap":          {rulebook.FailedOffers},                                                           // as above
	"journal/failed-offer-is-connected": {rulebook.PhasesApart},                                                            // unexpected is told as connected
	"loops/any-answer":                  {rulebook.PhasesApart},                                                            // as above
	"journal/disconnected-is-ended":     {rulebook.CloseEveryPhase},                                                        // wrap is never counted
	"journal/key-is-content":            {rulebook.OrderSameInstant, rulebook.ZeroLengthPhases},                            // the same again at one instant is lost
	"threads/same-content":              {rulebook.OrderSameInstant, rulebook.ZeroLengthPhases},                            // as above
	"journal/key-is-subject-and-time":   {rulebook.OrderSameInstant, rulebook.ZeroLengthPhases, rulebook.KeyIsSourceAndID}, // whatever else is of one instant is lost
	"journal/bloom-filter":              {rulebook.Endure, rulebook.StoreBeforeAnswer},                                     // after thousands only, what is new is accepted and not stored
	"journal/zero-length-skipped":       {rulebook.OrderSameInstant},                                                       // phases of no length are ties
	"loops/only-later":                  {rulebook.OrderSameInstant},                                                       // as above
	"journal/monitor-takes-part":        {rulebook.FiguresAgree},                                                           // the roles are told rightly, figures not
	"journal/voicemail-is-agent":        {rulebook.FiguresAgree},                                                           // as above
	"journal/voicemail-is-abandoned":    {rulebook.RolesApart},                                                             // it takes voicemail for nobody
	"journal/current-is-shared":         {rulebook.ConcurrentNotifications},                                                // whichever two meet
	"journal/buffer-returned-too-early": {rulebook.ConcurrentNotifications},                                                // as above
	"threads/locked-swallowed":          {rulebook.ConcurrentNotifications},                                                // whatever comes at the same time is lost
	"loops/module-current":              {rulebook.ConcurrentNotifications},                                                // it takes what meets for one conversation's
	"journal/leaks-on-duplicate":        {rulebook.KeepAnswering},                                                          // it hangs after 20
	"journal/seen-marked-first":         {rulebook.WholeOrNothing},                                                         // the mark is stored without the notification
	"journal/counter-first":             {rulebook.RetryIsNoDuplicate},                                                     // the attempt after the crash is counted again
	"threads/two-transactions":          {rulebook.RetryIsNoDuplicate},                                                     // half of it is stored, and the retry takes that for all
	"loops/two-files":                   {rulebook.RetryIsNoDuplicate},                                                     // as above
	"journal/claimed-while-reading":     {rulebook.RetryIsNoDuplicate},                                                     // the claim is left behind
	"threads/read-once":                 {rulebook.ReadLargeBodies},                                                        // large bodies come in pieces
	"loops/first-chunk":                 {rulebook.ReadLargeBodies},                                                        // as above
	"loops/chunk-strings":               {rulebook.HashRawBody},                                                            // the hash is that of the spoilt text
	"loops/hang-on-bad-json":            {rulebook.AnswerInTime, rulebook.KeepAnswering},                                   // no answer is all that is seen
	"journal/panics-with-lock":          {rulebook.AnswerUnusable},                                                         // it begins with an unusable body
	"loops/lock-on-headers":             {rulebook.RecoverFromCutOff},                                                      // it begins with a connection that is cut
}

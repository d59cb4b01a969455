package scenario
import ("testing";"strings";"fmt";"time")
func TestMany(t *testing.T){
 var b strings.Builder
 b.WriteString("name: a\nstory: b\nsteps:\n")
 for i:=range 40 { fmt.Fprintf(&b,"  - {presence: {agent: a%d, to: break}, chance: 50%%}\n",i) }
 now:=time.Now()
 _,err:=Parse("x",[]byte(b.String()))
 t.Log(err,time.Since(now))
 b.Reset()
 b.WriteString("name: a\nstory: b\nsteps:\n  - call: c\n")
 for i:=range 200 { fmt.Fprintf(&b,"  - conference: {agent: a%d, ring: 0s}\n",i) }
 fmt.Fprintf(&b,"  - repeat:\n      times: 0..9\n      steps:\n")
 for i:=range 200 { fmt.Fprintf(&b,"        - {leave: a%d, chance: 50%%}\n",i) }
 now=time.Now()
 _,err=Parse("x",[]byte(b.String()))
 t.Log(fmt.Sprint(err)[:200],time.Since(now))
}

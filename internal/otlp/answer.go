package otlp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// partialSuccess reads the answer to an accepted request: how many data points were not taken, and why. Some receivers answer in JSON.
func partialSuccess(kind string, answer []byte) (points int64, why string, err error) {
	switch kind, _, _ = strings.Cut(kind, ";"); strings.TrimSpace(kind) {
	case contentType, "":
		a := &collector.ExportMetricsServiceResponse{}
		if proto.Unmarshal(answer, a) != nil {
			return 0, "", errors.New("its body is no protobuf")
		}
		return a.GetPartialSuccess().GetRejectedDataPoints(), a.GetPartialSuccess().GetErrorMessage(), nil
	case "application/json":
		var a map[string]map[string]any
		if json.Unmarshal(answer, &a) != nil {
			return 0, "", errors.New("its body is no JSON of such a receiver")
		}
		partial := a["partialSuccess"]
		points, _ = strconv.ParseInt(fmt.Sprint(partial["rejectedDataPoints"]), 10, 64) // a text, as protobuf writes numbers of 64 bits
		why, _ = partial["errorMessage"].(string)
		return points, why, nil
	}
	return 0, "", errors.New("its body is neither protobuf nor JSON; is the path that of metrics?")
}

// statusMessage is the message of a google.rpc.Status, which is its field 2, or empty.
func statusMessage(answer []byte) string {
	const message = 2
	for len(answer) > 0 {
		field, kind, n := protowire.ConsumeTag(answer)
		if n < 0 {
			return ""
		}
		answer = answer[n:]
		if field == message && kind == protowire.BytesType {
			text, n := protowire.ConsumeBytes(answer)
			if n < 0 {
				return ""
			}
			return string(text)
		}
		if n = protowire.ConsumeFieldValue(field, kind, answer); n < 0 {
			return ""
		}
		answer = answer[n:]
	}
	return ""
}

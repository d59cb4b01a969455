package interop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// cluster is what the manifests ask a cluster for.
type cluster struct {
	job      *batch.Job
	service  *core.Service
	maps     map[string]core.ConfigMap
	monitors []monitoring.ServiceMonitor
}

// manifests copies deploy/kubernetes, with changes "file: old -> new".
func manifests(t *testing.T, changes ...[3]string) filesys.FileSystem {
	t.Helper()
	files := filesys.MakeFsInMemory()
	const root = "../deploy/kubernetes"
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for i, c := range changes {
			if c[0] == filepath.ToSlash(name) {
				if !strings.Contains(string(text), c[1]) {
					t.Fatalf("%s does not contain %q", name, c[1])
				}
				text = []byte(strings.Replace(string(text), c[1], c[2], 1))
				changes[i][0] = "done"
			}
		}
		return files.WriteFile(filepath.Join("/", name), text)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c[0] != "done" {
			t.Fatalf("there is no file %s", c[0])
		}
	}
	return files
}

// kustomized builds a folder as kubectl apply -k does, and reads what comes out into the types of
// the API. A field that these do not have is an error.
func kustomized(files filesys.FileSystem, dir string) (c cluster, err error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir)
	if err != nil {
		return c, err
	}
	c.maps = map[string]core.ConfigMap{}
	for _, r := range resources.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return c, err
		}
		switch id := r.GetGvk().ApiVersion() + " " + r.GetKind(); id {
		case "batch/v1 Job":
			c.job = &batch.Job{}
			err = strict(text, c.job)
		case "v1 Service":
			c.service = &core.Service{}
			err = strict(text, c.service)
		case "v1 ConfigMap":
			var m core.ConfigMap
			err = strict(text, &m)
			c.maps[m.Name] = m
		case "monitoring.coreos.com/v1 ServiceMonitor":
			var m monitoring.ServiceMonitor
			err = strict(text, &m)
			c.monitors = append(c.monitors, m)
		default:
			return c, &unknownKind{id}
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// strict reads YAML as the API server does: it minds the case of names, which encoding/json and
// with it sigs.k8s.io/yaml do not.
func strict(text []byte, into any) error {
	data, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	unknown, err := json.UnmarshalStrict(data, into)
	return errors.Join(append(unknown, err)...)
}

// unknownKind is what no cluster is asked for here.
type unknownKind struct{ id string }

func (u *unknownKind) Error() string { return "nobody expects a " + u.id }

func TestTheManifestsAreWhatKubernetesKnows(t *testing.T) {
	c, err := kustomized(manifests(t), "/job")
	if err != nil || c.job == nil || c.service == nil || len(c.maps) != 2 || c.monitors != nil {
		t.Errorf("job: %v, with %+v; want a Job, a Service and two ConfigMaps", err, c)
	}
	c, err = kustomized(manifests(t), "/prometheus")
	if err != nil || c.job == nil || len(c.monitors) != 1 {
		t.Errorf("prometheus: %v, with %d ServiceMonitors; want the Job and one", err, len(c.monitors))
	}
	for _, wrong := range [][3]string{
		{"job/job.yaml", "completionMode:", "completionmodus:"},
		{"job/job.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: 1"},
		{"job/job.yaml", "completions: 4", "completions: {}"},
		{"job/job.yaml", "apiVersion: batch/v1\n", "apiVersion: batch/v2\n"},
		{"job/service.yaml", "clusterIP:", "clusterIp:"},
		{"job/kustomization.yaml", "disableNameSuffixHash", "disableSuffix"},
		{"job/kustomization.yaml", "data.RINGBACK_SHARDS", "data.RINGBACK_SHARD"},
		{"job/kustomization.yaml", "workload.yaml", "workloads.yaml"},
		{"prometheus/servicemonitor.yaml", "interval:", "every:"},
	} {
		if _, err := kustomized(manifests(t, wrong), "/prometheus"); err == nil {
			t.Errorf("with %q instead of %q, %s is taken for good", wrong[2], wrong[1], wrong[0])
		}
	}
}

func TestTheNumberOfShardsStandsInOnePlace(t *testing.T) {
	c, err := kustomized(manifests(t, [3]string{"job/run.env", "RINGBACK_SHARDS=4", "RINGBACK_SHARDS=9"}), "/job")
	if err != nil {
		t.Fatal(err)
	}
	if c.job.Spec.CompletionMode == nil || *c.job.Spec.CompletionMode != batch.IndexedCompletion {
		t.Error("the Job is not Indexed")
	}
	if got := *c.job.Spec.Completions; got != 9 || *c.job.Spec.Parallelism != got {
		t.Errorf("%d completions, %d in parallel, want 9 of both", got, *c.job.Spec.Parallelism)
	}
}

func TestTheManifestsHoldTogether(t *testing.T) {
	c, err := kustomized(manifests(t), "/prometheus")
	if err != nil {
		t.Fatal(err)
	}
	pod, box := c.job.Spec.Template, c.job.Spec.Template.Spec.Containers[0]
	for key, value := range c.service.Spec.Selector {
		if pod.Labels[key] != value {
			t.Errorf("the Service selects pods with %s=%s, the pods have %v", key, value, pod.Labels)
		}
	}
	monitor := c.monitors[0].Spec
	for key, value := range monitor.Selector.MatchLabels {
		if c.service.Labels[key] != value {
			t.Errorf("the ServiceMonitor selects Services with %s=%s, the Service has %v", key, value, c.service.Labels)
		}
	}
	port := c.service.Spec.Ports[0]
	if monitor.Endpoints[0].Port != port.Name || port.TargetPort.StrVal != box.Ports[0].Name || port.Port != box.Ports[0].ContainerPort {
		t.Errorf("the ServiceMonitor scrapes %s, the Service has %+v, the container %+v", monitor.Endpoints[0].Port, port, box.Ports)
	}
	if i := slices.Index(box.Args, "--metrics"); i < 0 || !strings.HasSuffix(box.Args[i+1], ":9090") || box.Ports[0].ContainerPort != 9090 {
		t.Errorf("the program is run with %v, the container has port %+v", box.Args, box.Ports)
	}
	for _, v := range pod.Spec.Volumes {
		if _, ok := c.maps[v.ConfigMap.Name]; !ok {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
	}
	image, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("\nUSER %d:%d\n", *pod.Spec.SecurityContext.RunAsUser, *pod.Spec.SecurityContext.RunAsGroup),
		"\nWORKDIR " + box.VolumeMounts[0].MountPath + "\n",
		"-t " + strings.TrimSuffix(box.Image, ":latest") + " .\n",
	} {
		if !strings.Contains(string(image), want) {
			t.Errorf("the Dockerfile says nothing of %q", want)
		}
	}
	if rule := c.job.Spec.PodFailurePolicy.Rules[0].OnExitCodes; *rule.ContainerName != box.Name {
		t.Errorf("the failure policy is about %s, the container is %s", *rule.ContainerName, box.Name)
	}
	for name, m := range c.maps {
		for key, value := range m.Data {
			if strings.Contains(strings.ToLower(key+value), "secret") {
				t.Errorf("the ConfigMap %s holds a secret: %s", name, key)
			}
		}
	}
}

func TestThePodsMayDoNothingButSend(t *testing.T) {
	c, err := kustomized(manifests(t), "/job")
	if err != nil {
		t.Fatal(err)
	}
	pod, box := c.job.Spec.Template.Spec, c.job.Spec.Template.Spec.Containers[0]
	isTrue := func(b *bool) bool { return b != nil && *b }
	isFalse := func(b *bool) bool { return b != nil && !*b }
	for what, held := range map[string]bool{
		"no user but root is named":                 isTrue(pod.SecurityContext.RunAsNonRoot) && *pod.SecurityContext.RunAsUser != 0,
		"the pod has a token of the cluster":        isFalse(pod.AutomountServiceAccountToken),
		"services set RINGBACK_ variables":          isFalse(pod.EnableServiceLinks),
		"the file system can be written":            isTrue(box.SecurityContext.ReadOnlyRootFilesystem),
		"privileges can grow":                       isFalse(box.SecurityContext.AllowPrivilegeEscalation),
		"capabilities are kept":                     slices.Contains(box.SecurityContext.Capabilities.Drop, "ALL"),
		"system calls are not filtered":             pod.SecurityContext.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
		"memory is not limited":                     !box.Resources.Limits.Memory().IsZero(),
		"processors are not limited":                !box.Resources.Limits.Cpu().IsZero(),
		"a shard that failed is played once more":   pod.RestartPolicy == core.RestartPolicyNever && *c.job.Spec.BackoffLimitPerIndex == 0,
		"finished Jobs stay for ever":               c.job.Spec.TTLSecondsAfterFinished != nil,
		"a drain is cut off before its ten seconds": *pod.TerminationGracePeriodSeconds > 10,
	} {
		if !held {
			t.Error(what)
		}
	}
}

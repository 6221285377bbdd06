package supervisor

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	"forge.dev/sandbox/internal/emulation"
	"forge.dev/sandbox/internal/latency"
)

// Options is what a user can choose about a sandbox.
type Options struct {
	Name    string `json:"name"`
	Dir     string `json:"-"`
	Nodes   int    `json:"nodes"`
	CPU     string `json:"cpu"`
	Memory  string `json:"memory"`
	Latency string `json:"latency"`
	// Kubernetes is the version to be, or nothing for the newest. (`kubernetes` in the state is what the API server tells.)
	Kubernetes string `json:"emulates,omitempty"`
}

func (o *Options) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Name, "name", "default", "name of the sandbox")
	flags.StringVar(&o.Dir, "dir", "", "folder that holds everything of this sandbox (required)")
	flags.IntVar(&o.Nodes, "nodes", 3, "number of simulated nodes")
	flags.StringVar(&o.CPU, "cpu", "8", "CPUs of each node")
	flags.StringVar(&o.Memory, "memory", "16Gi", "memory of each node")
	flags.StringVar(&o.Latency, "latency", "instant", "instant, realistic, or a YAML file")
	flags.StringVar(&o.Kubernetes, "kubernetes", "", "version to be, such as 1.36 or v1.36.3 (default: the newest)")
}

func (o *Options) args() []string {
	return []string{
		"--name", o.Name, "--dir", o.Dir, "--nodes", fmt.Sprint(o.Nodes),
		"--cpu", o.CPU, "--memory", o.Memory, "--latency", o.Latency, "--kubernetes", o.Kubernetes,
	}
}

// check also makes the paths absolute: the supervisor outlives the working directory of its caller.
func (o *Options) check() error {
	if o.Dir == "" {
		return fmt.Errorf("--dir is required")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	if o.Nodes < 0 || o.Nodes > 250 {
		return fmt.Errorf("--nodes is between 0 and 250, not %d", o.Nodes)
	}
	if o.Kubernetes != "" {
		if err := emulation.Check(o.Kubernetes); err != nil {
			return err
		}
	}
	for flag, quantity := range map[string]string{"--cpu": o.CPU, "--memory": o.Memory} {
		if parsed, err := resource.ParseQuantity(quantity); err != nil || parsed.Sign() <= 0 {
			return fmt.Errorf("%s is a quantity such as 8 or 16Gi, not %q", flag, quantity)
		}
	}
	if !latency.IsBuiltIn(o.Latency) {
		if o.Latency, err = filepath.Abs(o.Latency); err != nil {
			return err
		}
	}
	_, err = latency.Load(o.Latency)
	return err
}

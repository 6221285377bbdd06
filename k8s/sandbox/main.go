// Command forge-sandbox is a whole Kubernetes control plane with simulated nodes in one binary.
//
// The first argument names the program to be. `up` starts a supervisor and returns when the control plane is ready; the
// supervisor starts the others, which are etcd, kube-apiserver, kube-controller-manager, kube-scheduler and simulator (nodes,
// containers, claims, logs), each a process of this same binary.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	"k8s.io/kubernetes/pkg/controller/job"

	"forge.dev/sandbox/internal/claims"
	"forge.dev/sandbox/internal/emulation"
	"forge.dev/sandbox/internal/scheduling"
	"forge.dev/sandbox/internal/simulator"
	"forge.dev/sandbox/internal/supervisor"
)

var programs = map[string]func() *cobra.Command{
	"kube-apiserver": func() *cobra.Command {
		told := emulation.Announce()
		command := apiserver.NewAPIServerCommand()
		command.Flags().StringVar(told, emulation.ToldFlag, "", "the version to tell (default: the one that is emulated)")
		return command
	},
	"kube-controller-manager": func() *cobra.Command {
		// The Job controller looks at finished pods once a second, to be cheap on Jobs of thousands of pods. Here that
		// second would be most of what an instant deploy takes.
		job.SyncJobBatchPeriod = 50 * time.Millisecond
		command := controllers.NewControllerManagerCommand()
		command.Flags().DurationVar(&job.DefaultJobPodFailureBackOff, supervisor.JobBackOffFlag, job.DefaultJobPodFailureBackOff,
			"the first pause of a Job between two attempts")
		return command
	},
	"kube-scheduler": func() *cobra.Command {
		return scheduler.NewSchedulerCommand(
			scheduler.WithPlugin(claims.PluginName, claims.NewPlugin),
			scheduler.WithPlugin(scheduling.PluginName, scheduling.NewPlugin),
		)
	},
	"simulator":  simulator.NewCommand,
	"supervisor": supervisor.NewCommand,
	"up":         supervisor.NewUpCommand,
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: forge-sandbox PROGRAM [FLAGS]")
	}
	os.Args = os.Args[1:]
	supervisor.EndWithSupervisor()
	switch os.Args[0] {
	case "etcd":
		etcdmain.Main(os.Args)
	default:
		program, known := programs[os.Args[0]]
		if !known {
			fail("unknown program: " + os.Args[0])
		}
		os.Exit(cli.Run(program()))
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

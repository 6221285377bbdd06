// Package simulator is what a kubelet and a container runtime are to a real node: it keeps the node ready, plays the
// containers of scheduled pods, writes their status and events as a kubelet would, serves their logs, and takes deleted pods
// away. Nothing is executed.
//
// kwok could do a part of it, but its events and logs are constants, a stage cannot look at another object (so no init
// container could wait for a service), and every change of a pod starts a delay anew. For the rest it would be a sixteenth of
// all packages that are compiled.
package simulator

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"forge.dev/sandbox/internal/claims"
)

// What the supervisor hands over, after the lifeline (3): a pipe to say "ready" on.
const readyFile = 4

type flags struct {
	kubeconfig, latency, podNetwork string
	clientCA, cert, key             string
	cpu, memory                     string
}

// NewCommand is the program `simulator`.
func NewCommand() *cobra.Command {
	var f flags
	command := &cobra.Command{
		Use: "simulator", Args: cobra.NoArgs, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return run(ctx, f)
		},
	}
	command.Flags().StringVar(&f.kubeconfig, "kubeconfig", "", "credentials for the API server")
	command.Flags().StringVar(&f.latency, "latency", "instant", "latency profile: a name or a file")
	command.Flags().StringVar(&f.podNetwork, "pod-network", "10.244.0.0/16", "addresses of pods")
	command.Flags().StringVar(&f.clientCA, "client-ca", "", "authority of those who may read logs")
	command.Flags().StringVar(&f.cert, "cert", "", "certificate of the kubelet's server")
	command.Flags().StringVar(&f.key, "key", "", "key of the kubelet's server")
	command.Flags().StringVar(&f.cpu, "cpu", "8", "CPUs of a node that does not say how many it has")
	command.Flags().StringVar(&f.memory, "memory", "16Gi", "memory of a node that does not say how much it has")
	return command
}

func run(ctx context.Context, f flags) error {
	config, err := clientcmd.BuildConfigFromFlags("", f.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 1000, 2000
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(slim))
	provision, err := claims.Setup(ctx, client, factory)
	if err != nil {
		return err
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	kubelet, err := newKubelet(client, listener, f)
	if err != nil {
		return err
	}
	s, err := newSimulator(ctx, client, config, factory, kubelet, f)
	if err != nil {
		return err
	}
	server, err := newServer(s.logs, s.streams, f)
	if err != nil {
		return err
	}
	go func() { _ = server.ServeTLS(listener, f.cert, f.key) }()
	factory.StartWithContext(ctx)
	if err := factory.WaitForCacheSyncWithContext(ctx).AsError(); err != nil {
		return err
	}
	go provision(ctx)
	if err := sayReady(); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func sayReady() error {
	ready := os.NewFile(readyFile, "ready")
	defer ready.Close()
	_, err := fmt.Fprintln(ready, "ready")
	return err
}

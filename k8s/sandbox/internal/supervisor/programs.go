package supervisor

import (
	"fmt"
	"time"

	"forge.dev/sandbox/internal/emulation"
	"forge.dev/sandbox/internal/simulator"
)

const (
	serviceNetwork = "10.96.0.0/16"
	podNetwork     = "10.244.0.0/16"
)

// commandLines holds what the arguments of the programs are made of.
type commandLines struct {
	layout
	port    int
	options Options
}

func (c commandLines) etcd() []string {
	// etcd listens on sockets but insists on advertising a host and a port; without peers nobody asks for either.
	const nobody = "http://127.0.0.1:1"
	return []string{
		"--name=sandbox", "--data-dir=" + c.etcdData(),
		"--listen-client-urls=unix://" + c.etcdSocket(), "--advertise-client-urls=" + nobody,
		"--listen-peer-urls=unix://" + c.peerSocket(),
		"--initial-advertise-peer-urls=" + nobody, "--initial-cluster=sandbox=" + nobody,
		// A sandbox does not outlive its machine, so its data need not reach the disk.
		"--unsafe-no-fsync", "--log-level=warn",
	}
}

func (c commandLines) apiserver() []string {
	return append([]string{
		"--etcd-servers=unix://" + c.etcdSocket(),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.port), "--permit-port-sharing",
		// Endpoints may not be loopback addresses, and nothing in a sandbox could reach the API server from a pod.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + c.pki("apiserver.crt"), "--tls-private-key-file=" + c.pki("apiserver.key"),
		"--client-ca-file=" + c.pki("ca.crt"),
		"--authorization-mode=Node,RBAC", "--anonymous-auth=false",
		"--service-cluster-ip-range=" + serviceNetwork,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.pki("tokens.pub"),
		"--service-account-signing-key-file=" + c.pki("tokens.key"),
		"--kubelet-certificate-authority=" + c.pki("ca.crt"),
		"--kubelet-client-certificate=" + c.pki("apiserver-kubelet.crt"),
		"--kubelet-client-key=" + c.pki("apiserver-kubelet.key"),
		// The nodes' own addresses are invented, or those of another cluster.
		"--kubelet-preferred-address-types=" + string(simulator.AddressType),
		"--allow-privileged=true", "--profiling=false",
		// Without load balancers there is nobody to be told of a shutdown.
		"--shutdown-delay-duration=0s",
	}, append(emulation.Args(c.options.Kubernetes), emulation.ToldArgs(c.options.Kubernetes)...)...)
}

// JobBackOffFlag is the sandbox's own: a Job's attempts follow each other as the latency profile says.
const JobBackOffFlag = "job-back-off"

func (c commandLines) controllerManager(jobBackOff time.Duration) []string {
	return append([]string{
		"--kubeconfig=" + c.config("kube-controller-manager"), "--leader-elect=false", "--secure-port=0",
		"--kube-api-qps=500", "--kube-api-burst=1000",
		fmt.Sprintf("--%s=%s", JobBackOffFlag, jobBackOff),
		"--controllers=*,-node-ipam-controller",
		"--service-account-private-key-file=" + c.pki("tokens.key"), "--root-ca-file=" + c.pki("ca.crt"),
		"--cluster-signing-cert-file=" + c.pki("ca.crt"), "--cluster-signing-key-file=" + c.pki("ca.key"),
		"--profiling=false",
	}, emulation.Args(c.options.Kubernetes)...)
}

func (c commandLines) scheduler() []string {
	return append([]string{"--config=" + c.config("scheduler.yaml"), "--secure-port=0"}, emulation.Args(c.options.Kubernetes)...)
}

func (c commandLines) simulator() []string {
	return []string{
		"--kubeconfig=" + c.config("simulator"), "--latency=" + c.options.Latency, "--pod-network=" + podNetwork,
		"--cpu=" + c.options.CPU, "--memory=" + c.options.Memory,
		"--client-ca=" + c.pki("ca.crt"), "--cert=" + c.pki("kubelet.crt"), "--key=" + c.pki("kubelet.key"),
	}
}

package supervisor

import (
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"forge.dev/sandbox/internal/claims"
	"forge.dev/sandbox/internal/pki"
	"forge.dev/sandbox/internal/scheduling"
)

// The programs of the control plane keep their well-known names. They are masters as well: their own roles exist only a
// second after the API server answers, and each refusal would cost them a back-off.
var users = map[string]string{
	"admin":                   "sandbox-admin",
	"supervisor":              "sandbox-supervisor",
	"simulator":               "sandbox-simulator",
	"kube-controller-manager": "system:kube-controller-manager",
	"kube-scheduler":          "system:kube-scheduler",
}

const masters = "system:masters"

// writeFiles makes the certificates, kubeconfigs and configuration files of all programs.
func writeFiles(c commandLines, options Options) error {
	authority, err := pki.NewAuthority("forge sandbox " + options.Name)
	if err != nil {
		return err
	}
	if err := writeCertificates(c, authority); err != nil {
		return err
	}
	for file, user := range users {
		pair, err := authority.Client(user, masters)
		if err != nil {
			return err
		}
		path := c.config(file)
		if file == "admin" {
			path = c.kubeconfig()
		}
		if err := writeKubeconfig(path, c.port, contextName(options.Name), authority.Certificate, pair); err != nil {
			return err
		}
	}
	return os.WriteFile(c.config("scheduler.yaml"), []byte(schedulerConfig(c.config("kube-scheduler"))), 0o600)
}

func contextName(sandbox string) string { return "forge-sandbox-" + sandbox }

func writeCertificates(c commandLines, authority *pki.Authority) error {
	apiserver, err := authority.Server("kube-apiserver", "127.0.0.1", "localhost", "10.96.0.1",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	if err != nil {
		return err
	}
	kubelet, err := authority.Server("kubelet", "127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	kubeletClient, err := authority.Client("kube-apiserver-kubelet-client", masters)
	if err != nil {
		return err
	}
	public, private, err := pki.NewSigningKey()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ca.crt": authority.Certificate, "ca.key": authority.Key,
		"apiserver.crt": apiserver.Certificate, "apiserver.key": apiserver.Key,
		"kubelet.crt": kubelet.Certificate, "kubelet.key": kubelet.Key,
		"apiserver-kubelet.crt": kubeletClient.Certificate, "apiserver-kubelet.key": kubeletClient.Key,
		"tokens.pub": public, "tokens.key": private,
	} {
		if err := os.WriteFile(c.pki(name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func writeKubeconfig(path string, port int, name string, ca []byte, pair pki.Pair) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{
		Server: serverURL(port), CertificateAuthorityData: ca,
	}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{
		ClientCertificateData: pair.Certificate, ClientKeyData: pair.Key,
	}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	return clientcmd.WriteToFile(*config, path)
}

func serverURL(port int) string { return fmt.Sprintf("https://127.0.0.1:%d", port) }

func schedulerConfig(kubeconfig string) string {
	return fmt.Sprintf(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: { leaderElect: false }
clientConnection: { kubeconfig: %q, qps: 500, burst: 1000 }
profiles:
  - schedulerName: default-scheduler
    plugins:
      preEnqueue: { enabled: [{ name: %s }] }
      filter: { enabled: [{ name: %s }] }
`, kubeconfig, claims.PluginName, scheduling.PluginName)
}

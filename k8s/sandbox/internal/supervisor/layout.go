package supervisor

import (
	"os"
	"path/filepath"
)

// Longer paths do not fit into a socket address (104 bytes on macOS, 108 on Linux).
const longestSocketPath = 100

// layout names the files of one sandbox.
type layout struct {
	dir string
	// sockets is dir, or a short folder under the system's temporary one where dir is too long for a socket.
	sockets string
}

func newLayout(dir string) (layout, error) {
	l := layout{dir: dir, sockets: dir}
	for _, part := range []string{"pki", "config", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return l, err
		}
	}
	if len(l.control()) <= longestSocketPath {
		return l, nil
	}
	short, err := os.MkdirTemp("", "forge-")
	l.sockets = short
	return l, err
}

func (l layout) state() string             { return filepath.Join(l.dir, "state.json") }
func (l layout) kubeconfig() string        { return filepath.Join(l.dir, "kubeconfig") }
func (l layout) etcdData() string          { return filepath.Join(l.dir, "etcd") }
func (l layout) pki(name string) string    { return filepath.Join(l.dir, "pki", name) }
func (l layout) config(n string) string    { return filepath.Join(l.dir, "config", n) }
func (l layout) log(program string) string { return filepath.Join(l.dir, "logs", program+".log") }
func (l layout) control() string           { return filepath.Join(l.sockets, "supervisor.sock") }
func (l layout) life() string              { return filepath.Join(l.sockets, "life.sock") }
func (l layout) etcdSocket() string        { return filepath.Join(l.sockets, "etcd.sock") }
func (l layout) peerSocket() string        { return filepath.Join(l.sockets, "peer.sock") }

func (l layout) remove() error {
	if l.sockets != l.dir {
		if err := os.RemoveAll(l.sockets); err != nil {
			return err
		}
	}
	return os.RemoveAll(l.dir)
}

package supervisor

import (
	"net"
	"os"
)

// openLife opens a socket on which nobody answers. The supervisor and every program of the sandbox hold it as long as they
// live, so whoever connects to it is disconnected by the kernel when the last of them has ended, however it ended.
func openLife(socket string) (*os.File, error) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, err
	}
	// Its name goes with the folder: who asks while the last program ends must find it.
	listener.SetUnlinkOnClose(false)
	defer listener.Close()
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, err
	}
	return listener.File()
}

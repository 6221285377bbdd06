//go:build unix

package supervisor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// reservePort binds a free port without listening on it. The API server shares it (--permit-port-sharing), so between
// choosing the port and serving on it nobody else can get it. The caller keeps the socket open.
func reservePort() (port, socket int, err error) {
	socket, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, 0, err
	}
	unix.CloseOnExec(socket)
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return 0, 0, err
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, 0, err
	}
	address, err := unix.Getsockname(socket)
	if err != nil {
		return 0, 0, err
	}
	bound, isIPv4 := address.(*unix.SockaddrInet4)
	if !isIPv4 {
		return 0, 0, fmt.Errorf("unexpected address %v", address)
	}
	return bound.Port, socket, nil
}

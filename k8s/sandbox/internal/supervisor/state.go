package supervisor

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

// The stages of a sandbox's life, as state.json and the control socket tell them.
const (
	statusStarting = "starting"
	statusRunning  = "running"
	statusStopping = "stopping"
	statusCrashed  = "crashed"
)

// Crash is the first program that ended without being told to.
type Crash struct {
	Program string    `json:"program"`
	Exit    string    `json:"exit"`
	At      time.Time `json:"at"`
	Log     string    `json:"log"`
	Lines   []string  `json:"lines"`
}

// Program is one process of the sandbox.
type Program struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	Log  string `json:"log"`
}

// State is what `forge sandbox status` shows.
type State struct {
	Options
	Status     string    `json:"status"`
	PID        int       `json:"pid"`
	StartedAt  time.Time `json:"startedAt"`
	ReadyAfter float64   `json:"readyAfterSeconds,omitempty"`
	Server     string    `json:"server"`
	Kubeconfig string    `json:"kubeconfig"`
	Kubernetes string    `json:"kubernetes,omitempty"`
	Socket     string    `json:"socket"`
	Programs   []Program `json:"programs"`
	Crash      *Crash    `json:"crash,omitempty"`
}

// record keeps the state in memory and in a file; the file is what is left when the supervisor is not.
type record struct {
	mutex sync.Mutex
	file  string
	state State
}

func (r *record) change(edit func(*State)) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	edit(&r.state)
	content, err := json.MarshalIndent(r.state, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(r.file, append(content, '\n'))
}

func (r *record) status() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.state.Status
}

func (r *record) json() ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return json.Marshal(r.state)
}

// replaceFile never shows a reader half a file.
func replaceFile(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

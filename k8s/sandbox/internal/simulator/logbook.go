package simulator

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

type line struct {
	at   time.Time
	text string
}

// stream is the log of one attempt of a container.
type stream struct {
	lines  []line
	closed bool
}

type volume struct {
	uid      types.UID
	current  map[string]*stream
	previous map[string]*stream
}

// logbook keeps the logs of all pods that exist.
type logbook struct {
	mutex   sync.Mutex
	changed *sync.Cond
	pods    map[types.NamespacedName]*volume
}

func newLogbook() *logbook {
	l := &logbook{pods: map[types.NamespacedName]*volume{}}
	l.changed = sync.NewCond(&l.mutex)
	return l
}

func nameOf(pod *corev1.Pod) types.NamespacedName {
	return types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
}

func (l *logbook) open(pod *corev1.Pod, container string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	v := l.pods[nameOf(pod)]
	if v == nil || v.uid != pod.UID {
		v = &volume{uid: pod.UID, current: map[string]*stream{}, previous: map[string]*stream{}}
		l.pods[nameOf(pod)] = v
	}
	if ended := v.current[container]; ended != nil {
		v.previous[container] = ended
	}
	v.current[container] = &stream{}
}

func (l *logbook) write(pod *corev1.Pod, container, text string) {
	l.with(pod, func(v *volume) {
		if s := v.current[container]; s != nil {
			s.lines = append(s.lines, line{time.Now(), text})
		}
	})
}

func (l *logbook) close(pod *corev1.Pod, container string) {
	l.with(pod, func(v *volume) {
		if s := v.current[container]; s != nil {
			s.closed = true
		}
	})
}

// retire makes the log of an attempt that has ended the previous one: while a container waits for its next attempt, a
// kubelet shows the last one under both names.
func (l *logbook) retire(pod *corev1.Pod, container string) {
	l.with(pod, func(v *volume) {
		if s := v.current[container]; s != nil {
			v.previous[container] = s
		}
	})
}

func (l *logbook) closeAll(pod *corev1.Pod) {
	l.with(pod, func(v *volume) {
		for _, s := range v.current {
			s.closed = true
		}
	})
}

func (l *logbook) forget(pod *corev1.Pod) {
	l.closeAll(pod)
	l.with(pod, func(*volume) { delete(l.pods, nameOf(pod)) })
}

func (l *logbook) with(pod *corev1.Pod, change func(*volume)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if v := l.pods[nameOf(pod)]; v != nil && v.uid == pod.UID {
		change(v)
		l.changed.Broadcast()
	}
}

// wake lets those who follow look whether they are still wanted. Under the lock: a reader between looking and waiting
// would miss it.
func (l *logbook) wake() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.changed.Broadcast()
}

// find gives the log of a container's attempt, or nil.
func (l *logbook) find(pod types.NamespacedName, container string, previous bool) *stream {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	v := l.pods[pod]
	if v == nil {
		return nil
	}
	if previous {
		return v.previous[container]
	}
	return v.current[container]
}

// next gives the lines after the first n. While following it waits for more; more is false after the last line.
func (l *logbook) next(s *stream, n int, follow bool, isOver func() bool) (lines []line, more bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for follow && len(s.lines) == n && !s.closed && !isOver() {
		l.changed.Wait()
	}
	return s.lines[n:], follow && !s.closed && !isOver()
}

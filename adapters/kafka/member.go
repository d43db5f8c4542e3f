package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// member is one subscription's membership of a group. It exists to leave
// properly: a member that goes without a word makes the others wait for its
// session, and kafka-go does that when it is closed while it joins (it returns
// from a rebalance in progress without leaving).
type member struct {
	group        *kafkago.ConsumerGroup
	conns        *connSet
	client       *Client
	closeTimeout time.Duration

	mu      sync.Mutex
	groupID string
	id      string // of the last generation; empty before the first
	reading bool   // a generation is running
}

func (m *member) reads(gen *kafkago.Generation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.groupID, m.id, m.reading = gen.GroupID, gen.MemberID, true
}

func (m *member) ended() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reading = false
}

// leave closes the group after ctx has ended. It takes closeTimeout for a join
// that is under way and closeTimeout for the leave itself, then cuts the
// group's connections: a JoinGroup may hang for the whole rebalance timeout.
func (m *member) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.closeTimeout)
	defer cancel()
	m.settle(ctx)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = m.group.Close() // always nil
	}()
	timer := time.NewTimer(m.closeTimeout)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
		m.conns.cut() // kafka-go may open one more, to leave
		<-closed
	}
	m.conns.close()
	m.sayLeave(ctx)
}

// settle lets a join that is under way come to its end, so that kafka-go knows
// its member id and leaves by it.
func (m *member) settle(ctx context.Context) {
	m.mu.Lock()
	reading := m.reading
	m.mu.Unlock()
	if reading {
		return
	}
	for {
		gen, err := m.group.Next(ctx)
		if err == nil {
			m.reads(gen)
			return
		}
		if !errors.Is(err, kafkago.RebalanceInProgress) {
			return // out of time, or kafka-go has left already
		}
	}
}

// sayLeave tells the broker once more, in case a rebalance was under way. The
// answer is of no use: usually the member is unknown by now.
func (m *member) sayLeave(ctx context.Context) {
	m.mu.Lock()
	groupID, id := m.groupID, m.id
	m.mu.Unlock()
	if id == "" {
		return
	}
	_, _ = m.client.kafka.LeaveGroup(ctx, &kafkago.LeaveGroupRequest{
		GroupID: groupID,
		Members: []kafkago.LeaveGroupRequestMember{{ID: id}},
	})
}

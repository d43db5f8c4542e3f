package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/brokers"
	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/stream"
)

// openBroker connects to the configured brokers, or starts the embedded one on the data folder, whose lock the caller holds.
func openBroker(ctx context.Context, cfg *config.Config, env func(string) string, partitions int, logger *slog.Logger, now func() time.Time) (*brokers.Broker, error) {
	opts, err := brokerOptions(cfg, env, logger)
	if err != nil {
		return nil, err
	}
	opts.Partitions, opts.Now = partitions, now
	return brokers.Open(ctx, opts)
}

func brokerOptions(cfg *config.Config, env func(string) string, logger *slog.Logger) (brokers.Options, error) {
	opts, err := kafkaOptions(cfg, env)
	return brokers.Options{Kafka: opts, Folder: brokerPath(cfg.Data), Prefix: cfg.Kafka.TopicPrefix, Replication: cfg.Kafka.Replication, Logger: logger, Now: time.Now}, err
}

// eraseStream removes what the stream holds of a merchant.
func eraseStream(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger) error {
	opts, err := brokerOptions(cfg, env, logger)
	if err != nil {
		return err
	}
	return brokers.Erase(ctx, opts)
}

// searchStream looks for a merchant's topics on shared brokers; others are files.
func searchStream(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger) (place fleet.Place, looked bool, err error) {
	opts, err := brokerOptions(cfg, env, logger)
	if err != nil || !cfg.InCluster() {
		return place, false, err
	}
	place.Where = "topics"
	place.Found, place.Looked, err = brokers.Search(ctx, opts)
	return place, true, err
}

func brokerPath(data string) string { return filepath.Join(data, "broker") }

// lockFolder owns the data folder: its lock is the broker's, also where no broker is opened.
func lockFolder(data string) (unlock func() error, err error) {
	unlock, err = embedkafka.Lock(brokerPath(data))
	if errors.Is(err, embedkafka.ErrLocked) {
		return nil, fmt.Errorf("data folder %s belongs to another evenstock process: stop that one, or name another folder with --data", data)
	}
	return unlock, err
}

// checkBroker looks at where the stream is kept.
func checkBroker(cfg *config.Config, env func(string) string) health.Probe {
	if !cfg.InCluster() {
		return health.BrokerFolder(brokerPath(cfg.Data))
	}
	return health.Brokers(cfg.Kafka.Brokers, func() ([]string, error) {
		opts, err := kafkaOptions(cfg, env)
		if err != nil {
			return nil, err
		}
		return kafka.Inspect(opts, func(topic string) bool {
			name, is := strings.CutPrefix(topic, cfg.Kafka.TopicPrefix)
			return is && stream.IsTopic(name)
		})
	})
}

// kafkaOptions say where the configured brokers are, and how they are spoken to.
func kafkaOptions(cfg *config.Config, env func(string) string) (kafka.Options, error) {
	opts := kafka.Options{Brokers: cfg.Kafka.Brokers}
	security, err := cfg.KafkaSecurity(env)
	if err != nil {
		return opts, err
	}
	return opts, opts.Secure(kafka.Security(security))
}

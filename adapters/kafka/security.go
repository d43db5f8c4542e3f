package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// The ways to log in that brokers offer and this client knows.
const (
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
)

// Security is how brokers are spoken to. The zero value is in the clear and
// without a login.
type Security struct {
	// TLS encrypts connections and has brokers show who they are.
	TLS bool

	// CAFile holds the certificates, as PEM, that vouch for brokers. Default:
	// those that the system trusts.
	CAFile string

	// CertFile and KeyFile are what this client shows of itself, as PEM, to
	// brokers that ask for it.
	CertFile, KeyFile string

	// Mechanism is Plain, ScramSHA256, ScramSHA512, or empty for no login.
	// Plain tells the broker the password: without TLS everybody on the way.
	Mechanism      string
	User, Password string
}

// Secure sets TLS and SASL. Files are read now: who replaces one starts anew.
// No error holds the password.
func (o *Options) Secure(s Security) error {
	if !s.TLS && (s.CAFile != "" || s.CertFile != "" || s.KeyFile != "") {
		return errors.New("securing the connection to kafka: certificates are given, and TLS is not asked for")
	}
	var err error
	if s.TLS {
		if o.TLS, err = s.tls(); err != nil {
			return fmt.Errorf("securing the connection to kafka: %w", err)
		}
	}
	if o.SASL, err = s.sasl(); err != nil {
		return fmt.Errorf("securing the connection to kafka: %w", err)
	}
	return nil
}

func (s Security) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", s.CAFile)
		}
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		return nil, errors.New("a certificate needs its key, and a key its certificate")
	}
	if s.CertFile != "" {
		own, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

func (s Security) sasl() (sasl.Mechanism, error) {
	if s.Mechanism == "" {
		if s.User != "" || s.Password != "" {
			return nil, errors.New("a user or password is given, and no mechanism to log in by")
		}
		return nil, nil
	}
	if s.User == "" || s.Password == "" {
		return nil, fmt.Errorf("%s needs a user and a password", s.Mechanism)
	}
	switch s.Mechanism {
	case Plain:
		return plain.Mechanism{Username: s.User, Password: s.Password}, nil
	case ScramSHA256:
		return scramMechanism(scram.SHA256, s)
	case ScramSHA512:
		return scramMechanism(scram.SHA512, s)
	}
	return nil, fmt.Errorf("unknown mechanism %.40q: %s, %s or %s", s.Mechanism, Plain, ScramSHA256, ScramSHA512)
}

// scramMechanism prepares a login whose rules for letters may refuse a
// password. What they say of it is not passed on.
func scramMechanism(algorithm scram.Algorithm, s Security) (sasl.Mechanism, error) {
	mechanism, err := scram.Mechanism(algorithm, s.User, s.Password)
	if err != nil {
		return nil, fmt.Errorf("%s does not take this user or password: it holds what SASLprep forbids, such as control characters", s.Mechanism)
	}
	return mechanism, nil
}

// untrusted says whether TLS failed in a way that trying again does not cure:
// one side does not take the other's certificate, or there is no TLS.
func untrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var op *net.OpError
	return errors.As(err, &certificate) || errors.As(err, &noTLS) || errors.As(err, &op) && op.Op == "remote error"
}

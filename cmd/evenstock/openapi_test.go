package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOpenAPIPrintsTheDocument needs no configuration and nothing that runs.
func TestOpenAPIPrintsTheDocument(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"openapi"}, noEnv, &stdout, &stderr), stderr.String())
	want, err := os.ReadFile("../../testdata/api/openapi.golden")
	require.NoError(t, err)
	require.Equal(t, string(want), stdout.String())
}
